import { constants } from "node:os";
import { describe, expect, it } from "vitest";

import { atPlace, outputOf, usePython } from "./sandbox-runs.js";

const python = usePython();
const { SIGKILL, SIGABRT, SIGSEGV } = constants.signals;

describe("how a script ends", () => {
  it.each([
    ["it runs to its end", "print(1)", 0],
    ["sys.exit()", "import sys\nsys.exit()", 0],
    ["sys.exit(0)", "import sys\nsys.exit(0)", 0],
    ["sys.exit(False)", "import sys\nsys.exit(False)", 0],
    ["sys.exit(256): the system keeps eight bits", "import sys\nsys.exit(256)", 0],
    ["exit()", "exit()", 0],
    ["raise SystemExit", "raise SystemExit", 0],
    ["os._exit(0)", "import os\nos._exit(0)", 0],
    ["a finally after sys.exit", "import sys\ntry:\n    sys.exit()\nfinally:\n    print(1)", 0],
  ])("finished: %s", async (_what, source, exitCode) => {
    expect(await python.run(source)).toMatchObject({ ending: "finished", exitCode, signal: null, judge: null });
  });

  it.each([
    ["an exception", "1 / 0", 1, /^ZeroDivisionError: division by zero$/],
    [
      "an exception with a cause",
      "try: 1 / 0\nexcept Exception as e: raise KeyError('k') from e",
      1,
      /^KeyError: 'k'$/,
    ],
    ["a name that is not there", "prnt(1)", 1, /^NameError: name 'prnt' is not defined/],
    ["an import that is not there", "import no_such_module", 1, /^ModuleNotFoundError/],
    ["recursion without end", "def f(): f()\nf()", 1, /^RecursionError/],
    ["sys.exit(3)", "import sys\nsys.exit(3)", 3, /exit status 3/],
    ["sys.exit(-1)", "import sys\nsys.exit(-1)", 255, /exit status 255/],
    ["sys.exit(True)", "import sys\nsys.exit(True)", 1, /exit status 1/],
    ["a text for sys.exit", "import sys\nsys.exit('no way')", 1, /^no way$/],
    ["a list for sys.exit", "import sys\nsys.exit([1])", 1, /^\[1\]$/],
    ["os._exit(7)", "import os\nos._exit(7)", 7, /exit status 7/],
    ["input at the end of the input", "input()", 1, /^EOFError/],
    ["interruption", "raise KeyboardInterrupt", 1, /^KeyboardInterrupt$/],
    ["an exception group", "raise ExceptionGroup('g', [ValueError(1)])", 1, /./],
    ["an exception that cannot be shown", "class E(Exception):\n    def __str__(self): 1 / 0\nraise E()", 1, /E/],
    ["an exception hook that fails", "import sys\nsys.excepthook = None\n1 / 0", 1, /./],
  ])("runtime_error: %s", async (_what, source, exitCode, detail) => {
    const result = await python.run(source);
    expect(result).toMatchObject({ ending: "runtime_error", exitCode, signal: null });
    expect(result.detail).toMatch(detail);
    expect(result.detail).not.toContain("\n");
  });

  it.each([
    ["kills itself", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", SIGKILL],
    ["aborts", "import os\nos.abort()", SIGABRT],
    ["reads where nothing is", "import ctypes\nctypes.string_at(8)", SIGSEGV],
  ])("runtime_error with a signal: it %s", async (_what, source, signal) => {
    expect(await python.run(source)).toMatchObject({ ending: "runtime_error", exitCode: null, signal });
  });

  it("a traceback shows the program's lines alone", async () => {
    const { stderr } = await python.run("def f():\n    return 1 / 0\n\nf()\n");
    expect(stderr.toString()).toBe(
      'Traceback (most recent call last):\n  File "solution.py", line 4, in <module>\n' +
        '  File "solution.py", line 2, in f\nZeroDivisionError: division by zero\n',
    );
  });

  it.each([
    [
      "atexit functions run, last first",
      `import atexit\natexit.register(print, 1)\natexit.register(print, 2)`,
      "2\n1\n",
    ],
    ["atexit functions run after sys.exit", `import atexit, sys\natexit.register(print, 1)\nsys.exit()`, "1\n"],
    [
      "threads are waited for",
      `import threading, time\ndef work():\n    time.sleep(0.05)\n    print("late")\nthreading.Thread(target=work).start()\nprint("early")`,
      "early\nlate\n",
    ],
    [
      "daemon threads are not",
      `import threading, time\ndef work():\n    time.sleep(1000)\n    print("late")\nthreading.Thread(target=work, daemon=True).start()\nprint("early")`,
      "early\n",
    ],
    [
      "an exception in a thread is that thread's",
      `import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()\nprint("went on")`,
      "went on\n",
    ],
    [
      "a pool of threads works",
      `from concurrent.futures import ThreadPoolExecutor as Pool\nwith Pool(4) as pool: print(sum(pool.map(abs, range(-9, 0))))`,
      "45\n",
    ],
    [
      "asyncio works",
      `import asyncio\nasync def main():\n    await asyncio.sleep(0.01)\n    print("slept")\nasyncio.run(main())`,
      "slept\n",
    ],
    ["output without a newline comes out", `print("a", end="")`, "a"],
    [
      "output behind a replaced stream comes out",
      `import sys, io\nold = sys.stdout\nsys.stdout = io.StringIO()\nold.write("a")`,
      "a",
    ],
    ["output on a stream of its own comes out", `out = open(1, "w")\nout.write("a")`, "a"],
    [
      "bytes on a stream of its own come out",
      `import io\nout = io.BufferedWriter(io.FileIO(1, "w"))\nout.write(b"a")`,
      "a",
    ],
    ["objects that go down with it have their say", `class A:\n    def __del__(self): print("a")\nx = A()`, "a\n"],
    ["the main guard holds", `if __name__ == "__main__": print("main")`, "main\n"],
    ["its arguments are its name", `import sys\nprint(len(sys.argv), sys.argv[0].endswith(".py"))`, "1 True\n"],
    [
      "it finds itself as __main__",
      `x = 5\nimport __main__\nprint(__main__.x, __main__.__dict__ is globals())`,
      "5 True\n",
    ],
    [
      "what is defined can be pickled and copied",
      `import pickle, copy, dataclasses\n@dataclasses.dataclass\nclass A:\n    x: "list[int]"\nprint(pickle.loads(pickle.dumps(A(1))) == copy.deepcopy(A(1)))`,
      "True\n",
    ],
    // Python 3.11 misses what is raised as it goes back to the very first instruction of a `try`, so that one is no loop.
    [
      "an alarm of its own works",
      `import signal\ndef ring(*_): raise TimeoutError\nsignal.signal(signal.SIGALRM, ring)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\ntry:\n    print(end="")\n    while True: print(end="")\nexcept TimeoutError: print("rang")`,
      "rang\n",
    ],
    ["an assertion is checked", `try: assert False\nexcept AssertionError: print("checked")`, "checked\n"],
    [
      "annotations are those of this program alone",
      `def f(a: int): pass\nprint(f.__annotations__)`,
      "{'a': <class 'int'>}\n",
    ],
    [
      "files can be written and read back",
      `open("a", "w").write("b")\nprint(open("${atPlace("/tmp")}/a").read())`,
      "b\n",
    ],
    [
      "a temporary file can be had",
      `import tempfile\nwith tempfile.TemporaryFile() as f: print(f.write(b"abc"))`,
      "3\n",
    ],
  ])("%s", async (_what, source, output) => {
    expect(outputOf(await python.run(source))).toBe(output);
  });
});

describe("the output", () => {
  it("comes back byte for byte", async () => {
    const result = await python.run(
      `import sys\nsys.stdout.buffer.write(bytes(range(256)) * 999)\nsys.stderr.buffer.write(bytes(range(255, -1, -1)))`,
    );
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
    expect(result.stdout.equals(Buffer.concat(Array.from({ length: 999 }, () => bytes)))).toBe(true);
    expect(result.stderr.equals(Buffer.from(bytes).reverse())).toBe(true);
  });

  it("is UTF-8, and what has no form in it is an error of the program", async () => {
    expect(outputOf(await python.run(`print("é€😀")`))).toBe("é€😀\n");
    expect(await python.run(`print("\\ud800")`)).toMatchObject({ ending: "runtime_error" });
  });

  it("is whole when it is large and its writer fast", async () => {
    const result = await python.run(`import sys\nfor n in range(300_000): sys.stdout.write(f"{n}\\n")`);
    const expected = Array.from({ length: 300_000 }, (_, n) => `${n}\n`).join("");
    expect(outputOf(result) === expected).toBe(true);
  });

  it("written below Python's streams keeps its order", async () => {
    const source = `import os\nprint("1", flush=True)\nos.write(1, b"2\\n")\nprint("3", flush=True)\nos.write(1, b"4\\n")`;
    expect(outputOf(await python.run(source))).toBe("1\n2\n3\n4\n");
  });

  it("that cannot be flushed fails the program, as python3 does", async () => {
    expect(await python.run(`import os\nprint("lost")\nos.close(1)`)).toMatchObject({
      ending: "runtime_error",
      exitCode: 120,
    });
  });
});

describe("the usage", () => {
  it("tells work from waiting, and much memory from little", async () => {
    const idle = (await python.run("pass")).usage;
    const busy = (await python.run("import time\nwhile time.process_time() < 0.3: pass")).usage;
    const asleep = (await python.run("import time\ntime.sleep(0.3)")).usage;
    const large = (await python.run("x = bytearray(100 << 20)")).usage;
    expect(busy.cpuMs).toBeGreaterThan(300);
    expect(busy.cpuMs).toBeGreaterThan(5 * idle.cpuMs);
    expect(busy.cpuMs).toBeGreaterThan(5 * asleep.cpuMs);
    expect(asleep.wallMs).toBeGreaterThan(300);
    expect(busy.wallMs).toBeGreaterThanOrEqual(0.9 * busy.cpuMs);
    expect(idle.cpuMs).toBeGreaterThan(0);
    expect(idle.peakMemoryKb).toBeGreaterThan(1000);
    expect(large.peakMemoryKb - idle.peakMemoryKb).toBeGreaterThan(95 << 10);
    expect(large.peakMemoryKb - idle.peakMemoryKb).toBeLessThan(115 << 10);
  });

  it("counts every thread", async () => {
    const one = await python.run("import zlib\nfor _ in range(300): zlib.crc32(bytes(1 << 20))");
    const four = await python.run(
      "import threading, zlib\ndef work():\n    for _ in range(300): zlib.crc32(bytes(1 << 20))\n" +
        "threads = [threading.Thread(target=work) for _ in range(4)]\nfor t in threads: t.start()",
    );
    expect(four.usage.cpuMs).toBeGreaterThan(2 * one.usage.cpuMs);
  });
});
