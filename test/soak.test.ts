import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { Ending, Judge, RunSpec, Sandbox } from "../src/sandbox/contract.js";
import { createSandbox, resolveLimits } from "../src/sandbox/index.js";
import { listDescendants, listDescriptors, listMounts, listWardens, stillThere } from "./processes.js";

const RUNS = Number(process.env.ASSAY_SOAK ?? 400);
const AT_ONCE = 8;

/** One kind of program with the ending it must have every time; `every` says how often it comes. */
interface Kind {
  readonly every: number;
  readonly source: string;
  readonly spec: Omit<RunSpec, "limits"> & { readonly limits?: Partial<RunSpec["limits"]> };
  readonly ending: Ending;
}

const judgeOf = (check: string): Judge => ({
  ...{ prelude: "import math", stubs: [{ name: "f" }], countAssertions: false },
  checks: [{ source: check }],
});

/** The rarer come first: the first whose turn it is is run. */
const KINDS: readonly Kind[] = [
  { every: 97, source: "while True: pass", spec: { limits: { cpuMs: 100 } }, ending: "time_limit" },
  { every: 89, source: "for n in range(800): open(f'{n}', 'w')", spec: {}, ending: "finished" },
  { every: 83, source: "x = bytearray(200 << 20)", spec: { limits: { memoryKb: 1 << 16 } }, ending: "memory_limit" },
  {
    every: 41,
    source: "while True: print('x' * 99)",
    spec: { limits: { outputBytes: 1 << 16 } },
    ending: "output_limit",
  },
  { every: 31, source: "import os\nos.kill(os.getpid(), 9)", spec: {}, ending: "runtime_error" },
  { every: 29, source: "import os\ndef f(): os._exit(0)", spec: { judge: judgeOf("f()") }, ending: "runtime_error" },
  {
    every: 23,
    source: "import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').write('x' * 10**6)",
    spec: {},
    ending: "finished",
  },
  { every: 19, source: "def f(", spec: {}, ending: "compile_error" },
  {
    every: 13,
    source: "import threading\nfor _ in range(9): threading.Thread(target=print).start()",
    spec: {},
    ending: "finished",
  },
  { every: 11, source: "print(len(input()))", spec: { stdin: Buffer.alloc(1 << 20, "x") }, ending: "finished" },
  { every: 7, source: "1 / 0", spec: {}, ending: "runtime_error" },
  {
    every: 2,
    source: "def f(n): return [n] * 9",
    spec: { judge: judgeOf("assert f(1) == [1] * 9") },
    ending: "finished",
  },
  {
    every: 1,
    source: "print(sum(map(int, input().split())))",
    spec: { stdin: Buffer.from("1 2") },
    ending: "finished",
  },
];

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
  const runUntil = async (end: number): Promise<void> => {
    const work = async (): Promise<void> => {
      while (next < end) await runKind(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };

  await runUntil(Math.floor(RUNS / 3));
  const early = await measure();
  await runUntil(RUNS);
  const late = await measure();
  if (process.env.ASSAY_SOAK !== undefined) console.info({ runs: RUNS, early, late });

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
}, 3_600_000);

async function runKind(number: number): Promise<void> {
  const kind = KINDS.find(({ every }) => number % every === every - 1);
  if (kind === undefined) throw new Error("there is a kind for every number");
  const spec = { ...kind.spec, limits: resolveLimits(kind.spec.limits ?? {}) };
  const result = await sandbox.withProgram({ language: "python", source: kind.source }, (lease) => lease.run(spec));
  if (result.ending !== kind.ending) throw new Error(`${result.ending} (${result.detail}) of ${kind.source}`);
}

/** What could grow, looked at while nothing runs. */
async function measure() {
  // Every cell there is gets something to do, so that each has been brought up before it is weighed.
  await Promise.all(Array.from({ length: 4 * AT_ONCE }, () => runKind(0)));
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
