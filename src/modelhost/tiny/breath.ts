import { setImmediate } from "node:timers/promises";

/** How long work may keep the process from answering others, milliseconds. */
const LONGEST_MS = 15;

/** Lets long work give way: `await breath()` between its parts lets others run when it has been their turn for a while. */
export function makeBreath(signal?: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < LONGEST_MS) return;
    await setImmediate();
    signal?.throwIfAborted();
    since = performance.now();
  };
}
