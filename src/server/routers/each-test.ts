import type { Problem, Sample, VerdictRecord } from "../../grading/types.js";
import type { Limits } from "../../sandbox/contract.js";
import type { Caller, Service } from "../contract.js";
import { requireScored } from "./fastapi.js";
import { insist } from "./insist.js";

export interface EachTestTask {
  readonly problem: Problem;
  readonly sample: Sample;
  readonly limits: Partial<Limits>;
  /** Go on after a failure. */
  readonly all: boolean;
  /** Elapsed time in milliseconds that the tests may take together, waiting left out; no limit where it is null. */
  readonly totalMs: number | null;
  /** Faults of ours are tried again until the deadline, for a client that cannot be told of one. */
  readonly insist?: boolean;
}

/** Tests of one request that are graded at the same time. */
const TOGETHER = 4;

/**
 * Grades each test of a problem by itself, for protocols that answer test by test. A test that was not run, because an
 * earlier one failed or the total time was over, is null.
 *
 * @throws GraderFaultError when a test ended in `infrastructure_error`
 * @throws RefusedError `late`, `stopping` or `gone`
 */
export async function gradeEach(
  service: Service,
  task: EachTestTask,
  caller: Caller,
): Promise<(VerdictRecord | null)[]> {
  const { sample, limits } = task;
  const problems = splitTests(task.problem);
  const records: (VerdictRecord | null)[] = problems.map(() => null);
  const isFault = (record: VerdictRecord): boolean => task.insist === true && record.verdict === "infrastructure_error";
  let [next, spentMs] = [0, 0];
  let firstFailed = problems.length;
  const isOver = (): boolean =>
    next >= problems.length || (!task.all && next > firstFailed) || (task.totalMs !== null && spentMs > task.totalMs);
  // The other tests of a request that gets no answer need not be run.
  const stop = (error: unknown): never => {
    next = problems.length;
    throw error;
  };
  const work = async (): Promise<void> => {
    while (!isOver()) {
      const index = next++;
      const problem = problems[index] ?? task.problem;
      const grade = (): Promise<VerdictRecord> => service.grade({ problem, sample, options: { limits } }, caller);
      const record = await insist(caller, grade, isFault).then(requireScored).catch(stop);
      records[index] = record;
      spentMs += record.usage.wall_ms;
      if (!record.passed) firstFailed = Math.min(firstFailed, index);
    }
  };
  await Promise.all(Array.from({ length: task.all ? TOGETHER : 1 }, work));
  return records;
}

/** A problem for each test. Assertions of one test text stay together: they are one run. */
export function splitTests(problem: Problem): Problem[] {
  const { tests } = problem;
  // Copied first: what unpacks its cases when asked for them does so once, and not for each of them.
  if (tests.kind === "stdin") {
    const listed = { ...tests };
    return listed.cases.map((one) => ({ ...problem, tests: { ...listed, cases: [one] } }));
  }
  if (tests.kind === "calls") {
    const listed = { ...tests };
    return listed.cases.map((one) => ({ ...problem, tests: { ...listed, cases: [one] } }));
  }
  if (tests.kind === "answer" || tests.kind === "shared") return [problem];
  return tests.checks.map((check) => ({ ...problem, tests: { ...tests, checks: [check] } }));
}
