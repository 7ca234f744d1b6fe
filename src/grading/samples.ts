import { z } from "zod";
import { InputError, type Location } from "../errors.js";
import { findLanguage, listLanguages } from "../sandbox/languages.js";
import { nameInput, readLines } from "./input/lines.js";
import { firstCharacter, JsonError, parseJson } from "./input/raw-json.js";
import type { Sample } from "./types.js";

const text = z.string().nullish();
const rowSchema = z.object({
  task_id: z.union([z.string(), z.number()]),
  completion: text,
  solution: text,
  language: text,
});

/**
 * The rows of a samples file (JSON Lines, plain or gzip), as a stream: one row is held at a time. A row is
 * `{"task_id", "completion"}` or `{"task_id", "solution"}`, with an optional `language`; a `null` counts as absent, other
 * fields are kept in `row`.
 * Blank lines are skipped. Text is taken as it is: lone surrogates and NUL characters stay, invalid UTF-8 is replaced.
 *
 * @param path a file, or "-" for stdin
 * @throws InputError (while iterating) with file, 1-based line and field
 */
export async function* readSamples(path: string): AsyncGenerator<{ sample: Sample; line: number }, void, undefined> {
  const file = nameInput(path);
  for await (const { text, line } of readLines(path)) {
    if (firstCharacter(text) === "") continue;
    yield { sample: readSample(text, { file, line }), line };
  }
}

function readSample(text: string, place: Location): Sample {
  const row = parseRow(text, place);
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path[0];
    if (field === undefined) throw new InputError("a row must be a JSON object", place);
    throw new InputError(explainField(String(field)), { ...place, field: String(field) });
  }
  const { task_id, completion = null, solution = null } = parsed.data;
  if ((completion === null) === (solution === null)) {
    const found = completion === null ? "neither is there" : "both are there";
    const problem = `a row must have either "completion" or "solution", ${found}`;
    throw new InputError(problem, { ...place, field: "completion" });
  }
  const language = readLanguage(parsed.data.language ?? null, place);
  return { taskId: String(task_id), completion, solution, ...language, row: row as Record<string, unknown> };
}

function readLanguage(name: string | null, place: Location): { language?: string } {
  if (name === null) return {};
  const language = findLanguage(name);
  if (language !== null) return { language: language.id };
  const known = listLanguages().map(({ id }) => id);
  throw new InputError(`must be one of ${known.join(", ")}`, { ...place, field: "language" });
}

function explainField(field: string): string {
  return field === "task_id" ? "must be there and be a string or a number" : "must be a string";
}

function parseRow(text: string, place: Location): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    try {
      return parseJson(escapeControls(text));
    } catch {
      const reason = error instanceof JsonError ? error.message : String(error);
      throw new InputError(`not valid JSON: ${reason}`, place);
    }
  }
}

/** Some writers leave control characters (NUL, tab, …) bare inside strings; there is only one thing they can mean. */
function escapeControls(text: string): string {
  let insideString = false;
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/\\.|"|[\0-\x1f]/gs, (token) => {
    if (token === '"') insideString = !insideString;
    return insideString && token < " " ? escapeControl(token) : token;
  });
}

function escapeControl(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
