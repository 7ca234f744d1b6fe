import { constants } from "node:buffer";
import { InputError } from "../../errors.js";
import { type Line, readLines } from "../input/lines.js";
import { firstCharacter, JsonError, type RawMember, sliceArray, sliceObject } from "../input/raw-json.js";

/** One row of a problem file: its fields as the JSON texts they were written in, and where it stands. */
export interface Row {
  readonly fields: ReadonlyMap<string, string>;
  readonly file: string;
  readonly line: number;
  /** The key of the row, when the file is one object of rows. */
  readonly key: string | null;
}

type IsRow = (fields: Row["fields"]) => boolean;
/** From an offset in a text to the line of the file. */
type LineAt = (offset: number) => number;

/**
 * The rows of a problem file: JSON Lines, one JSON array, one JSON object, or one JSON object of rows by key.
 * JSON Lines are read as a stream. `isRow` says whether an object of objects is a row itself.
 *
 * @throws InputError for anything that is no JSON or no row, with file and 1-based line
 */
export async function* readRows(file: string, isRow: IsRow): AsyncGenerator<Row, void, undefined> {
  const lines = readLines(file);
  try {
    const first = await nextFilled(lines);
    if (first === null) return;
    if (!isObjectText(first.text)) return yield* rowsOfDocument(await readRest(first, lines, file), file, isRow);
    for (let line: Line | null = first; line !== null; line = await nextFilled(lines)) {
      const at = line.line;
      yield* rowsOf(line.text, file, () => at, isRow);
    }
  } finally {
    await lines.return();
  }
}

async function readRest(first: Line, lines: AsyncGenerator<Line, void, undefined>, file: string): Promise<Line[]> {
  const all = [first];
  let length = first.text.length;
  for (let line = await nextFilled(lines); line !== null; line = await nextFilled(lines)) {
    length += line.text.length + 1;
    if (length > constants.MAX_STRING_LENGTH) throw new InputError("too large for one JSON document", { file });
    all.push(line);
  }
  // A broken first line of JSON Lines would otherwise be reported as whatever the line after it does to one document.
  const second = all[1];
  if (second !== undefined && isObjectText(second.text)) sliceChecked(() => sliceObject(first.text), file, first.line);
  return all;
}

async function nextFilled(lines: AsyncGenerator<Line, void, undefined>): Promise<Line | null> {
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    if (firstCharacter(next.value.text) !== "") return next.value;
  }
  return null;
}

function* rowsOfDocument(lines: readonly Line[], file: string, isRow: IsRow): Generator<Row, void, undefined> {
  const text = lines.map((line) => line.text).join("\n");
  const starts: number[] = [];
  let start = 0;
  for (const line of lines) {
    starts.push(start);
    start += line.text.length + 1;
  }
  const lineAt: LineAt = (offset) => lines[starts.findLastIndex((begin) => begin <= offset)]?.line ?? 1;
  if (firstCharacter(text) !== "[") return yield* rowsOf(text, file, lineAt, isRow);
  for (const item of sliceChecked(() => sliceArray(text), file, lineAt)) {
    const line = lineAt(item.offset);
    yield toRow(
      sliceChecked(() => sliceObject(item.raw), file, line),
      file,
      line,
      null,
    );
  }
}

function* rowsOf(text: string, file: string, lineAt: LineAt, isRow: IsRow): Generator<Row, void, undefined> {
  const members = sliceChecked(() => sliceObject(text), file, lineAt);
  const row = toRow(members, file, lineAt(0), null);
  const isKeyed =
    !isRow(row.fields) && members.size > 0 && [...members.values()].every(({ raw }) => raw.startsWith("{"));
  if (!isKeyed) return yield row;
  for (const { name, raw, offset } of members.values()) yield toRow(sliceObject(raw), file, lineAt(offset), name);
}

function toRow(members: Map<string, RawMember>, file: string, line: number, key: string | null): Row {
  return { fields: new Map([...members].map(([name, { raw }]) => [name, raw])), file, line, key };
}

function isObjectText(text: string): boolean {
  try {
    sliceObject(text);
    return true;
  } catch {
    return false;
  }
}

function sliceChecked<T>(slice: () => T, file: string, line: number | LineAt): T {
  try {
    return slice();
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const at = typeof line === "number" ? line : line(error.offset);
    throw new InputError(`not valid JSON: ${error.message}`, { file, line: at });
  }
}
