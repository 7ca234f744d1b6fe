import type { RefusalReason } from "./contract.js";
import type { Verdict } from "../grading/types.js";
import type { Ending, Usage } from "../sandbox/contract.js";

/** Something the service answered with a verdict or with the outcome of a run. */
export interface Served {
  readonly kind: "grade" | "run";
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The problem's id; "" for runs. */
  readonly taskId: string;
  readonly client: string;
  readonly language: string;
  readonly outcome: Verdict | Ending;
  readonly cached: boolean;
  readonly queueMs: number;
  readonly usage: Usage;
  /** What was seen of the failure, cut short; candidates write into it. "" when nothing failed. */
  readonly detail: string;
}

/** Something the service did not answer. */
export interface Refused {
  readonly at: number;
  readonly client: string;
  readonly reason: RefusalReason;
}

/** A fault of ours, with what the client is not told. */
export interface InfrastructureFault {
  readonly taskId: string;
  readonly detail: string;
}

export interface Listener {
  served?(event: Served): void;
  refused?(event: Refused): void;
  fault?(event: InfrastructureFault): void;
}

const FAILURES_KEPT = 50;
const SECONDS_KEPT = 120;
const DETAIL_LENGTH = 500;

/** What happens in the service, told to whoever listens; with the last failures and the counts of the last seconds. */
export class ServiceEvents {
  readonly #listeners = new Set<Listener>();
  readonly #failures: Served[] = [];
  /** Answers by second of the clock, the newest last. */
  readonly #seconds: { second: number; served: number }[] = [];
  readonly #outcomes = new Map<string, number>();

  /** Tells the listener everything from now on, until the function that comes back is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  served(event: Served): void {
    const kept =
      event.detail.length > DETAIL_LENGTH ? { ...event, detail: event.detail.slice(0, DETAIL_LENGTH) } : event;
    this.#outcomes.set(event.outcome, (this.#outcomes.get(event.outcome) ?? 0) + 1);
    this.#count(Math.floor(event.at / 1000));
    if (event.outcome !== "accepted" && event.outcome !== "finished") {
      this.#failures.push(kept);
      if (this.#failures.length > FAILURES_KEPT) this.#failures.shift();
    }
    for (const listener of this.#listeners) listener.served?.(kept);
  }

  refused(event: Refused): void {
    for (const listener of this.#listeners) listener.refused?.(event);
  }

  fault(event: InfrastructureFault): void {
    for (const listener of this.#listeners) listener.fault?.(event);
  }

  /** The last failures, the newest first. */
  get failures(): readonly Served[] {
    return this.#failures.toReversed();
  }

  /** Answers by verdict (or ending, for runs) since the start. */
  get outcomes(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#outcomes);
  }

  /** Answers in each of the last `seconds` whole seconds before `now` (milliseconds since 1970), the newest last. */
  throughput(now: number, seconds = 60): number[] {
    const last = Math.floor(now / 1000) - 1;
    const counts = new Map(this.#seconds.map(({ second, served }) => [second, served]));
    return Array.from({ length: seconds }, (_, index) => counts.get(last - seconds + 1 + index) ?? 0);
  }

  #count(second: number): void {
    const newest = this.#seconds.at(-1);
    if (newest?.second === second) newest.served += 1;
    else this.#seconds.push({ second, served: 1 });
    if (this.#seconds.length > SECONDS_KEPT) this.#seconds.shift();
  }
}
