import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";

const NEWLINE = 0x0a;

/**
 * Number of lines of a plain or gzip file that hold anything, counted without looking at what they hold; null for
 * what can be read only once (stdin, pipes) and for what cannot be read.
 */
export async function countLines(path: string, signal: AbortSignal): Promise<number | null> {
  try {
    if (path === "-" || !(await stat(path)).isFile()) return null;
    const gunzip = (await isGzip(path)) ? createGunzip() : null;
    const file = createReadStream(path, { highWaterMark: 1 << 18, signal });
    file.on("error", (error) => gunzip?.destroy(error));
    const bytes = (gunzip === null ? file : file.pipe(gunzip)) as AsyncIterable<Buffer>;
    let lines = 0;
    let length = 0;
    for await (const chunk of bytes) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        if (length + at - from > 1) lines += 1;
        length = 0;
        from = at + 1;
      }
      length += chunk.length - from;
    }
    return length > 1 ? lines + 1 : lines;
  } catch {
    return null;
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
