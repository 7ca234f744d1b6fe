import { randomUUID } from "node:crypto";

import { Router } from "express";
import { z } from "zod";

import { sliceObject } from "../../grading/input/raw-json.js";
import { extractProgram } from "../../grading/extraction/index.js";
import type { Problem, Verdict, VerdictRecord } from "../../grading/types.js";
import type { Service } from "../contract.js";
import { BODY_LIMIT, BadRequestError, bodyText, callerOf, jsonBody } from "../http.js";
import { askPatiently } from "../patience.js";
import { answerInDetail, parseBody, requireScored } from "./fastapi.js";
import { aggregateMetrics, responsesSchema } from "./nemo-gym-metrics.js";
import { readPairs } from "./pairs.js";
import { limitSeconds } from "./sandbox-fusion-data.js";

const content = z.looseObject({ type: z.string(), text: z.string().optional() });
const message = z.looseObject({
  type: z.string().optional(),
  content: z.union([z.string(), z.array(content)]).optional(),
});
const verifySchema = z.looseObject({
  responses_create_params: z.looseObject({}),
  response: z.looseObject({ output: z.array(message) }),
  verifier_metadata: z
    .looseObject({
      task_id: z.union([z.string(), z.int()]).optional(),
      unit_tests: z.looseObject({ inputs: z.array(z.unknown()), outputs: z.array(z.unknown()) }).optional(),
      difficulty: z.string().nullish(),
    })
    .nullish(),
});
type VerifyRequest = z.output<typeof verifySchema>;

/** For each test: `unit_test_timeout_secs` of NeMo-Gym's `code_gen`. */
const TEST_SECONDS = 10;

/**
 * A resources server of NeMo-Gym (https://github.com/NVIDIA-NeMo/Gym), with the answers of its `code_gen` for rows with
 * `verifier_metadata.unit_tests`, and by id of a loaded set for rows with `verifier_metadata.task_id`.
 *
 * A fault of ours, a full queue and a deadline are 503: NeMo-RL takes statuses from 500 for faults of the infrastructure,
 * which it tries again, and other statuses for faults of the row. NeMo-Gym waits for ever, so there is no deadline here
 * but one that the request brings; the 60 s of verifiers' client show as a hang-up.
 */
export function nemoGymRouter(service: Service): Router {
  const router = Router();

  router.post("/seed_session", jsonBody(BODY_LIMIT.usual), (_req, res) => {
    // Agents hand the cookie on to the later requests of a rollout; nothing is kept for it here.
    res.cookie("assay_session", randomUUID(), { httpOnly: true, sameSite: "lax" });
    res.json({});
  });

  router.post("/verify", jsonBody(BODY_LIMIT.large), async (req, res) => {
    const request = parseBody(verifySchema, req.body);
    const caller = callerOf(req, res);
    const difficulty = request.verifier_metadata?.difficulty ?? null;
    const output = readOutput(request);
    if (output.trim() === "") return void res.json({ ...request, reward: 0, difficulty });
    const problem = readProblem(service, request, bodyText(req));
    const sample = { taskId: problem.id, completion: output, solution: null, row: {} };
    const { source } = extractProgram(problem, sample, "auto");
    const found = { ...request, extracted_model_output: output, extracted_model_code: source, difficulty };
    if (source === null) return void res.json({ ...found, reward: 0 });
    const task = { problem, sample: { ...sample, completion: null, solution: source } };
    const record = requireScored(await askPatiently(() => service.grade(task, caller), caller));
    res.json({ ...found, reward: Number(record.passed), ...describeResult(record) });
  });

  router.post("/aggregate_metrics", jsonBody(BODY_LIMIT.large), (req, res) => {
    res.json(aggregateMetrics(parseBody(responsesSchema, req.body).verify_responses));
  });

  // The same rollout can be verified again at any time.
  router.get("/reverify_mode", (_req, res) => void res.json("stateless"));

  router.use(answerInDetail(503));
  return router;
}

/** What the model said: the texts of its messages, without its reasoning and its calls of tools. */
function readOutput({ response }: VerifyRequest): string {
  return response.output
    .filter(({ type = "message" }) => type === "message")
    .flatMap(({ content: parts = [] }) => (typeof parts === "string" ? [{ type: "output_text", text: parts }] : parts))
    .map(({ type, text = "" }) => (type === "output_text" ? text : ""))
    .join("");
}

/** @param body the request as it was written, for numbers that JSON.parse would round */
function readProblem(service: Service, { verifier_metadata: metadata }: VerifyRequest, body: string): Problem {
  if (metadata?.unit_tests !== undefined) {
    const raw = sliceObject(sliceObject(body).get("verifier_metadata")?.raw ?? "{}").get("unit_tests")?.raw ?? "{}";
    const problem = readPairs(raw, "verifier_metadata.unit_tests");
    return { ...problem, limits: limitSeconds(TEST_SECONDS) };
  }
  const id = metadata?.task_id;
  if (id === undefined) throw new BadRequestError("must have unit_tests or task_id", "verifier_metadata", 422);
  const problem = service.findProblem(String(id));
  if (problem === undefined) {
    throw new BadRequestError("names no problem of a loaded set", "verifier_metadata.task_id", 422);
  }
  return problem;
}

/** LiveCodeBench's numbers for the test that failed, after which no other is run. */
const ERROR_CODES: Partial<Record<Verdict, number>> = { wrong_answer: -2, time_limit: -3, runtime_error: -4 };

function describeResult(record: VerdictRecord) {
  const { verdict, tests, first_failure: failure, usage } = record;
  const code = ERROR_CODES[verdict] ?? (verdict === "memory_limit" || verdict === "output_limit" ? -4 : -1);
  const passed = Array.from({ length: tests.passed }, () => true);
  const metadata =
    failure === null
      ? {}
      : {
          error_code: code,
          error_message: verdict,
          inputs: failure.input,
          expected: failure.expected,
          output: failure.actual,
        };
  return {
    result: record.passed ? passed : [...passed, code],
    metadata: { ...metadata, verdict, queue_ms: usage.queue_ms },
    unit_tests_time_taken: usage.wall_ms / 1000,
  };
}
