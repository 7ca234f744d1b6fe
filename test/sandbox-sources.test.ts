import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { NUMPY, outputOf, usePython } from "./sandbox-runs.js";

const python = usePython();
const LEVELS = 100_000;

describe("odd texts are programs too", () => {
  it.each([
    ["nothing", "", ""],
    ["white space", " \n\t\n", ""],
    ["a comment without an end of line", "# nothing", ""],
    ["a byte order mark", "\ufeffprint('a')", "a\n"],
    ["carriage returns and newlines", "if True:\r\n    print('a')\r\nprint('''b\r\nc''')\r\n", "a\nb\nc\n"],
    ["carriage returns alone", "print('a')\rprint('b')\r", "a\nb\n"],
    ["a form feed", "\fprint('a')\n", "a\n"],
    ["characters of every width", "print('é€😀'); naïve = 'ﬁ'; print(naïve)", "é€😀\nﬁ\n"],
    ["another encoding's name", "# -*- coding: latin-1 -*-\nprint('é')", "é\n"],
    ["the name of no encoding", "# -*- coding: no-such -*-\nprint('é')", "é\n"],
    ["a shebang", "#!/usr/bin/python3\nprint('a')", "a\n"],
    ["future imports", "from __future__ import annotations\ndef f(x: nothing): pass\nprint('a')", "a\n"],
    ["a line of a megabyte", `x = "${"y".repeat(1 << 20)}"\nprint(len(x))`, "1048576\n"],
    ["a hundred thousand lines", `${"x = 1\n".repeat(100_000)}print(x)`, "1\n"],
  ])("%s", async (_what, source, output) => {
    expect(outputOf(await python.run(source))).toBe(output);
  });

  it.each([
    ["a syntax error", "print('a'\nprint('b')", /^SyntaxError: .*\(line 1\)$/],
    ["tabs against spaces", "if 1:\n\tx = 1\n        y = 2", /^TabError/],
    ["a wrong indentation", "  x = 1\n y = 2", /^IndentationError/],
    ["NUL", "print('a\0b')", /null bytes/],
    ["NUL at the end", "print('a')\n\0", /null bytes/],
    ["a lone high surrogate", "print('\ud800')", /^UnicodeDecodeError/],
    ["a lone low surrogate in a comment", "# \udfff\nprint('a')", /^UnicodeDecodeError/],
    ["Python 2", "print 'a'", /^SyntaxError/],
    ["no Python", "Here is the code:\n", /^SyntaxError/],
    ["return outside a function", "return 1", /^SyntaxError/],
    ["brackets of great depth", "(".repeat(100_000), /^SyntaxError|^MemoryError/],
    ["a number of too many digits", `x = ${"9".repeat(10_000)}`, /^SyntaxError|^ValueError/],
  ])("compile_error: %s", async (_what, source, detail) => {
    const result = await python.run(source);
    expect(result).toMatchObject({ ending: "compile_error", stdout: Buffer.alloc(0) });
    expect(result.detail).toMatch(detail);
    expect((await python.judge(source, "assert f() == 1")).ending).toBe("compile_error");
  });

  it("a program of ten megabytes runs", async () => {
    const source = `${"# filler\n".repeat((10 << 20) / 9)}print("end")`;
    expect(outputOf(await python.run(source))).toBe("end\n");
  });
});

describe(`recursion ${LEVELS} levels deep`, () => {
  it.each([
    [
      "by the recursion limit",
      `import sys\nsys.setrecursionlimit(${2 * LEVELS})\ndef f(n): return 0 if n == 0 else f(n - 1) + 1`,
      `print(f(${LEVELS}))`,
    ],
    [
      "through lru_cache, which recurses in C",
      `import sys, functools\nsys.setrecursionlimit(${4 * LEVELS})\n@functools.lru_cache(None)\ndef f(n): return 0 if n == 0 else f(n - 1) + 1`,
      `print(f(${LEVELS}))`,
    ],
    [
      "in a thread with a stack of its own",
      `import sys, threading\nsys.setrecursionlimit(${2 * LEVELS})\nthreading.stack_size(512 << 20)\ndef f(n): return 0 if n == 0 else f(n - 1) + 1`,
      `t = threading.Thread(target=lambda: print(f(${LEVELS})))\nt.start()\nt.join()`,
    ],
    [
      "through lru_cache in such a thread",
      `import sys, functools, threading\nsys.setrecursionlimit(${4 * LEVELS})\nthreading.stack_size(512 << 20)\n@functools.lru_cache(None)\ndef f(n): return 0 if n == 0 else f(n - 1) + 1`,
      `t = threading.Thread(target=lambda: print(f(${LEVELS})))\nt.start()\nt.join()`,
    ],
    [
      "through a sort with a key that recurses",
      `import sys\nsys.setrecursionlimit(${4 * LEVELS})\ndef f(n): return 0 if n == 0 else sorted([n], key=lambda k: f(k - 1))[0]`,
      `print(f(${LEVELS / 2}) + ${LEVELS / 2})`,
    ],
  ])("%s", async (_way, define, call) => {
    expect(outputOf(await python.run(`${define}\n${call}`))).toBe(`${LEVELS}\n`);
  });

  it("in a judged program", async () => {
    const source = `import sys, functools\nsys.setrecursionlimit(${4 * LEVELS})\n@functools.lru_cache(None)\ndef f(n): return 0 if n == 0 else f(n - 1) + 1`;
    expect(await python.judge(source, `assert f(${LEVELS}) == ${LEVELS}`)).toMatchObject({ judge: { passed: 1 } });
  });
});

describe.skipIf(!existsSync(NUMPY))(`numpy (skipped where ${NUMPY} is missing)`, () => {
  it.each([
    ["arithmetic", `import numpy as np\nprint(np.arange(6).reshape(2, 3).sum(axis=1).tolist())`, "[3, 12]\n"],
    ["linear algebra", `import numpy\nprint(round(numpy.linalg.det(numpy.eye(200) * 1.0)))`, "1\n"],
    [
      "random numbers",
      `from numpy.random import default_rng\nprint(default_rng(1).integers(5, size=3).shape)`,
      "(3,)\n",
    ],
    ["input", `import numpy as np, sys\nprint(np.array(sys.stdin.read().split(), np.int64).sum())`, "6\n"],
  ])("%s", async (_what, source, output) => {
    expect(outputOf(await python.run(source, { stdin: "1 2 3" }))).toBe(output);
  });

  it.each([
    ["all at once", `import numpy as np\nnp.zeros(1 << 40)`],
    ["bit by bit", `import numpy as np\nblocks = [np.ones(1 << 17) for _ in range(10_000)]`],
  ])("too much memory %s is memory_limit", async (_how, source) => {
    expect(await python.run(source, { limits: { memoryKb: 256 << 10 } })).toMatchObject({ ending: "memory_limit" });
  });

  it("a program that only looks for it says whether it is there", async () => {
    const source = `name = "num" + "py"\ntry:\n    __import__(name)\n    print("there")\nexcept ImportError: print("missing")`;
    expect(outputOf(await python.run(source))).toBe("there\n");
  });
});
