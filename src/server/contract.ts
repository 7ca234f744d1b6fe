import type { GradeOptions } from "../grading/grader.js";
import type { ProblemSet } from "../grading/problems/index.js";
import type { Problem, Sample, VerdictRecord } from "../grading/types.js";
import type { Enforcement, Limits, RunResult } from "../sandbox/contract.js";

/**
 * What every router speaks to: a protocol is translated into one of these two calls and back, nothing more. Admission,
 * fairness, deadlines, the cache and the metrics are behind them.
 */
export interface Service {
  readonly enforcement: Enforcement;
  /** The sets that were loaded at the start, by name. */
  readonly sets: ReadonlyMap<string, ProblemSet>;
  /** The problem of an id in any loaded set, or of the named one; undefined where there is none. */
  findProblem(id: string, set?: string): Problem | undefined;
  /** Grades one sample. Rejects with a RefusedError only; everything a sample can do is a verdict. */
  grade(task: GradeTask, caller: Caller): Promise<VerdictRecord>;
  /** Runs one program once, with nothing to compare. Rejects with a RefusedError only. */
  run(task: RunTask, caller: Caller): Promise<RunAnswer>;
}

export interface GradeTask {
  readonly problem: Problem;
  readonly sample: Sample;
  readonly options?: Partial<GradeOptions>;
  /** False: neither answer from the cache nor put into it. */
  readonly cache?: boolean;
}

export interface RunTask {
  readonly language: string;
  readonly source: string;
  readonly stdin?: Uint8Array;
  /** Put into the program's working folder before it starts; paths relative to it. */
  readonly files?: readonly RunFile[];
  /** Paths in the working folder whose contents are wanted back, if the program left them. */
  readonly fetch?: readonly string[];
  readonly args?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Of the compiler, where the language has one. */
  readonly compilerLimits?: Partial<Limits>;
  readonly cache?: boolean;
}

export interface RunFile {
  readonly path: string;
  readonly content: Uint8Array;
}

export interface RunAnswer extends RunResult {
  /** Milliseconds between the admission to the queue and the grant of a cell. */
  readonly queueMs: number;
  readonly cached: boolean;
  /** Those of `fetch` that were there: regular files only. */
  readonly files: readonly RunFile[];
}

/** Who asks, and how long the answer is worth waiting for. */
export interface Caller {
  /** Whose share of the queue this takes: a token's name, else an address. */
  readonly client: string;
  /** On the clock of `performance.now()`, milliseconds; null where the client waits for ever. */
  readonly deadline: number | null;
  /** Aborted when the client has hung up. */
  readonly signal: AbortSignal;
}

/**
 * `busy`: the queue is full. `late`: the deadline came before the answer. `stopping`: the service is being stopped.
 * `gone`: the client hung up. Says nothing about the program: a router must never turn one of these into a verdict.
 */
export type RefusalReason = "busy" | "late" | "stopping" | "gone";

export class RefusedError extends Error {
  override readonly name = "RefusedError";
  constructor(
    readonly reason: RefusalReason,
    message: string,
    /** Seconds after which it is worth asking again. */
    readonly retryAfter = 1,
  ) {
    super(message);
  }
}
