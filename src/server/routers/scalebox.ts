import { Router } from "express";
import { z } from "zod";

import { sliceArray, sliceObject } from "../../grading/input/raw-json.js";
import { inlineProblem } from "../../grading/problems/inline.js";
import type { Problem } from "../../grading/types.js";
import type { Limits } from "../../sandbox/contract.js";
import type { Service } from "../contract.js";
import { BODY_LIMIT, BadRequestError, bodyText, callerOf, jsonBody } from "../http.js";
import { evaluate, evaluateNothing } from "./eval-result.js";
import { answerInDetail, parseBody } from "./fastapi.js";
import { expectExactly, readPairs } from "./pairs.js";
import { configSchema, limitSeconds, readHumanEval } from "./sandbox-fusion-data.js";
import { findLanguage } from "./sandbox-fusion-wire.js";
import { refuseForeignCode } from "./sandbox-fusion.js";

const testCasesSchema = z.object({
  type: z.enum(["stdin_stdout", "function_call", "assert"]).nullish(),
  fn_name: z.string().nullish(),
  json_input: z.boolean().nullish(),
  input: z.array(z.unknown()).max(100_000).default([]),
  output: z.array(z.unknown()).max(100_000).default([]),
});

const requestSchema = z.object({
  dataset: z.string().default(""),
  id: z.union([z.int(), z.string()]).default(0),
  completion: z.string(),
  config: configSchema.extend({ memory_limit_mb: z.number().nullish(), mem_limit: z.number().nullish() }),
});
const extraSchema = z.object({
  run_all_cases: z.boolean().nullish(),
  total_timeout: z
    .number()
    .positive()
    .max(24 * 3600)
    .nullish(),
  special_judge_program: z.null("is not supported").optional(),
});
type Config = z.output<typeof requestSchema>["config"];

/** ScaleBox's client waits for compile + run + 10 s, like verl's; its own times default to 30 s. */
const CLIENT_EXTRA_MS = 10_000;
const MARGIN_MS = 2_000;
/** Seconds that all tests may take together where a request does not say. */
const TOTAL_SECONDS = 1000;

/**
 * ScaleBox (https://github.com/icip-cas/ScaleBox): `/common_evaluate_batch`, all tests of a sample in one request.
 *
 * A fault of ours, a full queue and a deadline are all 504: its client tries a 500 and a 504 again (three times), and
 * scores every other status, and a test with `SandboxError`, as failed.
 */
export function scaleboxRouter(service: Service): Router {
  const router = Router();

  router.post("/common_evaluate_batch", jsonBody(BODY_LIMIT.large), async (req, res) => {
    const { id, completion, config } = parseBody(requestSchema, req.body);
    if (!config.language) {
      throw new BadRequestError("config.language field must exist, got None", "config.language");
    }
    refuseForeignCode(config);
    const extra = parseBody(extraSchema, config.extra ?? {}, "config.extra");
    const patienceMs = ((config.compile_timeout ?? 10) + (config.run_timeout ?? 10)) * 1000 + CLIENT_EXTRA_MS;
    const caller = callerOf(req, res, { deadlineMs: patienceMs - MARGIN_MS });
    const language = findLanguage(config.language);
    if (language === undefined) {
      return void res.json(evaluateNothing(id, `${config.language} is not installed here`));
    }
    const problem = readProblem(String(id), config, bodyText(req));
    const limits = readLimits(config);
    const totalMs = (extra.total_timeout ?? TOTAL_SECONDS) * 1000;
    const all = extra.run_all_cases === true;
    res.json(await evaluate(service, { id, problem, completion, language, limits, all, totalMs }, caller));
  });

  router.use(answerInDetail(504));
  return router;
}

function readLimits({ run_timeout, memory_limit_mb, mem_limit }: Config): Partial<Limits> {
  const megabytes = memory_limit_mb ?? mem_limit ?? -1;
  return { ...limitSeconds(run_timeout ?? 10), ...(megabytes > 0 ? { memoryKb: megabytes * 1024 } : {}) };
}

const PLACE = "config.provided_data.test_cases";

/** @param body the request as it was written, for numbers that JSON.parse would round */
function readProblem(id: string, { provided_data: data }: Config, body: string): Problem {
  if (data === null || data === undefined || Array.isArray(data)) {
    throw new BadRequestError("must be an object", "config.provided_data", 422);
  }
  const cases = parseBody(testCasesSchema, data["test_cases"], PLACE);
  if (cases.type === "assert") return readHumanEval(id, data["test_cases"] as Record<string, unknown>, PLACE);
  if (cases.input.length !== cases.output.length) {
    throw new BadRequestError("must be as long as output", `${PLACE}.input`, 422);
  }
  const calls = cases.type === "function_call" || (!cases.type && typeof cases.fn_name === "string");
  if (!calls) return inlineProblem({ id, tests: { kind: "stdin", cases: readStdin(cases.input, cases.output) } });
  const functionName = parseBody(z.string(), cases.fn_name, `${PLACE}.fn_name`);
  const raw = sliceAt(body, ["config", "provided_data", "test_cases"]);
  if (cases.json_input === true && typeof cases.input[0] === "string") {
    const part = (name: string): string => raw.get(name)?.raw ?? "[]";
    const text = `{"inputs":${part("input")},"outputs":${part("output")},"fn_name":${JSON.stringify(functionName)}}`;
    return readPairs(text, PLACE, id);
  }
  const odd = cases.input.findIndex((input) => !Array.isArray(input));
  if (odd !== -1) throw new BadRequestError("must be a list of arguments", `${PLACE}.input[${odd}]`, 422);
  const outputs = sliceArray(raw.get("output")?.raw ?? "[]");
  const rows = sliceArray(raw.get("input")?.raw ?? "[]").map((input, index) => ({
    args: input.raw,
    expected: expectExactly(firstOf(outputs[index]?.raw ?? "null")),
  }));
  return inlineProblem({ id, tests: { kind: "calls", functionName, cases: rows } });
}

/** What a call must return stands in a list of one. */
function firstOf(raw: string): string {
  return raw.startsWith("[") ? (sliceArray(raw)[0]?.raw ?? "null") : raw;
}

function readStdin(inputs: readonly unknown[], outputs: readonly unknown[]) {
  const text = (value: unknown, name: string, index: number): string =>
    parseBody(z.string(), value, `${PLACE}.${name}[${index}]`);
  return inputs.map((input, index) => ({
    input: text(input, "input", index),
    output: text(outputs[index], "output", index),
  }));
}

function sliceAt(body: string, path: readonly string[]): ReturnType<typeof sliceObject> {
  return path.reduce((members, name) => sliceObject(members.get(name)?.raw ?? "{}"), sliceObject(body));
}
