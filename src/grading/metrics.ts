import type { Verdict, VerdictRecord } from "./types.js";

/**
 * Unbiased estimate of pass@k: the chance that of k samples drawn from n, of which c passed, at least one passes,
 * 1 - C(n-c, k) / C(n, k), as a product so that nothing overflows (Chen et al., 2021, arXiv:2107.03374).
 *
 * @returns a share from 0 to 1, or null when there are fewer than k samples
 * @throws RangeError unless 0 <= c <= n and 1 <= k, all integers
 */
export function estimatePassAtK(n: number, c: number, k: number): number | null {
  if (![n, c, k].every(Number.isInteger) || c < 0 || c > n || k < 1) {
    throw new RangeError(`Expected integers with 0 <= c <= n and k >= 1, got n=${n}, c=${c}, k=${k}`);
  }
  if (n < k) return null;
  // With fewer failures than k one factor is 0: no draw of k can miss every pass.
  let noneOfThem = 1;
  for (let i = n - c + 1; i <= n; i++) noneOfThem *= 1 - k / i;
  return 1 - noneOfThem;
}

/** Samples of one problem that were scored, and how many of them passed. */
export interface ProblemCount {
  readonly taskId: string;
  readonly samples: number;
  readonly passed: number;
}

export interface PassAtK {
  readonly k: number;
  /** Mean over the problems with at least k scored samples; null when there is none. */
  readonly mean: number | null;
  readonly problems: number;
  /** Problems with fewer scored samples than k: they are in no mean. */
  readonly leftOut: number;
}

/** The two numbers of APPS, as shares from 0 to 1, over the scored samples of one difficulty (null: none stated). */
export interface DifficultyScore {
  readonly difficulty: string | null;
  readonly samples: number;
  /** Share of samples that passed every test. */
  readonly strictAccuracy: number;
  /** Mean over samples of passed tests / all tests. Too low where runs stopped at the first failure, see `stopped`. */
  readonly testCaseAverage: number;
  /** Samples of which not every test was run. */
  readonly stopped: number;
}

export interface SlowSample {
  readonly taskId: string;
  /** Which one it was of all that were added, from 0. */
  readonly index: number;
  readonly verdict: Verdict;
  readonly cpuMs: number;
  readonly wallMs: number;
}

export interface SummaryCounts {
  /** Problems seen, scored or not. */
  readonly problems: number;
  /** Records added. */
  readonly samples: number;
  /** Records that count: neither the grader's fault nor the problem's. */
  readonly scored: number;
  readonly passed: number;
  readonly cached: number;
  readonly infrastructureErrors: number;
  readonly invalidProblems: number;
}

interface Tally {
  samples: number;
  passed: number;
}

interface DifficultyTally extends Tally {
  shares: number;
  stopped: number;
}

/**
 * Adds verdicts up, one at a time, and keeps a few numbers per problem of them. Records that end in
 * `infrastructure_error` or `invalid_problem` are counted and otherwise left out: they say nothing about a model.
 */
export class Summary {
  readonly #problems = new Map<string, Tally>();
  readonly #difficulties = new Map<string | null, DifficultyTally>();
  readonly #verdicts = new Map<Verdict, number>();
  readonly #slowest: SlowSample[] = [];
  readonly #keepSlowest: number;
  #samples = 0;
  #cached = 0;

  /** @param keepSlowest how many of the slowest samples to remember */
  constructor({ keepSlowest = 10 }: { keepSlowest?: number } = {}) {
    this.#keepSlowest = keepSlowest;
  }

  /** @param difficulty of the problem, where its data set states one */
  add(record: VerdictRecord, difficulty: string | null = null): void {
    const index = this.#samples++;
    if (record.cached) this.#cached++;
    this.#verdicts.set(record.verdict, (this.#verdicts.get(record.verdict) ?? 0) + 1);
    const problem = getOrAdd(this.#problems, record.task_id, () => ({ samples: 0, passed: 0 }));
    if (record.verdict === "infrastructure_error" || record.verdict === "invalid_problem") return;
    const passed = record.verdict === "accepted" ? 1 : 0;
    problem.samples++;
    problem.passed += passed;
    this.#addDifficulty(record, difficulty, passed);
    this.#addSlow(record, index);
  }

  get counts(): SummaryCounts {
    const infrastructureErrors = this.#verdicts.get("infrastructure_error") ?? 0;
    const invalidProblems = this.#verdicts.get("invalid_problem") ?? 0;
    return {
      problems: this.#problems.size,
      samples: this.#samples,
      scored: this.#samples - infrastructureErrors - invalidProblems,
      passed: this.#verdicts.get("accepted") ?? 0,
      cached: this.#cached,
      infrastructureErrors,
      invalidProblems,
    };
  }

  /** How often each verdict that came up did, and its share of all records; the most frequent first. */
  verdicts(): { verdict: Verdict; count: number; share: number }[] {
    return [...this.#verdicts]
      .map(([verdict, count]) => ({ verdict, count, share: count / this.#samples }))
      .sort((a, b) => b.count - a.count);
  }

  /** Scored and passed samples by problem, in the order the problems came in. */
  problems(): ProblemCount[] {
    return [...this.#problems].map(([taskId, tally]) => ({ taskId, ...tally }));
  }

  passAtK(k: number): PassAtK {
    let sum = 0;
    let problems = 0;
    for (const { samples, passed } of this.#problems.values()) {
      const estimate = estimatePassAtK(samples, passed, k);
      if (estimate === null) continue;
      sum += estimate;
      problems++;
    }
    return { k, mean: problems === 0 ? null : sum / problems, problems, leftOut: this.#problems.size - problems };
  }

  /** APPS's numbers by difficulty, in the order the difficulties came in. */
  byDifficulty(): DifficultyScore[] {
    return [...this.#difficulties].map(([difficulty, { samples, passed, shares, stopped }]) => ({
      difficulty,
      samples,
      strictAccuracy: passed / samples,
      testCaseAverage: shares / samples,
      stopped,
    }));
  }

  /** The samples that took most CPU time, the slowest first. */
  slowest(): readonly SlowSample[] {
    return [...this.#slowest];
  }

  #addDifficulty({ tests }: VerdictRecord, difficulty: string | null, passed: number): void {
    const none = (): DifficultyTally => ({ samples: 0, passed: 0, shares: 0, stopped: 0 });
    const tally = getOrAdd(this.#difficulties, difficulty, none);
    tally.samples++;
    tally.passed += passed;
    tally.shares += tests.total === 0 ? 0 : tests.passed / tests.total;
    if (tests.run < tests.total) tally.stopped++;
  }

  #addSlow({ task_id: taskId, verdict, usage }: VerdictRecord, index: number): void {
    const place = this.#slowest.findIndex((other) => other.cpuMs < usage.cpu_ms);
    if (place === -1 && this.#slowest.length >= this.#keepSlowest) return;
    const sample = { taskId, index, verdict, cpuMs: usage.cpu_ms, wallMs: usage.wall_ms };
    this.#slowest.splice(place === -1 ? this.#slowest.length : place, 0, sample);
    this.#slowest.length = Math.min(this.#slowest.length, this.#keepSlowest);
  }
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const created = create();
  map.set(key, created);
  return created;
}
