import type { VerdictRecord } from "../grading/types.js";
import type { RunAnswer } from "./contract.js";
import type { Certainty } from "./memory.js";

/**
 * What may be remembered of a verdict. A fault of ours, never. A time or memory limit can come of what else the machine
 * was doing, so one alone is not believed for good; everything else is the program's own doing.
 */
export function certaintyOfRecord({ verdict }: VerdictRecord): Certainty {
  return certaintyOf(verdict);
}

/** The same for the outcome of a run. */
export function certaintyOfRun({ ending }: RunAnswer): Certainty {
  return certaintyOf(ending);
}

function certaintyOf(outcome: string): Certainty {
  if (outcome === "infrastructure_error") return "never";
  return outcome === "time_limit" || outcome === "memory_limit" ? "doubtful" : "sure";
}

/** About how many bytes a record takes in memory. */
export function bytesOfRecord({ first_failure: failure }: VerdictRecord): number {
  if (failure === null) return FIXED_BYTES;
  const { input, expected, actual, stderr } = failure;
  return FIXED_BYTES + 2 * (input.length + expected.length + actual.length + stderr.length);
}

export function bytesOfRun({ stdout, stderr, detail, files, compilation }: RunAnswer): number {
  const fetched = files.reduce((sum, { content }) => sum + content.byteLength, 0);
  const compiler = (compilation?.stdout.byteLength ?? 0) + (compilation?.stderr.byteLength ?? 0);
  return FIXED_BYTES + stdout.byteLength + stderr.byteLength + 2 * detail.length + fetched + compiler;
}

const FIXED_BYTES = 800;
