import { describe, expect, it } from "vitest";

import type { RunResult } from "../src/sandbox/contract.js";
import { resolveLimits } from "../src/sandbox/index.js";
import { usePython } from "./sandbox-runs.js";

const python = usePython({ cells: 1 });
const ONE = "def f(*a, **k): return 1";
const passed = { ending: "finished", judge: { total: 1, run: 1, passed: 1, firstFailure: null } };

/** The outcome of the first failed check; null when none failed. */
const outcomeOf = ({ judge }: RunResult): unknown => judge?.firstFailure?.outcome ?? null;

describe("how a check comes out", () => {
  it("passed: the assertion holds", async () => {
    expect(await python.judge(ONE, "assert f() == 1")).toMatchObject(passed);
  });

  it("failed: it does not, and the failure shows call, expectation and answer", async () => {
    const result = await python.judge("def f(a, b=0): return [a, b]", "assert f('x', b=2) == ['x', 3]");
    expect(result).toMatchObject({
      ending: "finished",
      judge: { total: 1, run: 1, passed: 0 },
    });
    expect(result.judge?.firstFailure).toEqual({
      ...{ index: 0, outcome: "failed", input: "f('x', b=2)", actual: "['x', 2]", message: "" },
      expected: "assert f('x', b=2) == ['x', 3]",
    });
  });

  it.each([
    ["an exception of the language", "def f(): return {}['k']", "KeyError"],
    ["an exception of its own", "class Oops(Exception): pass\ndef f(): raise Oops('no')", "Oops: no"],
    ["an assertion of its own", "def f(): assert False, 'mine'", "AssertionError: mine"],
    ["an exit", "import sys\ndef f(): sys.exit(0)", "SystemExit"],
    ["an interruption", "def f(): raise KeyboardInterrupt", "KeyboardInterrupt"],
    ["endless recursion", "def f(): return f()", "RecursionError"],
    ["a function that is not there", "def g(): pass", "name 'f' is not defined"],
    ["a function that takes other arguments", "def f(a): pass", "TypeError"],
    ["something that is no function", "f = 1", "TypeError"],
    [
      "an exception whose text is one",
      "class E(Exception):\n    def __str__(self): return 1 / 0\ndef f(): raise E",
      "",
    ],
  ])("raised: %s", async (_what, source, message) => {
    const result = await python.judge(source, "assert f() == 1");
    expect(result.ending).toBe("finished");
    expect(outcomeOf(result)).toBe("raised");
    expect(result.judge?.firstFailure?.message).toContain(message);
  });

  it.each([
    ["it leaves", "import os\ndef f(): os._exit(0)"],
    ["it kills itself", "import os\ndef f(): os.kill(os.getpid(), 9)"],
    ["it crashes", "import ctypes\ndef f(): ctypes.string_at(8)"],
    ["it closes the line to the judge", "import os\ndef f(): os.close(3)\n"],
  ])("died: %s", async (_how, source) => {
    const result = await python.judge(source, ["assert f() == 1", "assert True"], { allTests: true });
    expect(result.ending).toBe("runtime_error");
    expect(outcomeOf(result)).toBe("died");
    expect(result.judge?.passed).toBe(0);
  });

  it.each([
    ["a program that fails when it is loaded", "1 / 0", "runtime_error", /ZeroDivisionError/],
    ["a program that exits when it is loaded", "import sys\nsys.exit(0)", "runtime_error", /SystemExit/],
    ["a program that leaves when it is loaded", "import os\nos._exit(0)", "runtime_error", /exit status 0/],
    ["a program that needs too much when it is loaded", "x = bytearray(1 << 40)", "memory_limit", /MemoryError/],
    ["a program that never gets loaded", "while True: pass", "time_limit", /CPU/],
  ])("%s has passed nothing", async (_what, source, ending, detail) => {
    for (const check of ["assert f() == 1", "pass"]) {
      const result = await python.judge(source, check, { limits: { cpuMs: 300 } });
      expect(result).toMatchObject({ ending, judge: { passed: 0 } });
      expect(result.detail).toMatch(detail);
    }
  });

  it.each([
    ["a syntax error", "assert f( == 1", ""],
    ["a name it lacks", "no_such_name.x(f())", ""],
    ["an import it lacks", "import no_such_module", ""],
    ["a prelude that fails", "assert f() == 1", "1 / 0"],
    ["a prelude that does not parse", "assert f() == 1", "def"],
  ])("broken: the test code has %s", async (_what, check, prelude) => {
    expect(outcomeOf(await python.judge(ONE, check, { prelude }))).toBe("broken");
  });

  it.each(["StopIteration", "StopAsyncIteration"])(
    "a %s of the program's does not end the test's own loop",
    async (name) => {
      const loop = "for got, wanted in zip(map(f, [1, 2]), [1, 2]): assert got == wanted";
      const result = await python.judge(`def f(x): raise ${name}`, loop);
      expect(outcomeOf(result)).toBe("raised");
      expect(result.judge?.firstFailure?.message).toContain(name);
    },
  );

  it("a test may expect an exception", async () => {
    const source = "class Own(ValueError): pass\ndef f(kind): raise {'own': Own, 'key': KeyError}[kind]('text')";
    const expecting = (kind: string, name: string) =>
      `try: f('${kind}')\nexcept ${name} as error: assert 'text' in str(error)\nelse: assert False`;
    expect(await python.judge(source, expecting("key", "KeyError"))).toMatchObject(passed);
    expect(await python.judge(source, expecting("own", "ValueError"))).toMatchObject(passed);
    expect(outcomeOf(await python.judge(source, expecting("key", "ValueError")))).toBe("raised");
  });

  it("a death is no exception that a test could expect", async () => {
    const check = "try: f()\nexcept Exception: pass";
    expect(outcomeOf(await python.judge("import os\ndef f(): os._exit(0)", check))).toBe("died");
  });
});

