import { once } from "node:events";
import { createWriteStream, existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { InputError } from "../../errors.js";
import { readRows, type Row } from "./rows.js";
import { nameByKey, type RowReader } from "./schema.js";

/**
 * Rows of a problem file as lines of JSON, with every field as it was written: those that `keep` wants, by their places
 * in the file, from 0.
 *
 * @throws InputError as `readProblems` does
 */
export async function* copyRows(
  file: string,
  findReader: (fields: Row["fields"]) => RowReader | undefined,
  keep: (place: number) => boolean,
): AsyncGenerator<string> {
  let place = 0;
  let reader: RowReader | undefined;
  for await (const row of readRows(file, (fields) => findReader(fields) !== undefined)) {
    reader ??= findReader(row.fields);
    if (keep(place++)) yield writeRow(reader === undefined ? row : nameByKey(row, reader.idField));
  }
}

function writeRow({ fields }: Row): string {
  const members = [...fields].map(([name, raw]) => `${JSON.stringify(name)}: ${raw}`);
  // Line ends in JSON are white space between its parts; those in texts are written as \n.
  return `{${members.join(", ").replace(/[\r\n]+/g, " ")}}`;
}

/**
 * Writes lines to a file that must not be there yet, gzipped when its name ends in `.gz`. Where that fails, no file stays.
 * @throws InputError naming the file where it cannot be written, and what `lines` throws
 */
export async function writeLines(file: string, lines: AsyncIterable<string> | Iterable<string>): Promise<void> {
  requireAbsent(file);
  const output = createWriteStream(file, { flags: "wx" });
  try {
    await once(output, "open");
  } catch (error) {
    throw new InputError(`cannot be written (${(error as Error).message})`, { file });
  }
  const withEnds = async function* (): AsyncGenerator<string> {
    for await (const line of lines) yield `${line}\n`;
  };
  try {
    if (file.endsWith(".gz")) await pipeline(withEnds(), createGzip(), output);
    else await pipeline(withEnds(), output);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/** Throws an InputError where `writeLines` would find a file in its way: to be asked before long work. */
export function requireAbsent(file: string): void {
  if (existsSync(file)) throw new InputError("is there already, and is not written over", { file });
}
