import type { StepName } from "./records.js";

/** How far a long piece of work is. */
export interface Stage {
  readonly iteration: number;
  readonly step: StepName;
  /** For instance `greedy on test`. */
  readonly doing: string;
  readonly done: number;
  readonly total: number | null;
  readonly accepted: number;
  /** Of those done, what an earlier run had done. */
  readonly resumed: number;
}

/** Whoever looks on: the command line draws bars, and the run folder's `progress.json` is kept. */
export interface Watch {
  /** A line for people. */
  readonly say: (text: string) => void;
  /** Begins a stage; `read` is asked how far it is until the returned function is called. */
  readonly begin: (read: () => Stage) => () => Promise<void>;
}
