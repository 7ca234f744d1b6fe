import { Summary } from "../../grading/metrics.js";
import type { ProblemSet } from "../../grading/problems/index.js";
import { ReportCollector } from "../report/collect.js";
import type { ResultRow } from "../results/row.js";

/** Adds result rows up for the summary and the report, one at a time. */
export class Tally {
  readonly summary = new Summary();
  readonly figures = new ReportCollector();

  constructor(private readonly set: Pick<ProblemSet, "find">) {}

  add(row: ResultRow): void {
    const difficulty = this.set.find(row.task_id)?.difficulty ?? null;
    this.summary.add(row, difficulty);
    this.figures.add(row, difficulty);
  }
}
