import { z } from "zod";

import { inlineProblem } from "../../grading/problems/inline.js";
import type { Problem } from "../../grading/types.js";
import type { Limits } from "../../sandbox/contract.js";
import type { Service } from "../contract.js";
import { BadRequestError } from "../http.js";
import { parseBody } from "./fastapi.js";
import { readPairs } from "./pairs.js";
import { LANGUAGE_NAMES } from "./sandbox-fusion-wire.js";

const row = z.record(z.string(), z.unknown());
const seconds = z
  .number()
  .positive()
  .max(24 * 3600)
  .nullish();

/** `sandbox/datasets/types.py`, TestConfig; what is not read here may be there. */
export const configSchema = z.object({
  dataset_type: z.string().nullish(),
  language: z.preprocess(
    (name) => (name === "javascript" || name === "js" ? "nodejs" : name),
    z.enum(LANGUAGE_NAMES).nullish(),
  ),
  compile_timeout: seconds,
  run_timeout: seconds,
  custom_extract_logic: z.string().nullish(),
  provided_data: z.union([row, z.array(row)]).nullish(),
  extra: row.nullish(),
});
export type TestConfig = z.output<typeof configSchema>;

const taskId = z.union([z.int(), z.string()]);
export const promptsSchema = z.object({
  dataset: z.string(),
  config: configSchema,
  offset: z.int().nonnegative().default(0),
  limit: z.int().nonnegative().default(1_000_000),
});
export const promptByIdSchema = z.object({ dataset: z.string(), config: configSchema, id: taskId });
export const submitSchema = promptByIdSchema.extend({ completion: z.string() });

/**
 * Limits for a time in seconds. SandboxFusion limits elapsed time. In ours, waiting for a processor does not count, so that
 * the limit of elapsed time can be the same.
 */
export function limitSeconds(seconds: number): Pick<Limits, "cpuMs" | "wallMs"> {
  return { cpuMs: seconds * 1000, wallMs: seconds * 1000 };
}

export interface Prompt {
  readonly id: number | string;
  readonly prompt: string;
  readonly labels: Readonly<Record<string, unknown>>;
}

/** The prompts of a loaded set, or of the rows that a request brings. */
export function listPrompts(
  service: Service,
  { dataset, config, offset, limit }: z.output<typeof promptsSchema>,
): Prompt[] {
  const set = service.sets.get(dataset);
  const prompts = set === undefined ? readRows(dataset, config) : set.problems.map(describePrompt);
  return prompts.slice(offset, offset + limit);
}

/** @throws BadRequestError with 404 where the set has no such problem */
export function findInSet(service: Service, dataset: string, id: number | string): Problem | undefined {
  if (!service.sets.has(dataset)) return undefined;
  const problem = service.findProblem(String(id), dataset);
  if (problem === undefined) throw new BadRequestError(`there is no problem ${String(id)} in this dataset`, "id", 404);
  return problem;
}

/** Labels tell what a model may know: no tests, no reference. */
export function describePrompt({ id, prompt, format, entryPoint, starterCode, difficulty }: Problem): Prompt {
  return { id, prompt, labels: { format, entry_point: entryPoint, starter_code: starterCode, difficulty } };
}

const promptRow = z.object({
  id: taskId,
  content: z.string().optional(),
  prompt: z.string().optional(),
  labels: row.optional(),
});

function readRows(dataset: string, { provided_data }: TestConfig): Prompt[] {
  if (!Array.isArray(provided_data)) throw unknownDataset(dataset);
  return provided_data.map((one) => {
    const { id, content, prompt, labels = {} } = parseBody(promptRow, one);
    return { id, prompt: content ?? prompt ?? "", labels };
  });
}

function unknownDataset(dataset: string): BadRequestError {
  return new BadRequestError(`no eval class found for dataset ${JSON.stringify(dataset.slice(0, 100))}`, "dataset");
}

/**
 * The problem that a `/submit` is about: of a loaded set, or made of `config.provided_data` as the class named by
 * `config.dataset_type` reads it.
 */
export function findSubmitted(service: Service, { dataset, id, config }: z.output<typeof submitSchema>): Problem {
  const found = findInSet(service, dataset, id);
  if (found !== undefined) return found;
  const { dataset_type: type, provided_data: data } = config;
  if (typeof type !== "string") throw unknownDataset(dataset);
  const read = Object.hasOwn(CLASSES, type) ? CLASSES[type] : undefined;
  if (read === undefined) throw new BadRequestError(`eval class not found`, "config.dataset_type");
  if (data === null || data === undefined || Array.isArray(data)) {
    throw new BadRequestError("must be an object: the problem's row", "config.provided_data");
  }
  return read(String(id), data);
}

const CLASSES: Record<string, (id: string, data: Record<string, unknown>) => Problem> = {
  CommonOJDataset: readCommonOj,
  HumanEvalDataset: readHumanEval,
  MBPPDataset: readMbpp,
  LiveCodeBenchDataset: readLiveCodeBench,
};

/** A field may be a JSON text of the value, as rows of its data base are. */
function orText<Schema extends z.ZodType>(schema: Schema) {
  const unpack = (value: unknown, context: z.RefinementCtx): unknown => {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue({ code: "custom", message: "is no JSON" });
      return z.NEVER;
    }
  };
  return z.unknown().transform(unpack).pipe(schema);
}

const commonOj = z.object({
  test: orText(z.array(z.object({ input: z.object({ stdin: z.string() }), output: z.object({ stdout: z.string() }) }))),
});

function readCommonOj(id: string, data: Record<string, unknown>): Problem {
  const { test } = parseData(commonOj, data);
  const cases = test.map(({ input, output }) => ({ input: input.stdin, output: output.stdout }));
  return inlineProblem({ id, tests: { kind: "stdin", cases } });
}

const humanEval = z.object({ prompt: z.string().default(""), entry_point: z.string(), test: z.string() });

/** A test as HumanEval has it: it defines `check(candidate)`. */
export function readHumanEval(id: string, data: Record<string, unknown>, at = "config.provided_data"): Problem {
  const { prompt, entry_point: entryPoint, test } = parseBody(humanEval, data, at);
  const call = /^check\(/m.test(test) ? "\n" : `\n\ncheck(${entryPoint})\n`;
  return inlineProblem({
    ...{ id, prompt, entryPoint, format: "humaneval" },
    tests: {
      kind: "assertions",
      prelude: prompt,
      names: [entryPoint],
      checks: [{ source: test + call }],
      countAssertions: true,
    },
  });
}

const mbpp = z.object({ test_list: orText(z.array(z.string())), test_setup_code: z.string().nullish() });

function readMbpp(id: string, data: Record<string, unknown>): Problem {
  const { test_list, test_setup_code } = parseData(mbpp, data);
  const checks = test_list.map((source) => ({ source: `${source}\n` }));
  return inlineProblem({ id, tests: { kind: "assertions", prelude: `${test_setup_code ?? ""}\n`, checks } });
}

const liveCodeBench = z.object({ test: orText(z.object({ input_output: z.string() })) });

/** Its other form, a pickle, can be made to run code in its reader. */
function readLiveCodeBench(id: string, data: Record<string, unknown>): Problem {
  const { input_output: text } = parseData(liveCodeBench, data).test;
  return readPairs(text, "config.provided_data.test.input_output", id);
}

function parseData<Schema extends z.ZodType>(schema: Schema, data: unknown): z.output<Schema> {
  return parseBody(schema, data, "config.provided_data");
}
