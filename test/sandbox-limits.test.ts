import { describe, expect, it } from "vitest";

import type { Ending, Limits } from "../src/sandbox/contract.js";
import { resolveLimits } from "../src/sandbox/index.js";
import { outputOf, usePython } from "./sandbox-runs.js";

const python = usePython();
const MIB = 1024;

/** The same program under two settings of one limit: the lower stops it in the way stated, the higher lets it end. */
interface Case {
  readonly limit: keyof Limits;
  readonly what: string;
  readonly source: string;
  readonly low: number;
  readonly high: number;
  readonly ending: Ending;
  readonly says?: RegExp;
  /** Other limits, the same in both runs. */
  readonly beside?: Partial<Limits>;
}

const burn = (seconds: number): string => `import time\nwhile time.process_time() < ${seconds}: pass\nprint("done")`;
const touch = `block = bytearray(150 << 20)\nprint("done")`;
const startThreads = (count: number): string => `
import threading
gate = threading.Event()
threads = [threading.Thread(target=gate.wait) for _ in range(${count})]
try:
    for thread in threads: thread.start()
finally:
    gate.set()
print("done")`;
const openFiles = (count: number): string => `files = [open("/dev/null") for _ in range(${count})]\nprint("done")`;
const deepInC = `
import sys, functools
sys.setrecursionlimit(10**6)
@functools.lru_cache(None)
def depth(n): return 0 if n == 0 else depth(n - 1) + 1
print("done" if depth(30_000) else "")`;

