import { open, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

/** Bytes `start` to `end` (exclusive) of a file. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const BLOCK_BYTES = 4 << 20;

/**
 * Makes `path` consist of the given ranges of itself, in that order. The new content is written to a file beside it,
 * brought to disk and put in its place in one step, so that whoever is stopped half-way leaves the file as it was.
 */
export async function rewriteFile(path: string, ranges: Iterable<Range>): Promise<void> {
  const temporary = `${path}.tmp`;
  const source = await open(path, "r");
  try {
    const target = await open(temporary, "w", (await source.stat()).mode);
    try {
      await copyRanges(source, target, ranges);
      await target.sync();
    } finally {
      await target.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await source.close();
  }
}

async function copyRanges(source: FileHandle, target: FileHandle, ranges: Iterable<Range>): Promise<void> {
  const read = createBlockReader(source);
  let pieces: Buffer[] = [];
  let bytes = 0;
  for (const range of ranges) {
    const piece = await read(range);
    pieces.push(piece);
    bytes += piece.length;
    if (bytes < BLOCK_BYTES) continue;
    await target.appendFile(Buffer.concat(pieces));
    pieces = [];
    bytes = 0;
  }
  await target.appendFile(Buffer.concat(pieces));
}

/** Reads through blocks with a margin before the range: rows that swap places lie near one another. */
function createBlockReader(source: FileHandle): (range: Range) => Promise<Buffer> {
  let block: Buffer = Buffer.alloc(0);
  let blockStart = 0;
  return async ({ start, end }) => {
    if (start < blockStart || end > blockStart + block.length) {
      blockStart = Math.max(0, start - BLOCK_BYTES / 4);
      block = await readFully(source, blockStart, Math.max(BLOCK_BYTES, end - blockStart));
    }
    const piece = block.subarray(start - blockStart, end - blockStart);
    if (piece.length < end - start) throw new Error("the file became shorter while it was copied");
    return piece;
  };
}

/** Up to `length` bytes from `position`; fewer only where the file ends. */
async function readFully(source: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await source.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
