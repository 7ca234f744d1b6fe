import type { RunContext } from "../context.js";
import type { SetName } from "../records.js";

/** What is drawn to measure a model: one greedy sample, or samples for pass@k or for a vote. */
export type EvaluationKind = "greedy" | "pass_at_k" | "majority";

export interface Paths {
  readonly samples: string;
  readonly verdicts: string;
}

export function evaluationPaths(
  { folder }: Pick<RunContext, "folder">,
  iteration: number,
  set: SetName,
  kind: EvaluationKind,
): Paths {
  const [samples = "", verdicts = ""] = ["samples", "verdicts"].map((what) =>
    folder.of(iteration, "evaluation", `${set}.${kind}.${what}.jsonl.gz`),
  );
  return { samples, verdicts };
}
