import { createHash } from "node:crypto";
import { extractProgram } from "../../grading/extraction/index.js";
import type { Grader } from "../../grading/grader.js";
import type { Problem, Sample, VerdictRecord } from "../../grading/types.js";

export type Judge = (problem: Problem, completion: string) => Promise<VerdictRecord>;

/** Judges completions; equal programs of a problem are run once and remembered for as long as the judge is. */
export function createJudge(grader: Grader, extraction: string): Judge {
  const known = new Map<string, Promise<VerdictRecord>>();

  return async (problem, completion) => {
    const sample: Sample = { taskId: problem.id, completion, solution: null, row: {} };
    // Nothing is run for an answer: comparing it is as quick as remembering it.
    if (problem.tests.kind === "answer") return grader.grade(problem, sample);
    const { source, extraction: found } = extractProgram(problem, sample, extraction);
    if (source === null) return grader.grade(problem, sample);
    const key = createHash("sha256")
      .update(JSON.stringify([problem.id, source]))
      .digest("base64");
    const earlier = known.get(key);
    if (earlier !== undefined) {
      const record = await earlier;
      return { ...record, extraction: found, cached: true };
    }
    const grading = grader.grade(problem, sample);
    known.set(key, grading);
    const record = await grading;
    // A fault of ours says nothing about the program: the next equal one is run again.
    if (record.verdict === "infrastructure_error") known.delete(key);
    return record;
  };
}
