import { createReadStream } from "node:fs";

/** A line of a file by its place: bytes `start` to `end` (exclusive, newline not counted), 1-based `number`. */
export interface Line {
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** False for a last line that no newline ends. */
  readonly ended: boolean;
}

const NEWLINE = 0x0a;

/** Reads a file line by line with the byte offsets of each, holding no more than one line. */
export async function* readLines(path: string): AsyncGenerator<Line> {
  let number = 0;
  let start = 0;
  let held: Buffer[] = [];
  const takeLine = (ended: boolean): Line => {
    const bytes = Buffer.concat(held);
    held = [];
    number += 1;
    const line = { number, start, end: start + bytes.length, text: bytes.toString("utf8"), ended };
    start = line.end + 1;
    return line;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      held.push(chunk.subarray(from, at));
      from = at + 1;
      yield takeLine(true);
    }
    if (from < chunk.length) held.push(chunk.subarray(from));
  }
  if (held.length > 0) yield takeLine(false);
}
