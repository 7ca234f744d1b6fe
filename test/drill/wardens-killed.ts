import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";

import { listDescendants, listWardens } from "../processes.js";
import type { Drill } from "./drill.js";
import { ROUNDS } from "./mixed-list.js";

/** Wardens, and what they hold, are killed at random: every sample has its verdict or none, and then gets it. */
export async function killWardens(drill: Drill): Promise<object> {
  let killed = 0;
  /** Wardens that have lost their judge. */
  const judged = new Set<number>();
  const harm = async (pid: number, over: AbortSignal): Promise<void> => {
    await drill.underWay(over);
    while (!over.aborted) {
      await pause((ROUNDS > 1 ? 10 : 1) * (30 + 120 * Math.random()));
      const wardens = listWardens(pid);
      const warden = wardens[Math.floor(Math.random() * wardens.length)];
      if (warden === undefined) continue;
      // The judge is the oldest child of the warden. The program that runs is a child too, but its end by a signal is its
      // own doing: where the judge has been killed already, it is the warden's turn.
      const [judge] = listDescendants(warden.pid).sort((a, b) => Number(a.start) - Number(b.start) || a.pid - b.pid);
      const spared = Math.random() < 0.5 && judge !== undefined && !judged.has(warden.pid);
      if (spared) judged.add(warden.pid);
      killed += end((spared ? judge : warden).pid) ? 1 : 0;
    }
  };
  const { code, stderr } = await drill.grade({ harm });
  expect([0, 2], stderr).toContain(code);
  const figures = await drill.check();
  expect(figures.rows).toBe(drill.samples);
  expect(killed).toBeGreaterThan(0);
  await drill.finish();
  return { killed, ...figures };
}

function end(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
