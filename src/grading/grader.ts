import type { Limits, Sandbox } from "../sandbox/contract.js";
import type { Problem, Sample, VerdictRecord } from "./types.js";

export interface GradeOptions {
  readonly comparator: "strict" | "apps";
  /** Run every test even after one has failed. */
  readonly allTests: boolean;
  /** Limits of the command line; they go before the problem's and the defaults. */
  readonly limits: Partial<Limits>;
  /** Which extraction rules a `completion` goes through, see `extraction/index.ts`. */
  readonly extraction: string;
}

/** Problem and sample in, verdict out. Never rejects for anything a sample holds. */
export interface Grader {
  grade(problem: Problem, sample: Sample): Promise<VerdictRecord>;
}

export function createGrader(_sandbox: Sandbox, _options: GradeOptions): Grader {
  throw new Error("not built yet");
}
