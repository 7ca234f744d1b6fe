import { MajorityVote } from "../../grading/mathematics/majority.js";
import { ANSWER_POLICIES, type AnswerPolicyName } from "../../grading/mathematics/policies.js";
import { Summary } from "../../grading/metrics.js";
import type { ProblemSet } from "../../grading/problems/index.js";
import { ReportCollector } from "../report/collect.js";
import type { ResultRow } from "../results/row.js";

/** Adds result rows up for the summary and the report, one at a time. */
export class Tally {
  readonly summary = new Summary();
  readonly majority = new MajorityVote();
  readonly figures = new ReportCollector();

  /** By the name of a group of tests, where problems have any: the samples as that group judges them. */
  readonly groups = new Map<string, Summary>();

  constructor(private readonly set: Pick<ProblemSet, "find">) {}

  add(row: ResultRow): void {
    const difficulty = this.set.find(row.task_id)?.difficulty ?? null;
    this.summary.add(row, difficulty);
    this.figures.add(row, difficulty);
    this.#addGroups(row);
    if (row.equivalence === undefined) return;
    const { answer, policy } = row.equivalence;
    if (isPolicy(policy)) this.majority.add({ taskId: row.task_id, answer, passed: row.passed, policy });
  }

  #addGroups(row: ResultRow): void {
    for (const [name, passed] of Object.entries(row.groups ?? {})) {
      const summary = this.groups.get(name) ?? new Summary();
      this.groups.set(name, summary);
      summary.add(passed ? { ...row, verdict: "accepted" } : row);
    }
  }
}

function isPolicy(name: string): name is AnswerPolicyName {
  return Object.hasOwn(ANSWER_POLICIES, name);
}
