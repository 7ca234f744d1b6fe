import { z } from "zod";
import { firstCharacter, JsonError, parseJson, sliceArray } from "../input/raw-json.js";
import type { CallTests, Problem, StdinTests } from "../types.js";
import { findFieldFault } from "./field-fault.js";
import { PickleError, readPackedText } from "./pickled-text.js";
import { json, rawText, readFields, type RowReader } from "./schema.js";

const schema = z.object({
  question_id: json(z.union([z.string().min(1), z.int().nonnegative()])),
  question_content: json(z.string()),
  platform: json(z.string()).optional(),
  starter_code: json(z.string().nullish()).optional(),
  difficulty: json(z.string().nullish()).optional(),
  // Either may be empty, but not absent: half of the tests would accept programs that the whole rejects.
  public_test_cases: rawText,
  private_test_cases: rawText,
  metadata: rawText.optional(),
});
const metadataSchema = z.object({ func_name: z.string().nullish() });
const casesSchema = z.array(z.object({ input: z.string(), output: z.string(), testtype: z.string().nullish() }));
type Case = z.infer<typeof casesSchema>[number];
const LISTS = ["public_test_cases", "private_test_cases"] as const;

/**
 * LiveCodeBench, code generation (rows of `test.jsonl` and its successors): public and private tests are lists of
 * `{input, output, testtype}` in a JSON text, the private ones mostly packed, see `pickled-text.ts`. With `func_name`
 * in the metadata the tests are calls: each line of an input is an argument in JSON, and the output is JSON too.
 */
export const livecodebench: RowReader = {
  format: "livecodebench",
  recognisedBy: `LiveCodeBench: "question_content" with "public_test_cases" or "private_test_cases"`,
  idField: "question_id",
  recognises: (fields) =>
    fields.has("question_content") && (fields.has("public_test_cases") || fields.has("private_test_cases")),
  read(row): Problem {
    const fields = readFields(row, schema);
    const lists = LISTS.map((name) => ({ name, raw: Buffer.from(fields[name]) }));
    const metadata = Buffer.from(fields.metadata ?? "{}");
    return makeLiveCodeBenchProblem({
      question: String(fields.question_id),
      aliases: fields.platform === undefined ? [] : [`${fields.platform}/${fields.question_id}`],
      prompt: fields.question_content,
      starterCode: fields.starter_code ?? "",
      difficulty: fields.difficulty ?? null,
      readTests() {
        const cases = lists.flatMap(({ name, raw }) =>
          readPart(name, () => readCases(raw.toString())).map((one, at) => ({ ...one, place: `${name}.${at}` })),
        );
        const { func_name } = readPart("metadata", () => readMetadata(metadata.toString()));
        if (!func_name && cases.some(({ testtype }) => testtype === "functional")) {
          throw new PartError("metadata.func_name: is missing, and there are tests of the type functional");
        }
        return planTests(cases, func_name ?? null, (at, side) => `${cases[at]?.place ?? ""}.${side}`);
      },
    });
  },
};

type ListedTests = StdinTests | CallTests;

interface Parts {
  readonly question: string;
  readonly aliases: readonly string[];
  readonly prompt: string;
  readonly starterCode: string;
  readonly difficulty: string | null;
  /**
   * Anything it throws makes the problem invalid and leaves the rest of the set usable. Called whenever the cases are
   * wanted: it holds them packed, as bytes of its own, because slices of a row would keep all of its text.
   */
  readonly readTests: () => ListedTests;
}

/** A problem named `LiveCodeBench/<question id>`, with the id alone as an alias. */
export function makeLiveCodeBenchProblem(parts: Parts): Problem {
  const { tests, invalid } = attempt(parts.readTests);
  // All cases of a set together may be larger than the memory: they are unpacked anew for each who wants them.
  const lazy = invalid === null ? unpackLater(tests, parts.readTests) : tests;
  return {
    id: `LiveCodeBench/${parts.question}`,
    aliases: [parts.question, ...parts.aliases],
    format: "livecodebench",
    prompt: parts.prompt,
    entryPoint: tests.kind === "calls" ? tests.functionName : null,
    starterCode: parts.starterCode,
    difficulty: parts.difficulty,
    tests: lazy,
    references: [],
    limits: {},
    invalid,
  };
}

function unpackLater(tests: ListedTests, readTests: () => ListedTests): ListedTests {
  if (tests.kind === "stdin") {
    return {
      kind: "stdin",
      get cases() {
        return readTests().cases as StdinTests["cases"];
      },
    };
  }
  const { functionName } = tests;
  return {
    kind: "calls",
    functionName,
    get cases() {
      return readTests().cases as CallTests["cases"];
    },
  };
}

function attempt(readTests: () => ListedTests): { tests: ListedTests; invalid: string | null } {
  const none: ListedTests = { kind: "stdin", cases: [] };
  try {
    const tests = readTests();
    return { tests, invalid: tests.cases.length === 0 ? "no tests: the lists of test cases are empty" : null };
  } catch (error) {
    if (!(error instanceof PartError)) throw error;
    return { tests: none, invalid: `unreadable tests: ${error.message}` };
  }
}

/** What keeps tests from being read; the message begins with the field. */
class PartError extends Error {
  override readonly name = "PartError";
}

/** What `read` makes of a field. @throws PartError where the field holds something else */
export function readPart<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof z.ZodError) {
      const fault = findFieldFault(error);
      const path = [field, ...(fault.field === undefined ? [] : [fault.field])].join(".");
      throw new PartError(`${path}: ${fault.message}`);
    }
    if (!(error instanceof JsonError || error instanceof PickleError)) throw error;
    throw new PartError(`${field}: ${error.message}`);
  }
}

/**
 * The tests of cases in which calls have an argument on each line; `nameField` says where a case is written.
 * @throws PartError for an argument or output of a call that is no JSON
 */
export function planTests(
  cases: readonly Pick<Case, "input" | "output">[],
  functionName: string | null,
  nameField: (at: number, side: "input" | "output") => string,
): ListedTests {
  if (functionName === null || functionName === "") {
    return { kind: "stdin", cases: cases.map(({ input, output }) => ({ input, output })) };
  }
  return {
    kind: "calls",
    functionName,
    cases: cases.map(({ input, output }, at) => {
      const args = input.split("\n").filter((line) => line.trim() !== "");
      const checked = args.map((text) => checkJson(text, nameField(at, "input")));
      return { args: `[${checked.join(",")}]`, expected: checkJson(output, nameField(at, "output")) };
    }),
  };
}

/** A JSON text, checked to be one value: its numbers must stay as they are written. */
function checkJson(text: string, field: string): string {
  if (!isJsonValue(text)) throw new PartError(`${field}: ${JSON.stringify(text.slice(0, 40))} is not one JSON value`);
  return text.trim();
}

function isJsonValue(text: string): boolean {
  try {
    return sliceArray(`[${text}]`).length === 1;
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}

function readMetadata(raw: string): z.infer<typeof metadataSchema> {
  return metadataSchema.parse(parseJson(unwrap(raw) || "{}"));
}

/** A list of cases as it is, as a JSON text in a string, or packed; null and nothing at all are no cases. */
function readCases(raw: string): Case[] {
  const text = unwrap(raw);
  if (text === "" || text === "null") return [];
  return casesSchema.parse(parseJson(firstCharacter(text) === "[" ? text : readPackedText(text)));
}

/** The text inside a JSON string, or the JSON text itself when it is none. */
function unwrap(raw: string): string {
  return firstCharacter(raw) === '"' ? (parseJson(raw) as string).trim() : raw.trim();
}
