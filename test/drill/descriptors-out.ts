import { execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

import { expect } from "vitest";

import { listWardens } from "../processes.js";
import type { Drill } from "./drill.js";

/** Fewer than a cell asks for, and fewer than the grading itself needs for another cell. */
const FEW = [48, 192];

/**
 * Too few descriptors from the start: it says why it cannot grade. Then none left in the middle, again and again, while
 * cells that are killed have to be replaced: a sample has its verdict or none, and then gets it.
 */
export async function exhaustDescriptors(drill: Drill): Promise<object> {
  for (const most of FEW) {
    const { code, stderr } = await drill.grade({ wrapper: `ulimit -n ${most}; exec "$@"` });
    expect([0, 1, 2], stderr).toContain(code);
    // Node itself says of a module that it cannot open that it is not there.
    if (code === 1) expect(stderr).toMatch(/EMFILE|too many open files|sandbox|ERR_MODULE_NOT_FOUND/i);
    await drill.check();
  }
  let times = 0;
  const harm = async (pid: number, over: AbortSignal): Promise<void> => {
    await drill.underWay(over);
    while (!over.aborted) {
      await pause(200);
      const [warden] = listWardens(pid);
      if (warden === undefined) continue;
      try {
        execFileSync("prlimit", ["--pid", String(pid), "--nofile=20:"], { stdio: "ignore" });
        process.kill(warden.pid, "SIGKILL");
        times++;
        await pause(300);
        execFileSync("prlimit", ["--pid", String(pid), "--nofile=1024:"], { stdio: "ignore" });
      } catch {
        // It has come to its end.
      }
    }
  };
  const { code, stderr } = await drill.grade({ harm });
  expect([0, 2], stderr).toContain(code);
  const figures = await drill.check();
  expect(figures.rows).toBe(drill.samples);
  await drill.finish();
  return { times, code, ...figures };
}
