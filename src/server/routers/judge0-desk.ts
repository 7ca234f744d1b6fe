import { RefusedError, type Caller, type Service } from "../contract.js";
import { TokenStore } from "../token-store.js";
import { carryOut, failedOutcome } from "./judge0-outcome.js";
import type { Order } from "./judge0-submission.js";
import { sizeOf, type Submission } from "./judge0-view.js";

export interface DeskOptions {
  readonly maxEntries?: number;
  readonly maxBytes?: number;
  /** Milliseconds that a finished submission can be fetched. */
  readonly keepMs?: number;
  readonly now?: () => number;
}

/** Milliseconds within which a submission that nobody waits for is run or given up. */
const PATIENCE_MS = 10 * 60_000;

/** Takes submissions in, has them carried out, and keeps what came of them for a while, in memory. */
export class SubmissionDesk {
  readonly #service: Service;
  readonly #store: TokenStore<Submission>;

  constructor(service: Service, options: DeskOptions) {
    this.#service = service;
    this.#store = new TokenStore({ maxEntries: 10_000, maxBytes: 256 << 20, keepMs: 3_600_000, ...options });
  }

  find(token: string): Submission | undefined {
    return this.#store.get(token);
  }

  /**
   * Runs a submission while its client waits.
   * @throws RefusedError also where there is no room for it
   */
  async runNow(order: Order, caller: Caller): Promise<Submission> {
    const submission = this.#take(order);
    try {
      this.#finish(submission, await carryOut(this.#service, order, caller));
    } catch (error) {
      this.#store.delete(submission.token);
      throw error;
    }
    return submission;
  }

  /**
   * Takes a submission and runs it when its turn comes; a service that is busy is asked again.
   * @throws RefusedError where there is no room for it
   */
  runLater(order: Order, client: string): Submission {
    const submission = this.#take(order);
    const caller = { client, deadline: performance.now() + PATIENCE_MS, signal: new AbortController().signal };
    void this.#carryOutPatiently(order, caller).then((outcome) => this.#finish(submission, outcome));
    return submission;
  }

  #take(order: Order): Submission {
    const draft = { order, createdAt: new Date().toISOString(), finishedAt: null, outcome: null };
    const taken = this.#store.put((token): Submission => ({ ...draft, token }), sizeOf({ ...draft, token: "" }));
    if (taken === undefined) throw new RefusedError("busy", "queue is full");
    return taken;
  }

  #finish(submission: Submission, outcome: Submission["outcome"]): void {
    submission.outcome = outcome;
    submission.finishedAt = new Date().toISOString();
    this.#store.finish(submission.token, sizeOf(submission));
  }

  async #carryOutPatiently(order: Order, caller: Caller) {
    for (;;) {
      try {
        return await carryOut(this.#service, order, caller);
      } catch (error) {
        const busy = error instanceof RefusedError && error.reason === "busy";
        if (!busy || performance.now() > (caller.deadline ?? 0)) return failedOutcome(error);
        await pause(error.retryAfter * 1000);
      }
    }
  }
}

/** Does not keep the process up. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds).unref());
}
