import { constants } from "node:buffer";
import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { InputError } from "../../errors.js";

export interface Line {
  /** Without its line end; invalid UTF-8 bytes are U+FFFD. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

const NEWLINE = 0x0a;
const BOM = "\uFEFF";

/**
 * Lines of a text file, read as a stream so that a file of any size can be read. Gzip is told by its magic bytes,
 * whatever the file is called. Lines end at LF or CRLF and nowhere else (U+2028 and a lone CR are text); a byte order
 * mark is dropped.
 *
 * @param path a file, or "-" for stdin
 * @throws InputError when the file cannot be read, its gzip data is damaged, or a line is longer than a string may be
 */
export async function* readLines(path: string): AsyncGenerator<Line, void, undefined> {
  const file = nameInput(path);
  let line = 1;
  try {
    for await (const bytes of splitLines(gunzipped(openBytes(path)))) {
      yield { text: decodeLine(bytes, file, line), line };
      line += 1;
    }
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(explain(error), { file, line });
  }
}

/** How messages call the input. */
export function nameInput(path: string): string {
  return path === "-" ? "<stdin>" : path;
}

/** A sentence for a failed read, without the path, which the location names already. */
export function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "no such file or folder";
    case "EISDIR":
      return "is a folder, not a file";
    case "EACCES":
      return "no permission to read it";
    case "Z_DATA_ERROR":
    case "Z_BUF_ERROR":
      return `damaged gzip data (${message})`;
    default:
      return `cannot be read (${message})`;
  }
}

function openBytes(path: string): Readable {
  return path === "-" ? process.stdin : createReadStream(path, { highWaterMark: 1 << 18 });
}

async function* gunzipped(source: Readable): AsyncGenerator<Buffer, void, undefined> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let head: Buffer = Buffer.alloc(0);
  let ended = false;
  while (head.length < 2 && !ended) {
    const next = await chunks.next();
    ended = next.done === true;
    if (next.done !== true) head = Buffer.concat([head, next.value]);
  }
  const whole = prepend(head, chunks, source);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* whole;
  const gunzip = createGunzip();
  // The error reaches the reader through gunzip, which pipeline destroys with it.
  pipeline(Readable.from(whole), gunzip, () => undefined);
  yield* gunzip as AsyncIterable<Buffer>;
}

async function* prepend(head: Buffer, rest: AsyncIterator<Buffer>, source: Readable) {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    source.destroy();
  }
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let pieces: Buffer[] = [];
  let length = 0;
  const keep = (piece: Buffer) => {
    length += piece.length;
    // Stop before a file without line ends fills the memory: no string could hold such a line anyway.
    if (length > 2 * constants.MAX_STRING_LENGTH) throw new Error("a line is too long to be read");
    pieces.push(piece);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      yield pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, length);
      pieces = [];
      length = 0;
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (length > 0) yield Buffer.concat(pieces, length);
}

function decodeLine(bytes: Buffer, file: string, line: number): string {
  const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length;
  let text: string;
  try {
    text = bytes.toString("utf8", 0, end);
  } catch {
    throw new InputError("the line is too long to be read", { file, line });
  }
  return line === 1 && text.startsWith(BOM) ? text.slice(1) : text;
}
