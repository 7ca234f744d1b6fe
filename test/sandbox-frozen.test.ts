import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";

import type { RunResult } from "../src/sandbox/contract.js";
import { listDescendants, listWardens, waitFor } from "./processes.js";
import { usePython } from "./sandbox-runs.js";

const python = usePython({ cells: 1 });
const WALL_MS = 2000;
const limits = { cpuMs: 1000, wallMs: WALL_MS };

let frozen: number[] = [];
const signalAll = (signal: NodeJS.Signals): void => {
  for (const pid of frozen) {
    try {
      process.kill(pid, signal);
    } catch {
      // On a busy machine the program may have ended between the look and the signal.
    }
  }
};
afterEach(() => {
  signalAll("SIGCONT");
  frozen = [];
});

/** Holds the whole cell still in the middle of a run, for longer than the run may take. */
async function freezeDuring(running: Promise<RunResult>): Promise<RunResult> {
  const cell = await waitFor("a run", () => {
    const warden = listWardens()[0];
    const below = warden === undefined ? [] : listDescendants(warden.pid);
    return warden !== undefined && below.length >= 2 && [warden, ...below];
  });
  frozen = cell.map(({ pid }) => pid);
  signalAll("SIGSTOP");
  // No wait for an event: what is tried is that time goes by.
  await pause(2 * WALL_MS);
  signalAll("SIGCONT");
  frozen = [];
  return running;
}

const sleeper = (seconds: number): string => `import time\ntime.sleep(${seconds})\n`;

it("a program whose cell is held still has the time it would have had", async () => {
  expect(await freezeDuring(python.run(`${sleeper(0.8)}print("here")`, { limits }))).toMatchObject({
    ending: "finished",
  });
  const judged = python.judge(`import time\ndef f():\n    time.sleep(0.8)\n    return 1`, "assert f() == 1", {
    limits,
  });
  expect((await freezeDuring(judged)).judge).toMatchObject({ passed: 1 });
});

it("and no more than that", async () => {
  const { ending, usage } = await freezeDuring(python.run(sleeper(1000), { limits }));
  expect(ending).toBe("time_limit");
  expect(usage.wallMs).toBeGreaterThan(2 * WALL_MS);
});