const cases: readonly Case[] = [
  { limit: "cpuMs", what: "a busy loop", source: burn(0.6), low: 200, high: 5000, ending: "time_limit" },
  {
    limit: "cpuMs",
    what: "busy threads, counted together",
    source: `
import threading, zlib
data = bytes(1 << 20)
def work():
    for _ in range(100): zlib.crc32(data)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
import time
while time.process_time() < 0.6: pass
print("done")`,
    ...{ low: 200, high: 20_000, ending: "time_limit" },
  },
  {
    limit: "wallMs",
    what: "a sleeper",
    source: `import time\ntime.sleep(0.6)\nprint("done")`,
    ...{ low: 150, high: 30_000, ending: "time_limit", says: /elapsed/ },
  },
  {
    limit: "wallMs",
    what: "a program that closed its streams and sleeps on",
    source: `import os, time\nos.write(1, b"done\\n")\nos.close(1)\nos.close(2)\ntime.sleep(0.6)\nos._exit(0)`,
    ...{ low: 150, high: 30_000, ending: "time_limit", says: /elapsed/ },
  },
  { limit: "memoryKb", what: "touched memory", source: touch, low: 64 * MIB, high: 512 * MIB, ending: "memory_limit" },
  {
    limit: "memoryKb",
    what: "memory that grows bit by bit",
    source: `numbers = []\nfor n in range(3_000_000): numbers.append(str(n))\nprint("done")`,
    ...{ low: 64 * MIB, high: 1024 * MIB, ending: "memory_limit" },
  },
  {
    limit: "memoryKb",
    what: "a program that catches its MemoryError",
    source: `
try: block = bytearray(400 << 20)
except MemoryError: block = [bytearray(1 << 20) for _ in range(80)]
print("done")`,
    ...{ low: 64 * MIB, high: 1024 * MIB, ending: "memory_limit" },
  },
  {
    limit: "outputBytes",
    what: "stdout, to the byte",
    source: `import sys\nsys.stdout.write("x" * 99_995 + "done\\n")`,
    ...{ low: 99_999, high: 100_000, ending: "output_limit" },
  },
  {
    limit: "outputBytes",
    what: "stderr, to the byte",
    source: `import sys\nsys.stderr.write("x" * 100_000)\nprint("done")`,
    ...{ low: 99_999, high: 100_000, ending: "output_limit" },
  },
  {
    limit: "fileBytes",
    what: "a large file",
    source: `with open("large", "wb") as file: file.write(bytes(200_000))\nprint("done")`,
    ...{ low: 199_999, high: 200_000, ending: "output_limit" },
  },
  {
    limit: "openFiles",
    what: "open files, the three streams included",
    source: openFiles(20),
    ...{ low: 22, high: 23, ending: "runtime_error", says: /Too many open files/ },
  },
  {
    limit: "processes",
    what: "threads, the main one included",
    source: startThreads(6),
    ...{ low: 6, high: 7, ending: "runtime_error", says: /can't start new thread/ },
  },
  {
    limit: "processes",
    what: "a single thread",
    source: startThreads(1),
    ...{ low: 1, high: 2, ending: "runtime_error", says: /can't start new thread/ },
  },
  {
    limit: "stackKb",
    what: "deep recursion in C",
    source: deepInC,
    ...{ low: 2 * MIB, high: 512 * MIB, ending: "runtime_error" },
  },
];

describe("each limit binds at the setting of its run", () => {
  it.each(cases)("$limit: $what", async ({ limit, source, low, high, ending, says = /(?:)/, beside = {} }) => {
    const stopped = await python.run(source, { limits: { ...beside, [limit]: low } });
    expect(stopped).toMatchObject({ ending, detail: expect.stringMatching(says) as string });
    expect(outputOf(await python.run(source, { limits: { ...beside, [limit]: high } }))).toMatch(/done\n$/);
  });

  it.each([
    ["cpuMs", burn(30).replace("print", "return 1 or print"), "time_limit", { cpuMs: 200 }],
    ["wallMs", "import time\ntime.sleep(30)", "time_limit", { wallMs: 200 }],
    ["memoryKb", touch, "memory_limit", { memoryKb: 64 * MIB }],
    [
      "fileBytes",
      `with open("large", "wb") as file: file.write(bytes(200_000))`,
      "output_limit",
      { fileBytes: 100_000 },
    ],
    ["openFiles", openFiles(20), "runtime_error", { openFiles: 20 }],
    ["processes", startThreads(6), "runtime_error", { processes: 6 }],
  ] as const)("%s holds in a judged program too", async (_limit, body, ending, limits) => {
    const source = `def f():\n${body.replace(/^/gm, "    ")}\n    return 1`;
    const stopped = await python.judge(source, "assert f() == 1", { limits });
    const raised = stopped.judge?.firstFailure?.outcome === "raised" ? "raised" : null;
    // An error that Python can raise is for the test to see; what it was stands in the failure.
    if (raised === null) expect(stopped.ending).toBe(ending);
    else expect(stopped.judge?.firstFailure?.message).toMatch(/MemoryError|Too many open files|can't start new thread/);
    const passed = await python.judge(source.replace("30", "0.1"), "assert f() == 1");
    expect(passed).toMatchObject({ ending: "finished", judge: { passed: 1, firstFailure: null } });
  });
});

describe("a limit that was reached", () => {
  it("keeps what was written before, up to the limit", async () => {
    const flood = await python.run(`import sys\nwhile True: print("x" * 1000)`, { limits: { outputBytes: 5000 } });
    expect(flood.ending).toBe("output_limit");
    expect(flood.stdout.length).toBe(5000);
    const slow = await python.run(`print("first", flush=True)\nwhile True: pass`, { limits: { cpuMs: 200 } });
    expect(slow).toMatchObject({ ending: "time_limit", stdout: Buffer.from("first\n") });
  });

  it("stdout and stderr are counted apart", async () => {
    const source = `import sys\nsys.stdout.write("x" * 60_000)\nsys.stderr.write("y" * 60_000)`;
    const result = await python.run(source, { limits: { outputBytes: 60_000 } });
    expect(result.ending).toBe("finished");
    expect([result.stdout.length, result.stderr.length]).toEqual([60_000, 60_000]);
  });

  it.each([
    ["one allocation that could never be had", `"x" * (1 << 40)`],
    ["a list of lists", `[[0] * (1 << 20) for _ in range(10_000)]`],
    [
      "endless recursion with the brake off",
      `import sys\nsys.setrecursionlimit(1 << 30)\nf = lambda n: f(n + 1)\nf(0)`,
    ],
    ["an anonymous mapping", `import mmap\nmmap.mmap(-1, 1 << 40)`],
    ["an exception of its own on the way out", `try: bytearray(1 << 40)\nexcept MemoryError: raise`],
  ])("is called memory_limit: %s", async (_what, source) => {
    const result = await python.run(source, { limits: { memoryKb: 64 * MIB, stackKb: 8 * MIB, cpuMs: 20_000 } });
    expect(`${result.ending} ${result.detail}`).toMatch(/^memory_limit/);
  });

  it("does not spoil the next run of the same program", async () => {
    const source = `import sys\nif input() == "stop":\n    while True: pass\nprint("went on")`;
    const endings = await python.sandbox.withProgram({ language: "python", source }, async (lease) => {
      const limits = resolveLimits({ cpuMs: 200 });
      const run = async (stdin: string) => (await lease.run({ limits, stdin: Buffer.from(stdin), again: true })).ending;
      return [await run("stop"), await run("go"), await run("stop"), await run("go")];
    });
    expect(endings).toEqual(["time_limit", "finished", "time_limit", "finished"]);
  });
});
