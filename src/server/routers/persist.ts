import { setTimeout as pause } from "node:timers/promises";

import { RefusedError, type Caller } from "../contract.js";

/** Longest time between two attempts, in milliseconds. */
const LONGEST_PAUSE_MS = 1000;

/**
 * Carries out `attempt`, and where the queue is full waits and tries again, until the caller's deadline comes or it
 * hangs up. For clients that take a refusal for a wrong answer.
 *
 * @param isFault values that are worth another attempt too
 * @throws RefusedError `late` or `gone`, never `busy`
 */
export async function persist<T>(
  caller: Caller,
  attempt: () => Promise<T>,
  isFault: (value: T) => boolean = () => false,
): Promise<T> {
  for (let pauseMs = 20; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      const value = await attempt();
      if (!isFault(value) || isLate(caller, pauseMs)) return value;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.reason !== "busy") throw error;
      if (isLate(caller, pauseMs)) throw new RefusedError("late", "the queue was full until the deadline");
    }
    await wait(pauseMs, caller);
  }
}

function isLate({ deadline }: Caller, pauseMs: number): boolean {
  return deadline !== null && performance.now() + pauseMs >= deadline;
}

async function wait(milliseconds: number, { signal }: Caller): Promise<void> {
  try {
    // Not all at once: half of the pause is drawn.
    await pause(milliseconds * (0.5 + Math.random() / 2), undefined, { signal });
  } catch {
    throw new RefusedError("gone", "the client hung up");
  }
}
