import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** What a whole file of a step comes to, so that one that was cut is noticed. */
export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes a small file so that it is there whole or not at all, whatever ends the process. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const unfinished = `${path}.part`;
  const handle = await open(unfinished, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, path);
}

/** Writes rows as JSON Lines, gzipped where the name ends in `.gz`; there whole or not at all. Equal rows, equal bytes. */
export async function writeRows(path: string, rows: AsyncIterable<unknown> | Iterable<unknown>): Promise<FileFacts> {
  const unfinished = `${path}.part`;
  const hash = createHash("sha256");
  let bytes = 0;
  async function* lines() {
    for await (const row of rows) yield JSON.stringify(row) + "\n";
  }
  async function* measured(chunks: AsyncIterable<Buffer | string>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += Buffer.byteLength(chunk);
      yield chunk;
    }
  }
  const source = Readable.from(lines());
  const file = createWriteStream(unfinished, { flush: true });
  if (path.endsWith(".gz")) await pipeline(source, createGzip(), measured, file);
  else await pipeline(source, measured, file);
  await rename(unfinished, path);
  return { bytes, sha256: hash.digest("hex") };
}
