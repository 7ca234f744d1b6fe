import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { expect } from "vitest";

import type { Drill } from "./drill.js";

/** libfaketime, where Debian's package of that name puts it, or where ASSAY_FAKETIME says. */
export const FAKETIME =
  process.env.ASSAY_FAKETIME ??
  ["x86_64", "aarch64"]
    .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
    .find((path) => existsSync(path));

const STEPS = ["+3600s", "-86400s", "+0s", "+30d", "-10y", "+1s"];

/** The time of day leaps to and fro for the graded process alone; the machine's own clock is not touched. */
export async function stepClock(drill: Drill): Promise<object> {
  const file = join(drill.folder.path, "clock");
  await writeFile(file, "+0s");
  let steps = 0;
  const harm = async (_pid: number, over: AbortSignal): Promise<void> => {
    while (!over.aborted) {
      await pause(30);
      await writeFile(file, STEPS[steps++ % STEPS.length] ?? "+0s");
    }
  };
  const env = {
    LD_PRELOAD: FAKETIME,
    ...{ FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1" },
  };
  const { code, stderr } = await drill.grade({ harm, env });
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  const figures = await drill.check();
  expect(figures).toMatchObject({ rows: drill.samples, faults: 0 });
  return { steps, ...figures };
}
