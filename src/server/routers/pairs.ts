import { firstCharacter, JsonError, parseJson, sliceArray, sliceObject } from "../../grading/input/raw-json.js";
import { makeAppsProblem } from "../../grading/problems/apps.js";
import { inlineProblem } from "../../grading/problems/inline.js";
import type { Problem } from "../../grading/types.js";
import { BadRequestError } from "../http.js";

/**
 * A problem made of the JSON text of `{"inputs", "outputs", "fn_name"?}`, the form in which verl, LiveCodeBench and APPS
 * hand tests around. With a function, an input is a list of arguments (APPS) or a text with an argument in JSON on each
 * line (LiveCodeBench, verl), and an output then the value in JSON. Tests that cannot be read make it invalid.
 *
 * @param field where the text stood in the request, for the message
 * @throws BadRequestError for text that is no such object
 */
export function readPairs(text: string, field: string, id = "inline"): Problem {
  const members = slice(text, field);
  const inputs = members.get("inputs")?.raw;
  if (inputs === undefined || !members.has("outputs")) throw new BadRequestError("has no inputs and outputs", field);
  const name = members.get("fn_name")?.raw ?? "null";
  const isText = firstCharacter(firstCharacter(inputs) === "[" ? (sliceArray(inputs)[0]?.raw ?? "") : "") === '"';
  if (name === "null" || name === '""' || !isText) {
    const parts = { number: id, split: null, question: "", inputOutput: text, solutions: [], starterCode: "" };
    return { ...makeAppsProblem({ ...parts, difficulty: null }), id, aliases: [] };
  }
  const outputs = sliceArray(members.get("outputs")?.raw ?? "[]");
  const cases = sliceArray(inputs).map(({ raw }, index) => ({
    args: readArguments(raw, `${field}.inputs[${index}]`),
    expected: readExpected(outputs[index]?.raw ?? "null"),
  }));
  if (outputs.length !== cases.length) throw new BadRequestError("has not as many outputs as inputs", field);
  return inlineProblem({ id, tests: { kind: "calls", functionName: String(parseJson(name)), cases } });
}

/** A text with a JSON value on each line, as the JSON list of them. */
function readArguments(raw: string, field: string): string {
  const text = firstCharacter(raw) === '"' ? String(parseJson(raw)) : raw;
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (!lines.every(isJson)) throw new BadRequestError("is no JSON value on each line", field);
  return `[${lines.join(",")}]`;
}

/** The JSON value that a text holds, unrounded; a text that holds none is the value itself. */
function readExpected(raw: string): string {
  if (firstCharacter(raw) !== '"') return expectExactly(raw);
  const text = String(parseJson(raw));
  return isJson(text) ? expectExactly(text.trim()) : raw;
}

/** The comparator lets a list of one stand for its element, as APPS does; here it means a list of one. */
export function expectExactly(raw: string): string {
  return firstCharacter(raw) === "[" && sliceArray(raw).length === 1 ? `[${raw}]` : raw;
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch (error) {
    if (error instanceof JsonError || error instanceof SyntaxError) return false;
    throw error;
  }
}

function slice(text: string, field: string): ReturnType<typeof sliceObject> {
  try {
    return sliceObject(text);
  } catch (error) {
    if (error instanceof JsonError) throw new BadRequestError(`is no JSON object: ${error.message}`, field);
    throw error;
  }
}
