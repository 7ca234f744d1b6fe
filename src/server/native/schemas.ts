import { z } from "zod";

import { COMPARATOR_NAMES } from "../../grading/comparators/index.js";
import { ANSWER_POLICIES, type AnswerPolicyName } from "../../grading/mathematics/policies.js";
import { EXTRACTION_POLICIES, type ExtractionPolicy } from "../../grading/extraction/index.js";
import { VERDICTS } from "../../grading/types.js";
import { MOST } from "../request-limits.js";

/** What the native routes take. The OpenAPI description is made of these, so what they say there is what is checked. */

const count = (most: number, unit: string) => z.int().min(1).max(most).describe(unit);
const MOST_CASES = 20_000;

export const limits = z
  .strictObject({
    cpu_ms: count(MOST.cpuMs, "CPU time, milliseconds; 4000 by default"),
    wall_ms: count(MOST.wallMs, "elapsed time, milliseconds; 3 times the CPU time by default, at least 2 s more"),
    memory_kb: count(MOST.memoryKb, "peak resident memory, KiB"),
    output_bytes: count(MOST.outputBytes, "bytes on stdout and on stderr, each"),
    file_bytes: count(MOST.fileBytes, "largest file"),
    open_files: count(MOST.openFiles, "file descriptors"),
    processes: count(MOST.processes, "threads, the main one included"),
    stack_kb: count(MOST.stackKb, "main thread's stack, KiB"),
  })
  .partial()
  .describe("Limits of each run; what is not stated is the problem's, else the default.");

const timeMultipliers = z
  .record(z.string().max(40), z.number().positive().max(100))
  .describe("by ids or aliases of languages: by what time limits are multiplied for programs in them");

const name = z.string().min(1).max(200);
const anyJson = z.unknown();

const tests = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("stdin"),
    cases: z.array(z.strictObject({ input: z.string(), output: z.string() })).max(MOST_CASES),
  }),
  z.strictObject({
    kind: z.literal("calls"),
    function_name: name,
    cases: z
      .array(z.strictObject({ args: z.array(anyJson), expected: anyJson }))
      .max(MOST_CASES)
      .describe("Numbers are taken as they are written: 1 and 1.0 differ, and no integer is rounded."),
  }),
  z.strictObject({
    kind: z.literal("assertions"),
    checks: z.array(z.string()).max(MOST_CASES).describe("Python; each is one test"),
    prelude: z.string().optional().describe("Python, executed before the checks, away from the program"),
    names: z.array(name).max(1000).optional().describe("the program's functions and classes that the checks use"),
    count_assertions: z.boolean().optional().describe("count each assert statement of the checks as a test"),
  }),
]);

export const inlineProblem = z
  .strictObject({
    id: name.optional(),
    tests,
    entry_point: name.nullish(),
    format: z.enum(["humaneval", "evalplus", "mbpp", "apps"]).optional(),
    prompt: z.string().optional(),
    starter_code: z.string().optional(),
    limits: limits.optional(),
    time_multipliers: timeMultipliers.optional(),
  })
  .describe("A problem that comes with the request.");

const comparator = z.enum(COMPARATOR_NAMES).describe("how outputs are compared");
const extraction = z
  .enum(Object.keys(EXTRACTION_POLICIES) as [ExtractionPolicy, ...ExtractionPolicy[]])
  .describe("how code is taken out of a completion");

export const gradeOptions = z
  .strictObject({
    comparator,
    extraction,
    equivalence: z
      .enum(Object.keys(ANSWER_POLICIES) as [AnswerPolicyName, ...AnswerPolicyName[]])
      .describe("how answers to questions are found and compared"),
    all_tests: z.boolean().describe("run every test even after one has failed"),
    limits,
    time_multipliers: timeMultipliers,
    cache: z.boolean().describe("false: neither answer from remembered work nor remember this"),
  })
  .partial();

const sampleShape = {
  task_id: z
    .union([z.string().max(200), z.int()])
    .optional()
    .describe("id of a problem of a loaded set"),
  problem: z
    .union([name, z.looseObject({})])
    .optional()
    .describe(
      "instead of task_id: an id, a problem with its tests, or a row of HumanEval, EvalPlus, MBPP, APPS, MATH or GSM8K",
    ),
  set: name.optional().describe("the loaded set that the id is looked up in; all of them by default"),
  completion: z.string().nullish().describe("the text a model produced"),
  solution: z.string().nullish().describe("or a whole program"),
  language: z
    .string()
    .max(40)
    .nullish()
    .describe("what the program is written in; by default the problem's language, else what its code block says"),
  options: gradeOptions.optional(),
  id: z
    .union([z.string().max(200), z.number()])
    .optional()
    .describe("given back with the verdict"),
};

/** Other fields are let through: a row of a samples file is a request. */
export const gradeRequest = z.looseObject(sampleShape);
export type GradeRequest = z.output<typeof gradeRequest>;

const bytes = z.base64();

export const runRequest = z.strictObject({
  language: z.string().max(40).default("python").describe("an id or alias of a language that is installed"),
  source: z.string(),
  stdin: z.string().optional(),
  stdin_base64: bytes.optional().describe("instead of stdin"),
  files: z
    .array(z.strictObject({ path: z.string(), content: z.string().optional(), content_base64: bytes.optional() }))
    .max(256)
    .optional()
    .describe("put into the working folder; each has content or content_base64"),
  fetch: z.array(z.string()).max(256).optional().describe("paths wanted back"),
  args: z.array(z.string()).max(1024).optional(),
  limits: limits.optional(),
  cache: z.boolean().optional(),
  encoding: z.enum(["utf8", "base64"]).default("utf8").describe("of stdout and stderr in the answer"),
});

const reward = z.number().min(-1e9).max(1e9);

const rewardRule = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("binary") }).describe("1 for accepted, else 0"),
  z.strictObject({ kind: z.literal("fraction") }).describe("passed tests / tests; runs all of them"),
  z
    .strictObject({
      kind: z.literal("table"),
      values: z.partialRecord(z.enum(VERDICTS), reward),
      otherwise: reward.default(0),
    })
    .describe("a number for each verdict"),
]);

export const rewardRequest = z.strictObject({
  samples: z.array(gradeRequest).max(10_000),
  rule: rewardRule.default({ kind: "binary" }),
  format_penalty: z
    .number()
    .min(0)
    .max(1e9)
    .default(0)
    .describe("taken off when a completion holds no code block, or its last one has no end"),
  on_fault: z
    .enum(["null", "fail"])
    .default("null")
    .describe("a sample that could not be graded: null in its place, or the whole request fails with 503"),
});
export type RewardRequest = z.output<typeof rewardRequest>;
