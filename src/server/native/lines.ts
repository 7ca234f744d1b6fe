import type { BodyHold } from "../body-room.js";

/** A line of a stream: its bytes without the end, or null where it is longer than allowed. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer | null;
  /** The room it takes, for whoever gets it to give back. */
  readonly hold: BodyHold;
}

/** A line that is not all there gets room for the longest that is allowed once it has this many bytes. */
const SMALL_BYTES = 1 << 16;

const [NEWLINE, RETURN] = [0x0a, 0x0d];

/**
 * Cuts a stream of bytes into lines, reading on only when the next one is asked for. Of a line longer than `limit` bytes
 * no more than that is ever held; it comes as null and the next one is whole again. Blank lines are counted and left out.
 *
 * @param takeRoom waits for room in memory for so many bytes; what it rejects with ends the stream
 */
export async function* cutLines(
  chunks: AsyncIterable<Buffer>,
  limit: number,
  takeRoom: (bytes: number) => Promise<BodyHold>,
): AsyncGenerator<Line, void, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  let number = 0;
  let hold: BodyHold | null = null;
  const take = async (rest?: Buffer): Promise<Line | null> => {
    number += 1;
    const total = length + (rest?.length ?? 0);
    const bytes = total > limit ? null : joinLine(parts, rest);
    [parts, length] = [[], 0];
    const held = hold ?? (await takeRoom(bytes?.length ?? 0));
    hold = null;
    held.shrink(bytes?.length ?? 0);
    if (bytes === null || !isBlank(bytes)) return { number, bytes, hold: held };
    held.release();
    return null;
  };
  try {
    for await (const chunk of chunks) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        const line = await take(chunk.subarray(start, end));
        if (line !== null) yield line;
        start = end + 1;
      }
      if (start === chunk.length) continue;
      length += chunk.length - start;
      if (length > SMALL_BYTES) hold ??= await takeRoom(limit);
      if (length <= limit) parts.push(chunk.subarray(start));
      else parts = [];
    }
    const last = length > 0 ? await take() : null;
    if (last !== null) yield last;
  } finally {
    hold?.release();
  }
}

function joinLine(parts: readonly Buffer[], rest: Buffer | undefined): Buffer {
  const line =
    parts.length === 0 && rest !== undefined ? rest : Buffer.concat(rest === undefined ? parts : [...parts, rest]);
  return line.at(-1) === RETURN ? line.subarray(0, -1) : line;
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === RETURN);
}
