import { estimatePassAtK } from "../../grading/metrics.js";
import type { Problem, Verdict } from "../../grading/types.js";
import { readJudged } from "../collect/collect.js";
import { isScored } from "../collect/rows.js";
import type { RunContext } from "../context.js";
import type { SetMetrics, SetName } from "../records.js";
import { bootstrapMean } from "./bootstrap.js";
import { binOf } from "./difficulty.js";
import { evaluationPaths, type Paths } from "./evaluation-paths.js";

/** How the greedy sample of each problem was judged. */
export type Greedy = ReadonlyMap<string, Verdict>;

export async function readGreedy({ samples, verdicts }: Paths): Promise<Greedy> {
  const found = new Map<string, Verdict>();
  for await (const { verdict } of readJudged(samples, verdicts)) found.set(verdict.task_id, verdict.verdict);
  return found;
}

interface GreedyOptions {
  readonly problems: readonly Problem[];
  readonly resamples: number;
  readonly random: () => number;
}

/** pass@1 with its interval, against the base model and against the iteration before. */
export function measureGreedy(
  { now, base, before }: { now: Greedy; base: Greedy | null; before: Greedy | null },
  { problems, resamples, random }: GreedyOptions,
): SetMetrics {
  const scored = problems.filter(({ id }) => solves(now, id) !== null);
  const values = scored.map(({ id }) => solves(now, id) ?? 0);
  const verdicts: SetMetrics["verdicts"] = {};
  for (const verdict of now.values()) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  const changed = (was: 0 | 1, is: 0 | 1): string[] =>
    before === null
      ? []
      : problems.map(({ id }) => id).filter((id) => solves(before, id) === was && solves(now, id) === is);
  return {
    ...{ problems: problems.length, scored: scored.length, pass_at_1: mean(values) },
    ci95: bootstrapMean(values, resamples, random),
    gain: base === null ? null : measureGain(now, base, { problems, resamples, random }),
    ...{ majority: null, majority_samples: null, verdicts },
    ...{ newly_solved: changed(0, 1), newly_lost: changed(1, 0) },
    by_difficulty: groupBy(now, scored, ({ difficulty }) => difficulty),
  };
}

function measureGain(now: Greedy, base: Greedy, { problems, resamples, random }: GreedyOptions): SetMetrics["gain"] {
  const differences = problems.flatMap(({ id }) => {
    const [is, was] = [solves(now, id), solves(base, id)];
    return is === null || was === null ? [] : [is - was];
  });
  return { difference: mean(differences), ci95: bootstrapMean(differences, resamples, random) };
}

/** pass@k of samples, and pass@1 of the greedy ones by success rate of the base model's samples. */
export async function measurePassAtK(
  context: RunContext,
  iteration: number,
  set: SetName,
  paths: Paths,
  ks: readonly number[],
): Promise<Pick<SetMetrics, "pass_at_k" | "by_base_success">> {
  const counts = await readCounts(paths);
  const curve = ks.flatMap((k) => {
    const estimates = [...counts.values()].flatMap(
      ({ scored, accepted }) => estimatePassAtK(scored, accepted, k) ?? [],
    );
    return estimates.length === 0 ? [] : [[String(k), mean(estimates)] as const];
  });
  const base = iteration === 0 ? counts : await readCounts(evaluationPaths(context, 0, set, "pass_at_k"));
  const greedy = await readGreedy(evaluationPaths(context, iteration, set, "greedy"));
  const scored = (context.sets[set]?.problems ?? []).filter(({ id }) => solves(greedy, id) !== null);
  const binned = groupBy(greedy, scored, ({ id }) => {
    const count = base.get(id);
    return count === undefined || count.scored === 0 ? null : binOf(count.accepted / count.scored);
  });
  return { pass_at_k: Object.fromEntries(curve), by_base_success: binned };
}

export interface Count {
  readonly scored: number;
  readonly accepted: number;
}

/** Scored and accepted samples by problem. */
export async function readCounts({ samples, verdicts }: Paths): Promise<Map<string, Count>> {
  const counts = new Map<string, Count>();
  for await (const { verdict } of readJudged(samples, verdicts)) {
    const { scored, accepted } = counts.get(verdict.task_id) ?? { scored: 0, accepted: 0 };
    counts.set(verdict.task_id, {
      scored: scored + (isScored(verdict) ? 1 : 0),
      accepted: accepted + (verdict.verdict === "accepted" ? 1 : 0),
    });
  }
  return counts;
}

/** 1 or 0, or null where the sample was not scored. */
function solves(greedy: Greedy, id: string): 0 | 1 | null {
  const verdict = greedy.get(id);
  if (verdict === undefined || !isScored({ verdict })) return null;
  return verdict === "accepted" ? 1 : 0;
}

function groupBy(
  greedy: Greedy,
  problems: readonly Problem[],
  nameOf: (problem: Problem) => string | null,
): SetMetrics["by_difficulty"] {
  const groups = new Map<string, number[]>();
  for (const problem of problems) {
    const name = nameOf(problem);
    if (name === null) continue;
    groups.set(name, [...(groups.get(name) ?? []), solves(greedy, problem.id) ?? 0]);
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([name, values]) => [name, { problems: values.length, pass_at_1: mean(values) }]),
  );
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
