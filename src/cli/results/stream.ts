import { once } from "node:events";
import type { Writable } from "node:stream";
import type { ResultRow } from "./row.js";
import type { ResultSink } from "./sink.js";

/**
 * Writes rows to a stream in the order of the samples. Rows that are known too early are held back; once `window` of
 * them wait, whoever hands over a further one waits too.
 */
export function createStreamSink(stream: Writable, window: number): ResultSink {
  const held = new Map<number, ResultRow>();
  const waiting = new Set<() => void>();
  let next = 0;
  let failure: Error | null = null;
  stream.on("error", (error) => (failure ??= error));

  const writeRow = async (row: ResultRow): Promise<void> => {
    if (failure !== null) throw failure;
    if (!stream.write(JSON.stringify(row) + "\n")) await once(stream, "drain");
  };
  const wakeWaiting = (): void => {
    for (const wake of waiting) wake();
    waiting.clear();
  };

  return {
    claim: () => false,
    async write(index, row) {
      held.set(index, row);
      for (let ready = held.get(next); ready !== undefined; ready = held.get(next)) {
        held.delete(next);
        next += 1;
        wakeWaiting();
        await writeRow(ready);
      }
      while (index >= next + window) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    async finish() {
      // After an interruption there are gaps; what is known is written all the same.
      const rest = [...held].sort(([a], [b]) => a - b);
      held.clear();
      try {
        for (const [, row] of rest) await writeRow(row);
      } catch (error) {
        // The reader has gone, which is its right; the rest is not wanted.
        if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
      }
    },
  };
}
