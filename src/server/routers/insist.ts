import { setTimeout as delay } from "node:timers/promises";

import { RefusedError, type Caller } from "../contract.js";
import { askPatiently } from "../patience.js";

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;

/**
 * Asks as `askPatiently` does, and again for as long as the answer is a fault of ours: for clients that take every failure
 * for a wrong answer. A fault that is still there when the deadline comes is returned.
 *
 * @throws RefusedError, never `busy`
 */
export async function insist<T>(caller: Caller, ask: () => Promise<T>, isFault: (value: T) => boolean): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const value = await askPatiently(ask, caller);
    const late = caller.deadline !== null && performance.now() + pause >= caller.deadline;
    if (late || !isFault(value)) return value;
    await delay(pause, undefined, { signal: caller.signal }).catch(() => {
      throw new RefusedError("gone", "the client hung up");
    });
  }
}
