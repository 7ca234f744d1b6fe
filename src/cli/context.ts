import type { Writable } from "node:stream";
import type { createGrader } from "../grading/grader.js";
import type { readProblems } from "../grading/problems/index.js";
import type { readSamples } from "../grading/samples.js";
import type { makeMutants } from "../grading/soundness/mutants.js";
import type { createSandbox, probe } from "../sandbox/index.js";

/** What the verbs need of the layers below, handed in so that their logic can be tried without a sandbox. */
export interface Dependencies {
  readonly readProblems: typeof readProblems;
  readonly readSamples: typeof readSamples;
  readonly createSandbox: typeof createSandbox;
  readonly createGrader: typeof createGrader;
  readonly makeMutants: typeof makeMutants;
  readonly probe: typeof probe;
}

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Everything of the outside world that a verb touches besides the files it is given. */
export interface Context {
  readonly dependencies: Dependencies;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted when the user asked to stop (SIGINT, SIGTERM) or nobody reads stdout any more. */
  readonly interrupt: AbortSignal;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Leaves the exit code of the verb; the process goes on until everything is written. */
  readonly exit: (code: number) => void;
}
