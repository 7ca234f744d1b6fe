import { z } from "zod";
import { firstCharacter, JsonError, parseJson, sliceArray, sliceObject } from "../input/raw-json.js";
import type { Problem, Tests } from "../types.js";
import { toPythonStr } from "./python-str.js";
import type { Row } from "./rows.js";
import { json, rawText, readFields, type RowReader } from "./schema.js";

const id = json(z.union([z.int().nonnegative(), z.string().min(1)]));
const text = json(z.string().nullish());

const schema = z.object({
  problem_id: id,
  split: text.optional(),
  question: json(z.string()),
  input_output: rawText.refine((raw) => /^(?:["{]|null$)/.test(raw), "must be an object or a JSON text in a string"),
  solutions: rawText.refine(isSolutions, "is no list of programs").transform(parseSolutions).optional(),
  starter_code: text.optional(),
  difficulty: text.optional(),
});

/** What an APPS problem is made of, whichever way it is laid out. */
export interface AppsParts {
  readonly number: string;
  /** `train` or `test`, where it is known. */
  readonly split: string | null;
  readonly question: string;
  /** JSON text of `{"inputs", "outputs", "fn_name"?}`, or a JSON string that holds such a text; "" for none. */
  readonly inputOutput: string;
  readonly solutions: readonly string[];
  readonly starterCode: string;
  readonly difficulty: string | null;
}

/**
 * APPS in rows (the layout of codeparrot/apps and copies of it); `input_output` and `solutions` may be objects or JSON
 * texts inside strings. Tests that cannot be read make the problem invalid and leave the rest of the set usable.
 */
export const apps: RowReader = {
  format: "apps",
  recognisedBy: `APPS: "question" and "input_output"`,
  idField: "problem_id",
  mayRepeat: true,
  recognises: (fields) => fields.has("question") && fields.has("input_output"),
  read(row): Problem {
    const fields = readFields(nameById(row), schema);
    return makeAppsProblem({
      number: String(fields.problem_id),
      split: fields.split ?? null,
      question: fields.question,
      inputOutput: fields.input_output,
      solutions: fields.solutions ?? [],
      starterCode: fields.starter_code ?? "",
      difficulty: fields.difficulty ?? null,
    });
  },
};

/** A problem named `APPS/<number>`, with `train/<number>` and the like as aliases. */
export function makeAppsProblem(parts: AppsParts): Problem {
  const { number, split } = parts;
  const { tests, invalid } = readAppsTests(parts.inputOutput);
  const plain = number.replace(/^0+(?=\d)/, "");
  return {
    id: `APPS/${number}`,
    aliases: [
      ...new Set([number, plain]),
      ...(split === null ? [] : [`APPS/${split}/${number}`, `${split}/${number}`]),
    ],
    format: "apps",
    prompt: parts.question,
    entryPoint: tests.kind === "calls" ? tests.functionName : null,
    starterCode: parts.starterCode,
    difficulty: parts.difficulty,
    tests,
    references: parts.solutions,
    limits: {},
    invalid,
  };
}

/**
 * Solutions as a list, as a JSON text of one inside a string, or "" and null for none.
 * @throws an error of some kind for anything else
 */
export function parseSolutions(raw: string): string[] {
  return z.array(z.string()).parse(parseJson(unwrap(raw) || "[]") ?? []);
}

function isSolutions(raw: string): boolean {
  try {
    parseSolutions(raw);
    return true;
  } catch {
    return false;
  }
}

/** The original files of APPS say `id`, the data set made of them says `problem_id`. */
function nameById(row: Row): Row {
  const id = row.fields.get("id");
  return id === undefined || row.fields.has("problem_id")
    ? row
    : { ...row, fields: new Map(row.fields).set("problem_id", id) };
}

/**
 * Tests as the JSON text of `{"inputs", "outputs", "fn_name"?}` has them, or a JSON string that holds such a text; what
 * cannot be read is said in `invalid`.
 */
export function readAppsTests(raw: string): { tests: Tests; invalid: string | null } {
  const none: Tests = { kind: "stdin", cases: [] };
  try {
    const inner = unwrap(raw);
    if (inner === "" || inner === "null") return { tests: none, invalid: "no tests: input_output is empty" };
    const members = sliceObject(inner);
    const inputs = sliceArray(members.get("inputs")?.raw ?? "[]").map((item) => item.raw);
    const outputs = sliceArray(members.get("outputs")?.raw ?? "[]").map((item) => item.raw);
    const fault = findFault(inputs.length, outputs.length);
    if (fault !== null) return { tests: none, invalid: fault };
    const functionName = parseJson(members.get("fn_name")?.raw ?? "null");
    const pairs = inputs.map((input, index) => ({ input, output: outputs[index] ?? "null" }));
    if (functionName === null || functionName === "") return { tests: makeStdinTests(pairs), invalid: null };
    if (typeof functionName !== "string") return { tests: none, invalid: "unreadable tests: fn_name is no string" };
    const odd = inputs.findIndex((input) => firstCharacter(input) !== "[");
    const cases = pairs.map(({ input, output }) => ({ args: input, expected: output }));
    const invalid = odd === -1 ? null : `unreadable tests: inputs[${odd}] is no list of arguments`;
    return { tests: { kind: "calls", functionName, cases }, invalid };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { tests: none, invalid: `unreadable tests: input_output: ${error.message}` };
  }
}

function findFault(inputs: number, outputs: number): string | null {
  if (inputs !== outputs) return `unreadable tests: ${inputs} inputs but ${outputs} outputs`;
  return inputs === 0 ? "no tests: input_output has no inputs" : null;
}

function makeStdinTests(pairs: readonly { input: string; output: string }[]): Tests {
  return { kind: "stdin", cases: pairs.map(({ input, output }) => ({ input: toText(input), output: toText(output) })) };
}

/** A list of lines is joined, as the official tool does; what is no string becomes what Python's `str` makes of it. */
function toText(raw: string): string {
  if (firstCharacter(raw) !== "[") return toPythonStr(raw);
  return sliceArray(raw)
    .map((item) => toPythonStr(item.raw))
    .join("\n");
}

/** The JSON text inside a JSON string, or the text itself when it is none. */
function unwrap(raw: string): string {
  return firstCharacter(raw) === '"' ? (parseJson(raw) as string).trim() : raw.trim();
}
