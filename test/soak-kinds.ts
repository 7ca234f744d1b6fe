import type { Ending, Judge, RunSpec } from "../src/sandbox/contract.js";

/** One kind of program with the ending it must have every time; `every` says how often it comes. */
export interface Kind {
  readonly every: number;
  readonly source: string;
  readonly spec: Omit<RunSpec, "limits"> & { readonly limits?: Partial<RunSpec["limits"]> };
  readonly ending: Ending;
  /** For judged ones: whether the check passes. */
  readonly passes?: boolean;
}

const judgeOf = (check: string): Judge => ({
  ...{ prelude: "import math", stubs: [{ name: "f" }], countAssertions: false },
  checks: [{ source: check }],
});

const attack = (every: number, source: string, ending: Ending): Kind => ({
  ...{ every, source, ending, passes: false },
  spec: { judge: judgeOf("assert f(1) == [1] * 9"), limits: { cpuMs: 200, wallMs: 600 } },
});

/** Honest, failing and attacking programs. The rarer come first: the first whose turn it is is run. */
export const KINDS: readonly Kind[] = [
  { every: 97, source: "while True: pass", spec: { limits: { cpuMs: 100 } }, ending: "time_limit" },
  { every: 89, source: "for n in range(800): open(f'{n}', 'w')", spec: {}, ending: "finished" },
  { every: 83, source: "x = bytearray(200 << 20)", spec: { limits: { memoryKb: 1 << 16 } }, ending: "memory_limit" },
  attack(79, "import os\nos.write(3, b'\\x01\\0\\0\\0r' + b'\\xff' * 60000)\ndef f(n): return 1", "finished"),
  attack(73, "class Same(list):\n    __eq__ = lambda *_: True\ndef f(n): return Same()", "finished"),
  attack(71, "import threading\ndef f(n):\n    while True: threading.Thread(target=f, args=(n,)).start()", "finished"),
  attack(
    67,
    "import os\nfor fd in range(3, 64):\n    try: os.close(fd)\n    except OSError: pass\ndef f(n): pass",
    "runtime_error",
  ),
  { every: 61, source: "import os\nfor pid in range(-1, 9): os.kill(pid, 9)", spec: {}, ending: "runtime_error" },
  { every: 59, source: "import os\nwhile True: os.fork()", spec: {}, ending: "runtime_error" },
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
    every: 17,
    source: "def f(n): return [n] * 8",
    spec: { judge: judgeOf("assert f(1) == [1] * 9") },
    ending: "finished",
    passes: false,
  },
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
    passes: true,
  },
  {
    every: 1,
    source: "print(sum(map(int, input().split())))",
    spec: { stdin: Buffer.from("1 2") },
    ending: "finished",
  },
];

export function kindOf(number: number): Kind {
  const kind = KINDS.find(({ every }) => number % every === every - 1);
  if (kind === undefined) throw new Error("there is a kind for every number");
  return kind;
}
