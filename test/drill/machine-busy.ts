import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

import { expect } from "vitest";

import type { Drill } from "./drill.js";

/** Busy loops for each processor, beside the grading. */
const TIMES = 16;

/** That of the attack suite: what loops until its limit takes some 17 times as long here, and there are dozens of them. */
const CPU_SECONDS = 1;

/** Loops while there is the process that started it: also when that is killed, nothing stays behind for long. */
const BUSY = 'while kill -0 "$1"; do i=0; while [ $i -lt 99999 ]; do i=$((i + 1)); done; done';

/** The machine is oversubscribed 16 times: no verdict may change, since neither CPU time nor waiting for it is used up. */
export async function oversubscribe(drill: Drill): Promise<object> {
  const loops = Array.from({ length: TIMES * availableParallelism() }, () =>
    spawn("sh", ["-c", BUSY, "busy", String(process.pid)], { stdio: "ignore", detached: true }),
  );
  try {
    const { code, stderr } = await drill.grade({ args: ["--cpu-limit", String(CPU_SECONDS)] });
    expect([0, 2], stderr).toContain(code);
    const figures = await drill.check();
    expect(figures.rows).toBe(drill.samples);
    return { loops: loops.length, ...figures };
  } finally {
    for (const { pid } of loops) if (pid !== undefined) process.kill(-pid, "SIGKILL");
  }
}
