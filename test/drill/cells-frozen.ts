import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";

import { listDescendants, listWardens } from "../processes.js";
import type { Drill } from "./drill.js";

/** Stops or continues processes; those that are gone by then do not matter. */
function signalAll(pids: readonly number[], signal: "SIGSTOP" | "SIGCONT"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      continue;
    }
  }
}

/** Freezes a cell, or its warden alone, again and again; of `thawed` in ten freezes the cell goes on afterwards. */
function freeze(longestMs: number, thawed: number, counts: { frozen: number; left: number }) {
  return async (pid: number, over: AbortSignal): Promise<void> => {
    while (!over.aborted) {
      await pause(50 + 200 * Math.random());
      const wardens = listWardens(pid);
      const warden = wardens[Math.floor(Math.random() * wardens.length)];
      if (warden === undefined) continue;
      const whole = Math.random() < 0.5;
      const pids = [warden, ...(whole ? listDescendants(warden.pid) : [])].map((entry) => entry.pid);
      signalAll(pids, "SIGSTOP");
      counts.frozen++;
      if (10 * Math.random() >= thawed) {
        counts.left++;
        continue;
      }
      await pause(longestMs * Math.random(), undefined, { signal: over }).catch(() => undefined);
      signalAll(pids, "SIGCONT");
    }
  };
}

/** Cells stop for up to `longestMs` and go on: every sample has its verdict or none, and then gets it. */
export async function freezeCells(drill: Drill, longestMs: number): Promise<object> {
  const counts = { frozen: 0, left: 0 };
  const { code, stderr } = await drill.grade({ harm: freeze(longestMs, 10, counts) });
  expect([0, 2], stderr).toContain(code);
  const figures = await drill.check();
  expect(figures.rows).toBe(drill.samples);
  expect(counts.frozen).toBeGreaterThan(0);
  await drill.finish();
  return { ...counts, ...figures };
}

/** Some never go on. Takes minutes, since a cell is only given up when nothing has been heard of it for long. */
export async function freezeCellsForGood(drill: Drill): Promise<object> {
  const counts = { frozen: 0, left: 0 };
  const { code, stderr } = await drill.grade({ harm: freeze(2000, 9, counts) });
  expect([0, 2], stderr).toContain(code);
  const figures = await drill.check();
  expect(figures.rows).toBe(drill.samples);
  return { ...counts, ...figures };
}
