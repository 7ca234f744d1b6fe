import type { RunResult } from "../sandbox/contract.js";

/** Tests handed to a cell before the answer to the first of them is known: it need not wait for us in between. */
const RUNS_IN_FLIGHT = 2;

/** Starts `count` runs in order, a few ahead of the answers, until `take` says that enough is known. */
export async function inTurn(
  count: number,
  run: (index: number) => Promise<RunResult>,
  take: (result: RunResult, index: number) => boolean | Promise<boolean>,
): Promise<void> {
  const ahead: Promise<RunResult>[] = [];
  for (let next = 0, done = 0; done < count; done++) {
    // The first run brings back the compiled program; the others start from it.
    const window = done === 0 ? 1 : RUNS_IN_FLIGHT;
    while (next < count && ahead.length < window) ahead.push(run(next++));
    const result = await ahead.shift();
    if (result === undefined || !(await take(result, done))) break;
  }
  await Promise.all(ahead);
}
