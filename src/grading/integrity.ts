import type { VerdictRecord } from "./types.js";

/**
 * For those who take no pass whose tests ran in one process with the candidate: such a pass becomes `invalid_problem`,
 * which says nothing about the model. Failures stay, since nobody cheats to fail.
 */
export function refuseShared(record: VerdictRecord): VerdictRecord {
  if (record.integrity === "isolated" || !record.passed) return record;
  return { ...record, verdict: "invalid_problem", passed: false, reward: 0 };
}
