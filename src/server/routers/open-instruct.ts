import { Router, type Request, type Response } from "express";
import { z } from "zod";

import { inlineProblem } from "../../grading/problems/inline.js";
import type { Problem } from "../../grading/types.js";
import type { Service } from "../contract.js";
import { BODY_LIMIT, BadRequestError, callerOf, jsonBody } from "../http.js";
import { gradeEach } from "./each-test.js";
import { answerInDetail, parseBody } from "./fastapi.js";
import { readAssertions } from "./labels.js";
import { limitSeconds } from "./sandbox-fusion-data.js";

const requestSchema = z.object({
  program: z.string(),
  /** A list, or a JSON text of one. */
  tests: z.union([z.array(z.unknown()).max(100_000), z.string()]).nullish(),
  /** Seconds for each test. */
  max_execution_time: z.number().positive().max(3600).default(1),
});
const stdioTests = z.array(z.object({ input: z.string(), output: z.string() }));

/** Its client waits ten times the time of a test, at least 30 s and at most 300 s. */
const patience = (seconds: number): number => Math.max(30, Math.min(300, 10 * seconds)) * 1000 - 2000;

/**
 * open-instruct's code server (`open_instruct/code_utils/api.py`): `POST /test_program`, `POST /test_program_stdio` and
 * `GET /health`. Results are 1 or 0 for each test, runtimes are seconds, -1 where a test did not pass.
 *
 * Its client cannot be told of a fault: it scores every failed request as 0, and tries none again. So a full queue and a
 * fault of ours are waited out until shortly before it gives up, and only then answered with a 503.
 */
export function openInstructRouter(service: Service): Router {
  const router = Router();
  const body = jsonBody(BODY_LIMIT.large);

  router.get("/health", (_req, res) => void res.json({ status: "healthy" }));

  router.post("/test_program", body, (req, res) => answer(req, res, (tests) => readAssertions(tests, "", "tests")));

  router.post("/test_program_stdio", body, (req, res) =>
    answer(req, res, (tests) =>
      inlineProblem({ tests: { kind: "stdin", cases: parseBody(stdioTests, tests, "tests") } }),
    ),
  );

  async function answer(req: Request, res: Response, read: (tests: unknown[]) => Problem): Promise<void> {
    const { program, tests, max_execution_time: seconds } = parseBody(requestSchema, req.body);
    const list = readTests(tests ?? []);
    if (list.length === 0) return void res.json({ results: [], runtimes: [] });
    const caller = callerOf(req, res, { deadlineMs: patience(seconds) });
    const problem = read(list);
    if (problem.invalid !== null) throw new BadRequestError(problem.invalid, "tests", 422);
    const limits = limitSeconds(seconds);
    const sample = { taskId: problem.id, completion: null, solution: program, row: {} };
    const records = await gradeEach(
      service,
      { problem, sample, limits, all: true, totalMs: null, insist: true },
      caller,
    );
    res.json({
      results: records.map((record) => Number(record?.passed === true)),
      runtimes: records.map((record) => (record?.passed === true ? record.usage.wall_ms / 1000 : -1)),
    });
  }

  router.use(answerInDetail(503));
  return router;
}

/** @throws BadRequestError for the form of base64, zlib and pickle: a pickle can make its reader run any code */
function readTests(tests: unknown[] | string): unknown[] {
  if (typeof tests !== "string") return tests;
  let value: unknown;
  try {
    value = tests.trim() === "" ? [] : (JSON.parse(tests) as unknown);
  } catch {
    throw new BadRequestError("must be a list or a JSON text; pickled tests are refused", "tests", 422);
  }
  return parseBody(z.array(z.unknown()).max(100_000), value, "tests");
}
