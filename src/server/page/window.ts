/** What happened in one second of the clock. */
interface Second {
  second: number;
  samples: number;
  runs: number;
  cached: number;
  busy: number;
  late: number;
  /** How many waited for a place how long, by `bucketOf`. */
  readonly waits: number[];
}

/** Upper bounds of waits, milliseconds, each about a fifth above the one before: 0.1 ms to 12 minutes. */
const BOUNDS = Array.from({ length: 90 }, (_, index) => 0.1 * 1.19 ** index);

/** What came of the last seconds, in memory that does not grow with how much that was. */
export class Window {
  readonly #seconds: Second[] = [];

  /** Keeps the last `length` seconds. */
  constructor(private readonly length: number) {}

  /** Something was answered; `waitedMs` is null where nothing had to be run for it. */
  answered(at: number, kind: "grade" | "run", waitedMs: number | null): void {
    const second = this.#at(at);
    if (kind === "grade") second.samples += 1;
    else second.runs += 1;
    if (waitedMs === null) second.cached += 1;
    else {
      const bucket = bucketOf(waitedMs);
      second.waits[bucket] = (second.waits[bucket] ?? 0) + 1;
    }
  }

  /** Something was refused because the queue was full, or given up because its deadline came. */
  refused(at: number, reason: "busy" | "late"): void {
    this.#at(at)[reason] += 1;
  }

  /** The last `length` whole seconds before `now` (milliseconds since 1970), the newest last. */
  rates(now: number): { samples: number[]; runs: number[] } {
    const last = Math.floor(now / 1000) - 1;
    const known = new Map(this.#seconds.map((one) => [one.second, one]));
    const seconds = Array.from({ length: this.length }, (_, index) => known.get(last - this.length + 1 + index));
    return { samples: seconds.map((one) => one?.samples ?? 0), runs: seconds.map((one) => one?.runs ?? 0) };
  }

  /** Sums of the last `seconds` seconds, the one that is not over included; waits are null where nobody waited. */
  recent(now: number, seconds: number) {
    const from = Math.floor(now / 1000) - seconds;
    const kept = this.#seconds.filter(({ second }) => second >= from);
    const sum = (of: (one: Second) => number): number => kept.reduce((total, one) => total + of(one), 0);
    const waits = BOUNDS.map((_, bucket) => sum((one) => one.waits[bucket] ?? 0));
    return {
      answered: sum(({ samples, runs }) => samples + runs),
      ...{ cached: sum(({ cached }) => cached), busy: sum(({ busy }) => busy), late: sum(({ late }) => late) },
      wait_ms: { p50: quantile(waits, 0.5), p95: quantile(waits, 0.95) },
    };
  }

  #at(at: number): Second {
    const second = Math.floor(at / 1000);
    const newest = this.#seconds.at(-1);
    // A clock that was put back must not make a second entry of the past.
    if (newest !== undefined && newest.second >= second) return newest;
    const made: Second = { second, samples: 0, runs: 0, cached: 0, busy: 0, late: 0, waits: [] };
    this.#seconds.push(made);
    if (this.#seconds.length > this.length + 1) this.#seconds.shift();
    return made;
  }
}

function bucketOf(milliseconds: number): number {
  const found = BOUNDS.findIndex((bound) => milliseconds <= bound);
  return found === -1 ? BOUNDS.length - 1 : found;
}

function quantile(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let below = 0;
  const bucket = counts.findIndex((count) => (below += count) >= total * share);
  return Math.round((BOUNDS[bucket] ?? 0) * 10) / 10;
}
