import { MajorityVote } from "../../grading/mathematics/majority.js";
import type { AnswerPolicyName } from "../../grading/mathematics/policies.js";
import type { SymbolicCheck } from "../../grading/mathematics/symbolic.js";
import type { OutputReader } from "../../grading/outputs.js";
import type { Problem } from "../../grading/types.js";
import type { Judged } from "../collect/rows.js";

/**
 * Share of problems whose most frequent answer is right: for questions the answers vote, for programs their outputs on
 * the inputs of the tests. Among groups of equal size chance decides, so each counts with its share. A problem without
 * a vote is not right. Null where the problems are such that nothing can vote (test code without inputs).
 */
export async function scoreMajority(
  judged: AsyncIterable<Judged>,
  find: (taskId: string) => Problem | undefined,
  how: {
    readonly policy: AnswerPolicyName;
    /** Asked whether answers are the same. */
    readonly symbolic: SymbolicCheck | null;
    readonly outputs: OutputReader;
    readonly onProgram: () => void;
  },
): Promise<number | null> {
  const answers = new MajorityVote();
  const programs = new Map<string, Map<string, Group>>();
  let questions = 0;
  const seen = new Set<string>();
  for await (const { sample, verdict } of judged) {
    const problem = find(sample.task_id);
    if (problem === undefined) continue;
    const passed = verdict.verdict === "accepted";
    const { kind } = problem.tests;
    if (kind === "answer") {
      if (!seen.has(problem.id)) questions += 1;
      answers.add({ taskId: problem.id, answer: verdict.equivalence?.answer ?? null, passed, policy: how.policy });
    } else if (kind !== "assertions") {
      const row = { taskId: problem.id, completion: sample.completion, solution: null, row: {} };
      const output = await how.outputs(problem, row);
      how.onProgram();
      const groups = programs.get(problem.id) ?? new Map<string, Group>();
      programs.set(problem.id, groups);
      if (output !== null) {
        const group = groups.get(output) ?? { votes: 0, passed: 0 };
        groups.set(output, { votes: group.votes + 1, passed: group.passed + (passed ? 1 : 0) });
      }
    }
    seen.add(problem.id);
  }
  const right = [...programs.values()].reduce((sum, groups) => sum + shareRight([...groups.values()]), 0);
  const total = programs.size + questions;
  return total === 0 ? null : (right + ((await answers.score(how.symbolic))?.accuracy ?? 0) * questions) / total;
}

interface Group {
  readonly votes: number;
  readonly passed: number;
}

/** Programs of one group agree on every input, so a verdict holds for all of them. */
function shareRight(groups: readonly Group[]): number {
  const most = groups.reduce((votes, group) => Math.max(votes, group.votes), 0);
  const winners = groups.filter(({ votes }) => votes === most);
  return winners.length === 0 ? 0 : winners.filter(({ passed }) => passed > 0).length / winners.length;
}
