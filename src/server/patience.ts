import { setTimeout as delay } from "node:timers/promises";

import { RefusedError, type Caller } from "./contract.js";
import { lateError } from "./waiter.js";

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;

/**
 * Asks again for as long as the queue is full: for requests of many samples, and for protocols that have no word for
 * a full queue. Ends at the caller's deadline and when the client hangs up. Rejects with RefusedError, never `busy`.
 */
export async function askPatiently<T>(ask: () => Promise<T>, caller: Caller): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RefusedError) || error.reason !== "busy") throw error;
    }
    const left = caller.deadline === null ? Infinity : caller.deadline - performance.now();
    if (left <= 0) throw lateError();
    // Not all at the same moment: they would find the queue full together again.
    const wanted = pause * (0.5 + Math.random());
    await delay(Math.min(wanted, left), undefined, { signal: caller.signal }).catch(() => {
      throw new RefusedError("gone", "the client hung up");
    });
  }
}
