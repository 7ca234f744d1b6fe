import type { Problem } from "../../grading/types.js";
import { isScored, type Judged, type VerdictRow } from "../collect/rows.js";
import type { SelftrainConfig } from "../config/schema.js";
import type { SampleRow, Selection } from "../records.js";
import { createRandom, shuffle } from "../seeds.js";
import { binOf } from "./difficulty.js";
import { normaliseCompletion } from "./same-program.js";

export interface SelectOptions {
  readonly select: SelftrainConfig["select"];
  readonly seed: number;
  readonly iteration: number;
  readonly model: string;
  readonly extraction: string;
  readonly find: (taskId: string) => Problem | undefined;
  /** Reads samples and verdicts from the start, problem by problem; it is called twice. */
  readonly read: () => AsyncIterable<Judged>;
  /** Success rates of the base model by problem, where bins are asked for. */
  readonly baseRates: ReadonlyMap<string, number> | null;
}

type Counts = Omit<Selection, "dataset_sha256">;

/**
 * The rows to learn from: samples whose reward is 1, of equal programs the first, at most `max_per_problem` for each
 * problem. With a binary reward this is all that the reward-weighted log-likelihood of the paper's Algorithm 1 has
 * terms for. What is chosen depends on the samples, their verdicts and the seed alone.
 */
export class Selector {
  readonly #rewards: Rewards;
  readonly counts: Counts;

  private constructor(
    private readonly options: SelectOptions,
    rewards: Rewards,
  ) {
    this.#rewards = rewards;
    this.counts = rewards.counts;
  }

  static async open(options: SelectOptions): Promise<Selector> {
    return new Selector(options, await readRewards(options));
  }

  /** Selected samples, in the order of the set; `counts` is right once all were taken. */
  async *rows(): AsyncGenerator<SampleRow> {
    const { select, baseRates, find } = this.options;
    const rewarded = this.#rewards.rewarded;
    let candidates: SampleRow[] = [];
    let at = 0;
    for await (const { sample, verdict } of this.options.read()) {
      if (candidates.length > 0 && candidates[0]?.task_id !== sample.task_id) {
        yield* this.#choose(candidates);
        candidates = [];
      }
      const rate = baseRates?.get(sample.task_id) ?? 0;
      const wanted = select.difficulty_bins?.includes(binOf(rate)) ?? true;
      if (rewarded[at++] === 1 && wanted && isScored(verdict) && find(sample.task_id) !== undefined) {
        candidates.push(sample);
      }
    }
    yield* this.#choose(candidates);
  }

  *#choose(candidates: readonly SampleRow[]): Generator<SampleRow> {
    const { select, seed, iteration, find, extraction } = this.options;
    const [first] = candidates;
    const problem = first === undefined ? undefined : find(first.task_id);
    if (problem === undefined) return;
    const distinct = select.deduplicate
      ? keepFirst(candidates, ({ completion }) => normaliseCompletion(problem, completion, extraction))
      : candidates;
    const cap = select.max_per_problem ?? Infinity;
    const order = orderBy(select.rule, distinct, createRandom(seed, iteration, "select", problem.id));
    const chosen = order.slice(0, cap).sort((a, b) => a.sample - b.sample);
    this.counts.distinct += distinct.length;
    this.counts.selected += chosen.length;
    this.counts.problems_selected += chosen.length > 0 ? 1 : 0;
    yield* chosen;
  }
}

function orderBy(rule: Counts["rule"], samples: readonly SampleRow[], random: () => number): SampleRow[] {
  if (rule === "random") return shuffle(samples, random);
  // Sorting keeps the order of equals, which is that of the samples.
  if (rule === "shortest") return [...samples].sort((a, b) => a.completion.length - b.completion.length);
  return [...samples];
}

function keepFirst<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const name = nameOf(item);
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

interface Rewards {
  /** 1 for each sample whose reward is 1, in the order of the samples. */
  readonly rewarded: readonly number[];
  readonly counts: Counts;
}

async function readRewards({ read, select, seed, iteration, model }: SelectOptions): Promise<Rewards> {
  const scored: number[] = [];
  const rewarded: number[] = [];
  const verdicts: Partial<Record<VerdictRow["verdict"], number>> = {};
  const tallies = new Map<string, { scored: number; accepted: number }>();
  let accepted = 0;
  for await (const { verdict: row } of read()) {
    const tally = tallies.get(row.task_id) ?? { scored: 0, accepted: 0 };
    tallies.set(row.task_id, tally);
    verdicts[row.verdict] = (verdicts[row.verdict] ?? 0) + 1;
    const passes = row.verdict === "accepted" ? 1 : 0;
    accepted += passes;
    tally.accepted += passes;
    if (isScored(row)) {
      tally.scored += 1;
      scored.push(rewarded.length);
    }
    rewarded.push(passes);
  }
  if (select.reward === "shuffled") dealOut(rewarded, scored, createRandom(seed, iteration, "shuffled rewards"));
  const byAccepted: Record<string, number> = {};
  for (const tally of tallies.values()) byAccepted[tally.accepted] = (byAccepted[tally.accepted] ?? 0) + 1;
  const rates = [...tallies.values()].filter((tally) => tally.scored > 0);
  const counts = {
    ...{ seed, rule: select.rule, reward: select.reward, model },
    ...{ problems: tallies.size, samples: rewarded.length, unscored: rewarded.length - scored.length, accepted },
    sampled_pass_at_1:
      rates.length === 0 ? null : rates.reduce((sum, one) => sum + one.accepted / one.scored, 0) / rates.length,
    ...{ verdicts, problems_by_accepted: byAccepted },
    ...{ distinct: 0, selected: 0, problems_selected: 0 },
  };
  return { rewarded, counts };
}

/** Deals the rewards of the scored samples out among them at random, over all problems. */
function dealOut(rewarded: number[], scored: readonly number[], random: () => number): void {
  const dealt = shuffle(
    scored.map((at) => rewarded[at] ?? 0),
    random,
  );
  for (const [place, at] of scored.entries()) rewarded[at] = dealt[place] ?? 0;
}
