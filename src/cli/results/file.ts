import { appendFile, open, truncate, writeFile } from "node:fs/promises";
import type { EarlierResults } from "./earlier.js";
import { rewriteFile, type Range } from "./rewrite.js";
import type { ResultSink } from "./sink.js";

/** Rows that wait for the disk before whoever writes further ones has to wait too. */
const MOST_PENDING_BYTES = 16 << 20;

interface Placed extends Range {
  /** Place of the row's sample; infinite while no sample has claimed the row. */
  index: number;
}

/** Empties a results file, or makes a new one. */
export async function startResultsFile(path: string): Promise<void> {
  await writeFile(path, "");
}

/** Takes out of a results file what an earlier run did not finish: a half-written line, infrastructure errors. */
export async function mendResultsFile(path: string, earlier: EarlierResults): Promise<void> {
  if (earlier.lacksNewline) await appendFile(path, "\n");
  else await truncate(path, earlier.end);
  if (earlier.dropped > 0) await rewriteFile(path, earlier.rows);
}

/**
 * Appends rows to a mended results file as soon as they are known, in whatever order, so that who stops the program
 * loses only what was in flight and no slow sample holds up those behind it. `finish` puts the file in the order of
 * the samples.
 */
export async function openResultsFile(path: string, earlier: EarlierResults | null): Promise<ResultSink> {
  const rows: Placed[] = [];
  const unclaimed = new Map<string, Placed[]>();
  let size = 0;
  for (const { start, end, fingerprint } of earlier?.rows ?? []) {
    const row = { start: size, end: size + (end - start), index: Infinity };
    size = row.end;
    rows.push(row);
    const alike = unclaimed.get(fingerprint);
    if (alike === undefined) unclaimed.set(fingerprint, [row]);
    else alike.push(row);
  }

  const handle = await open(path, "a");
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let flushing: Promise<void> | null = null;
  let failure: Error | null = null;

  /** Writes what is pending, and what becomes pending meanwhile. */
  const flush = async (): Promise<void> => {
    try {
      while (pending.length > 0) {
        const batch = Buffer.concat(pending);
        pending = [];
        pendingBytes = 0;
        await handle.appendFile(batch);
      }
    } catch (error) {
      // Whatever follows would stand behind half a row: nothing more is written.
      failure = error instanceof Error ? error : new Error(String(error));
    }
    flushing = null;
  };
  const throwFailure = (): void => {
    if (failure !== null) throw failure;
  };

  return {
    claim(index, fingerprint) {
      const row = unclaimed.get(fingerprint)?.shift();
      if (row !== undefined) row.index = index;
      return row !== undefined;
    },
    async write(index, row) {
      throwFailure();
      const line = Buffer.from(JSON.stringify(row) + "\n");
      rows.push({ start: size, end: size + line.length, index });
      size += line.length;
      pending.push(line);
      pendingBytes += line.length;
      flushing ??= flush();
      if (pendingBytes > MOST_PENDING_BYTES) await flushing;
    },
    async finish() {
      await flushing;
      await handle.close();
      throwFailure();
      const inOrder = rows.every((row, at) => at === 0 || (rows[at - 1]?.index ?? 0) <= row.index);
      if (!inOrder) await rewriteFile(path, rows.sort(compareIndex));
    },
  };
}

/** Unclaimed rows are those of samples not reached yet: last, in the order they had. */
function compareIndex(a: Placed, b: Placed): number {
  return a.index === b.index ? 0 : a.index - b.index;
}