describe("several checks", () => {
  const SIGN = "def f(n): return 1 if n > 0 else -1";
  const checks = ["assert f(5) == 1", "assert f(0) == 0", "assert f(-5) == -1", "assert f(-0.0) == 0"];

  it("stop at the first failure, or go on", async () => {
    expect((await python.judge(SIGN, checks)).judge).toMatchObject({
      total: 4,
      run: 2,
      passed: 1,
      firstFailure: { index: 1 },
    });
    const all = await python.judge(SIGN, checks, { allTests: true });
    expect(all.judge).toMatchObject({ total: 4, run: 4, passed: 2, firstFailure: { index: 1 } });
  });

  it("are counted by assertion where that is asked for", async () => {
    const together = [`def check(candidate):\n${checks.map((check) => `    ${check}\n`).join("")}`, "check(f)"];
    const options = { countAssertions: true };
    expect((await python.judge(SIGN, together, options)).judge).toMatchObject({
      ...{ total: 4, run: 2, passed: 1 },
      firstFailure: { index: 1, input: "f(0)", actual: "-1" },
    });
    expect((await python.judge(SIGN, together, { ...options, allTests: true })).judge).toMatchObject({
      ...{ total: 4, run: 4, passed: 2 },
      firstFailure: { index: 1 },
    });
    expect((await python.judge(SIGN, ["f(1)"], options)).judge).toMatchObject({ total: 1, run: 1, passed: 1 });
  });

  it("an assertion that is made many times is one test, failed if it fails once", async () => {
    const loop = "for n in (1, 0, 2): assert f(n) == 1";
    const result = await python.judge(SIGN, loop, { countAssertions: true, allTests: true });
    expect(result.judge).toMatchObject({ total: 1, run: 1, passed: 0 });
  });

  it("share the program's state and see their data", async () => {
    const source = "calls = 0\ndef f():\n    global calls\n    calls += 1\n    return calls";
    expect((await python.judge(source, ["assert f() == 1", "assert f() == 2"])).judge?.passed).toBe(2);
    const judge = {
      ...{ prelude: "", stubs: [{ name: "f" }], countAssertions: false },
      checks: [1, 2].map((n) => ({ source: `assert f() == data["n"]`, data: JSON.stringify({ n }) })),
    };
    const result = await python.sandbox.withProgram({ language: "python", source }, (lease) =>
      lease.run({ limits: resolveLimits(), judge }),
    );
    expect(result.judge?.passed).toBe(2);
  });

  it("begin anew in the next run, on both sides", async () => {
    const source = "calls = []\ndef f():\n    calls.append(1)\n    return len(calls)";
    const prelude = "seen = []";
    const check = "seen.append(1)\nimport math\nassert f() == len(seen) == 1";
    for (let run = 0; run < 3; run++) expect(await python.judge(source, check, { prelude })).toMatchObject(passed);
  });

  it("what test code does to built-in names ends with its run", async () => {
    await python.judge(ONE, "import builtins\nbuiltins.kept = 1\n__builtins__['len'] = None");
    expect(await python.judge(ONE, "assert len([f()]) == 1")).toMatchObject(passed);
  });
});

describe("a judge that is stuck", () => {
  it.each([
    ["counts to what the program says", "def f(): return 10 ** 18", "for _ in range(f()): pass"],
    ["repeats what the program says", "def f(): return True", "while f(): pass"],
    ["computes with what the program says", "def f(): return 10 ** 9", "assert 7 ** f() == 1"],
  ])("%s: time_limit, and the next run works", async (_what, source, check) => {
    const result = await python.judge(source, check, { limits: { cpuMs: 300, wallMs: 600 } });
    expect(result.ending).toBe("time_limit");
    expect(result.judge?.passed ?? 0).toBe(0);
    expect(await python.judge(ONE, "assert f() == 1")).toMatchObject(passed);
  });
});
