import { z } from "zod";
import { findLanguage } from "../../sandbox/languages.js";
import { COMPARATOR_NAMES } from "../comparators/index.js";
import { CHECKER_PROTOCOLS, INTERACTOR_PROTOCOLS } from "../types.js";

/** The value of `schema` in each row of the custom format. */
export const CUSTOM_SCHEMA = "assay-problem/1";

const seconds = z.number().positive().max(3600);
const mebibytes = z.number().positive().max(65536);

const stdinTest = z
  .strictObject({ input: z.string(), output: z.string() })
  .describe("the program reads input from stdin and must write what answers output");
const callTest = z
  .strictObject({ args: z.array(z.unknown()), expected: z.unknown() })
  .describe("entry_point is called with args and must return expected; numbers are taken as they are written");
const assertTest = z
  .strictObject({ assert: z.string().min(1), data: z.unknown().optional() })
  .describe("Python that raises when the program is wrong, such as an assert statement; it finds data under that name");
const answerTest = z
  .strictObject({ answer: z.string(), policy: z.literal("bbh").optional() })
  .describe("a question whose answer is compared; nothing is run, and there is one such test");

const language = z.string().refine((name) => findLanguage(name) !== null, "is no language that assay knows");
const program = z.union([z.string(), z.strictObject({ language, source: z.string() })], {
  error: "must be a program in Python, or {language, source}",
});
const fileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}$/, "is no plain name of a file");
const judging = {
  language: language.optional().describe("what source is written in; cpp where it is not said"),
  source: z.string().min(1).describe("the program, or for the protocol function Python that defines check"),
  files: z
    .record(fileName, z.string())
    .optional()
    .describe("what stands beside the source when it is compiled, by name: headers, mostly"),
  arguments: z.array(z.string()).optional().describe("follow the arguments of the protocol"),
};
const checker = z.strictObject({ protocol: z.enum(CHECKER_PROTOCOLS), ...judging });
const interactor = z.strictObject({ protocol: z.enum(INTERACTOR_PROTOCOLS), ...judging });

/**
 * A problem of the custom format, one on each line of a .jsonl file. `docs/problem.schema.json` is made of this, and
 * `docs/problem-format.md` explains it.
 */
export const customProblem = z.strictObject({
  schema: z.literal(CUSTOM_SCHEMA),
  id: z.string().min(1).describe("what samples and results name the problem by; unique in the file"),
  aliases: z.array(z.string().min(1)).optional().describe("other names by which samples may name it"),
  prompt: z
    .string()
    .describe("what the model is given; where it begins the entry point, completions may go on with it"),
  starter_code: z.string().optional(),
  entry_point: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is no name of a function")
    .optional()
    .describe("the function (or method of class Solution) that tests call; needed for tests with args"),
  setup: z.string().optional().describe("Python executed before tests with assert, away from the program"),
  tests: z
    .union([z.array(stdinTest), z.array(callTest), z.array(assertTest), z.array(answerTest).length(1)], {
      error:
        "must be a list of {input, output}, of {args, expected} or of {assert}, all of one kind, or of one {answer}",
    })
    .describe("all of one kind; a problem without tests is invalid"),
  names: z
    .array(z.string().min(1))
    .optional()
    .describe("functions and classes of the program that tests with assert use; found in the tests where it is absent"),
  count_assertions: z
    .boolean()
    .optional()
    .describe("each assert statement is a test, instead of each item of tests that has them"),
  preamble: z.string().optional().describe("Python that stands in front of every program, for tests with assert"),
  validator_flags: z
    .strictObject({
      case_sensitive: z.boolean().optional(),
      space_change_sensitive: z.boolean().optional(),
      float_absolute_tolerance: z.number().nonnegative().optional(),
      float_relative_tolerance: z.number().nonnegative().optional(),
    })
    .optional()
    .describe("outputs are compared as the default validator of the Kattis format does with these flags"),
  checker: z
    .union([z.enum(COMPARATOR_NAMES), checker], {
      error: `must be one of ${COMPARATOR_NAMES.join(", ")}, or {protocol, source} with a protocol of ${CHECKER_PROTOCOLS.join(", ")}`,
    })
    .optional()
    .describe("decides over outputs, in the place of the comparator of the run: a comparator by name, or a program"),
  interactor: interactor
    .optional()
    .describe("a program that the candidate talks to by stdin and stdout, and that decides; output is its answer file"),
  groups: z
    .array(z.strictObject({ name: z.string().min(1), tests: z.int().nonnegative() }))
    .optional()
    .describe("so many tests in a row each, which verdict and summary tell apart"),
  invalid: z.string().min(1).optional().describe("why the problem cannot be graded: nothing passes it"),
  solutions: z.array(program).optional().describe("whole programs that are right"),
  wrong_solutions: z.array(program).optional().describe("whole programs that are wrong"),
  difficulty: z.string().optional(),
  limits: z
    .strictObject({
      cpu_seconds: seconds.optional(),
      wall_seconds: seconds.optional(),
      memory_mib: mebibytes.optional(),
      output_mib: mebibytes.optional(),
      time_multipliers: z
        .record(z.string(), z.number().positive().max(100))
        .optional()
        .describe("by ids of languages: by what the time limits are multiplied for programs in them"),
    })
    .optional()
    .describe("for each test; they go before the defaults and behind the command line"),
  metadata: z.record(z.string(), z.unknown()).optional().describe("anything; not looked at"),
});
export type CustomProblem = z.infer<typeof customProblem>;

/** The JSON schema (draft 2020-12) of a row, for editors and other tools. */
export function customJsonSchema(): unknown {
  return z.toJSONSchema(customProblem, { io: "input" });
}
