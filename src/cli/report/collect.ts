import type { Verdict } from "../../grading/types.js";
import type { ResultRow } from "../results/row.js";

/** What the report says of one problem. */
export interface ProblemFigures {
  readonly id: string;
  readonly difficulty: string | null;
  samples: number;
  accepted: number;
  readonly verdicts: Map<Verdict, number>;
  /** CPU time of each sample in milliseconds. */
  readonly cpuMs: number[];
}

/** One sample that was not accepted, its texts cut. */
export interface Example {
  readonly taskId: string;
  readonly verdict: Verdict;
  readonly test: number | null;
  readonly input: string;
  readonly expected: string;
  readonly actual: string;
  readonly stderr: string;
}

const MOST_EXAMPLES = 3;
const MOST_CHARACTERS = 600;

/** Takes in result rows one at a time and keeps what the report shows: figures for each problem, and a few examples. */
export class ReportCollector {
  readonly problems = new Map<string, ProblemFigures>();
  readonly examples = new Map<Verdict, Example[]>();
  sharedProcess = 0;
  truncated = 0;

  /** `difficulty` is what the data set says of the row's problem. */
  add(row: ResultRow, difficulty: string | null): void {
    if (row.integrity === "shared_process") this.sharedProcess += 1;
    if (row.extraction.truncated) this.truncated += 1;
    this.#addFigures(row, difficulty);
    if (row.verdict !== "accepted") this.#addExample(row);
  }

  #addFigures({ task_id, verdict, usage }: ResultRow, difficulty: string | null): void {
    let figures = this.problems.get(task_id);
    if (figures === undefined) {
      figures = { id: task_id, difficulty, samples: 0, accepted: 0, verdicts: new Map(), cpuMs: [] };
      this.problems.set(task_id, figures);
    }
    figures.verdicts.set(verdict, (figures.verdicts.get(verdict) ?? 0) + 1);
    // As in pass@k: what is neither the model's doing nor a verdict on it is not scored.
    if (verdict === "infrastructure_error" || verdict === "invalid_problem") return;
    figures.samples += 1;
    if (verdict === "accepted") figures.accepted += 1;
    figures.cpuMs.push(usage.cpu_ms);
  }

  #addExample({ task_id: taskId, verdict, first_failure: failure }: ResultRow): void {
    const examples = this.examples.get(verdict) ?? [];
    this.examples.set(verdict, examples);
    // Of several failures of one problem one is enough to show.
    if (examples.length >= MOST_EXAMPLES || examples.some((example) => example.taskId === taskId)) return;
    examples.push({
      ...{ taskId, verdict, test: failure?.index ?? null },
      input: cutText(failure?.input ?? ""),
      expected: cutText(failure?.expected ?? ""),
      actual: cutText(failure?.actual ?? ""),
      stderr: cutText(failure?.stderr ?? ""),
    });
  }
}

function cutText(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}

/** The middle value, or null of none. */
export function findMedian(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
