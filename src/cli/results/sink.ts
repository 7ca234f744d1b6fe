import type { ResultRow } from "./row.js";

/** Where result rows go. Samples are counted from 0 in the order in which they are read; `index` is that count. */
export interface ResultSink {
  /** Whether an earlier run finished this sample. If so its row now stands for sample `index`. */
  claim(index: number, fingerprint: string): boolean;
  /** Hands a row over. Settles when another may be handed over; rejects when it cannot be written. */
  write(index: number, row: ResultRow): Promise<void>;
  /** Settles when every row is written, in the order of the samples. */
  finish(): Promise<void>;
}
