import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox, resolveLimits } from "../src/sandbox/index.js";
import { listDescendants, listDescriptors, listMounts, listWardens, stillThere } from "./processes.js";
import { kindOf } from "./soak-kinds.js";

const RUNS = Number(process.env.ASSAY_SOAK ?? 400);
const IN_FLIGHT = 4;
/** Faults in a row after which a run is taken for lost. */
const ATTEMPTS = 20;

let folder: string;
let sandbox: Sandbox;
const { TMPDIR } = process.env;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-"));
  process.env.TMPDIR = folder;
  sandbox = await createSandbox();
});
afterEach(async () => {
  await sandbox.dispose();
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  await rm(folder, { recursive: true });
});

it(`${RUNS} runs leave nothing behind and make nothing grow (ASSAY_SOAK sets their number)`, async () => {
  let next = 0;
  let faults = 0;
  const work = async (end: number, mayFail: boolean): Promise<void> => {
    while (next < end) {
      const met = await runKind(next++, mayFail);
      faults += met;
    }
  };
  const runUntil = (end: number, mayFail = false) =>
    Promise.all(Array.from({ length: IN_FLIGHT }, () => work(end, mayFail)));

  await runUntil(Math.floor(RUNS / 3));
  const early = await measure();
  // In the middle, while cells are killed and held up; before and after nothing goes wrong, so nothing may fail.
  const over = new AbortController();
  const drill = disturb(over.signal);
  await runUntil(Math.floor(RUNS / 2), true);
  over.abort();
  const disturbances = await drill;
  await runUntil(RUNS);
  const late = await measure();
  if (process.env.ASSAY_SOAK !== undefined) console.info({ runs: RUNS, disturbances, faults, early, late });

  for (const figure of ["processes", "descriptors", "mounts", "temporaryFiles"] as const) {
    expect(late[figure], figure).toBe(early[figure]);
  }
  // In a short soak the heap of this process is still finding its size.
  const settlingKb = RUNS < 5000 ? 16 << 10 : 0;
  expect(late.nodeKb, "resident memory of this process").toBeLessThan(1.1 * early.nodeKb + settlingKb);
  expect(late.wardensKb, "resident memory of the wardens").toBeLessThan(1.1 * early.wardensKb);

  const cells = listDescendants();
  await sandbox.dispose();
  expect(stillThere(cells)).toEqual([]);
}, 36_000_000);

/** Runs one program until it has a verdict, and gives how many faults of ours it took, which may only be in the drill. */
async function runKind(number: number, mayFail: boolean): Promise<number> {
  const kind = kindOf(number);
  const spec = { ...kind.spec, limits: resolveLimits(kind.spec.limits ?? {}) };
  for (let faults = 0; faults < ATTEMPTS; faults++) {
    const result = await sandbox.withProgram({ language: "python", source: kind.source }, (lease) => lease.run(spec));
    if (mayFail && result.ending === "infrastructure_error") continue;
    const passes = result.judge === null ? undefined : result.judge.firstFailure === null && result.judge.passed > 0;
    if (result.ending !== kind.ending || (kind.passes ?? passes) !== passes) {
      throw new Error(`${result.ending} (${result.detail}, passes: ${passes ?? "-"}) of run ${number}: ${kind.source}`);
    }
    return faults;
  }
  throw new Error(`run ${number} is lost: ${kind.source}`);
}

/** Kills wardens and holds cells up, again and again. Gives how often. */
async function disturb(over: AbortSignal): Promise<number> {
  let count = 0;
  while (!over.aborted) {
    const wardens = listWardens();
    const warden = wardens[count % Math.max(1, wardens.length)];
    if (warden !== undefined) {
      const stops = count % 3 !== 0;
      signal(warden.pid, stops ? "SIGSTOP" : "SIGKILL");
      await pause(20);
      if (stops) signal(warden.pid, "SIGCONT");
      count++;
    }
    await pause(500, undefined, { signal: over }).catch(() => undefined);
  }
  return count;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The cell has just been replaced.
  }
}

/** What could grow, looked at while nothing runs. */
async function measure() {
  // Every cell there is gets something to do, so that each has been brought up before it is weighed.
  await Promise.all(Array.from({ length: 8 * IN_FLIGHT }, () => runKind(0, false)));
  collectGarbage();
  const processes = listDescendants();
  const wardens = listWardens();
  return {
    processes: processes.length,
    descriptors: listDescriptors().length,
    mounts: listMounts().length,
    temporaryFiles: (await readdir(folder)).length,
    nodeKb: Math.round(process.memoryUsage.rss() / 1024),
    wardensKb: wardens.reduce((sum, { residentKb }) => sum + residentKb, 0),
  };
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
