import type { Grader } from "../../grading/grader.js";
import type { Problem } from "../../grading/types.js";

export interface AnswersReport {
  readonly problems: number;
  readonly rounds: number;
  /** Answers graded a second in one thread, the median of the rounds. */
  readonly answers_per_second: number;
}

/**
 * How fast answers to questions are graded: each problem's reference answer in a sentence with a box, `repeat` times a
 * round. A first round, which counts for nothing, warms up.
 */
export async function measureAnswers(
  {
    grader,
    problems,
    repeat,
    rounds,
  }: { grader: Grader; problems: readonly Problem[]; repeat: number; rounds: number },
  now: () => number = () => performance.now(),
): Promise<AnswersReport> {
  const samples = problems.flatMap((problem) => {
    const completion = `Therefore the answer is $\\boxed{${problem.references[0] ?? ""}}$.`;
    return [{ problem, sample: { taskId: problem.id, completion, solution: null, row: {} } }];
  });
  const rates: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const start = now();
    for (let time = 0; time < repeat; time++) {
      for (const { problem, sample } of samples) await grader.grade(problem, sample);
    }
    const seconds = Math.max(now() - start, 1) / 1000;
    if (round >= 0) rates.push((repeat * samples.length) / seconds);
  }
  const sorted = rates.sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return { problems: problems.length, rounds, answers_per_second: Number(median.toFixed(1)) };
}
