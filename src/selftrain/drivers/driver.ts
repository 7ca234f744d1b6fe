import type { Job } from "../records.js";

/** What a trainer is to do, and the record in which its job is kept. */
export interface Training {
  readonly job: Job;
  /** The rows, a plain JSON Lines file. */
  readonly dataset: string;
  /** The iteration's folder. */
  readonly folder: string;
  readonly iteration: number;
  readonly seed: number;
  readonly runName: string;
  readonly runId: string;
  /** Changes the record on disk; what is saved outlives this process. */
  readonly save: (change: Partial<Job>) => Promise<Job>;
  readonly signal: AbortSignal;
}

/** How a job is. A state that nobody knows is not an ending. */
export interface JobNews {
  readonly phase: "going_on" | "succeeded" | "failed" | "cancelled";
  /** The trainer's own word. */
  readonly status: string;
  readonly model: string | null;
  readonly trainedTokens: number | null;
  readonly error: string | null;
}

/** Drives one kind of trainer. */
export interface Driver {
  /**
   * Submits the job unless an earlier process did: then it finds that one. The record says what is about to happen
   * before it happens, and the job's id as soon as it is known.
   *
   * @throws StoppedError when it cannot be submitted, or nobody can tell whether it was
   */
  submit(training: Training): Promise<Job>;
  /** Null when the state could not be learnt this time. */
  poll(training: Training): Promise<JobNews | null>;
  cancel(training: Training): Promise<void>;
}
