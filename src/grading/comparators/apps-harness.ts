/**
 * What the official APPS harness makes of a program before it runs it (hendrycks/apps, eval/testing_util.py): imports
 * put in front, a stdin program wrapped in a function, standard streams replaced by stand-ins. Published APPS numbers
 * include what this does to programs (a `__main__` guard is never true, `sys.stdin.buffer` does not exist, `global`
 * fails), so the `apps` comparator does the same. All of it runs in the candidate's process and decides nothing.
 */

const IMPORTS = [
  "import sys",
  "import time",
  "import itertools",
  "from itertools import accumulate, product, permutations, combinations",
  "import collections",
  "from collections import Counter, OrderedDict, deque, defaultdict, ChainMap",
  "from functools import lru_cache",
  "import math",
  "from math import sqrt, sin, cos, tan, ceil, fabs, floor, gcd, exp, log, log2",
  "import fractions",
  "from typing import List, Tuple",
  "import numpy as np",
  "import random",
  "import heapq",
  "from heapq import *",
];

/** These take longer to load than most programs run, and only a program that names them can tell. */
const DEAR: readonly (readonly [line: string, named: RegExp])[] = [
  ["import fractions", /fractions/],
  ["import numpy as np", /\bnp\b|numpy/],
];

function importsFor(source: string): string {
  const spared = DEAR.filter(([, named]) => !named.test(source)).map(([line]) => line);
  return IMPORTS.filter((line) => !spared.includes(line)).join("\n") + "\n";
}

/** What the harness takes away from `builtins`, `os`, `shutil` and `subprocess`, and hides from `import`. */
const REMOVALS = `import builtins as _b, os as _o, sys as _s
_b.exit = _b.quit = _b.help = None
for _n in ("kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate replace "
           "unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir").split():
    setattr(_o, _n, None)
for _m, _n in (("shutil", "rmtree"), ("shutil", "move"), ("shutil", "chown"), ("subprocess", "Popen")):
    # Only where they are loaded: loading them here would cost more than most programs do, and the jail holds anyway.
    if _m in _s.modules:
        setattr(_s.modules[_m], _n, None)
for _n in ("ipdb", "joblib", "resource", "psutil", "tkinter"):
    _s.modules[_n] = None
`;

/** The streams as the harness's own process has them while a program is loaded: nothing to read, nobody to write to. */
const STREAMS = `
import io as _io
_given = _s.stdin.read()
_real_stdout = _s.stdout
_loaded_stdin = _s.stdin = _io.TextIOWrapper(_io.BytesIO())
_s.stdout = _io.StringIO()
`;

/**
 * The call with the harness's stand-ins. Its patches are entered innermost first, so `read`, `readline` and
 * `readlines` are replaced on the stream of load time and `sys.stdin` is a plain stream during the call.
 */
const CALL = `
def _run_as_apps():
    lines = iter(_given.split("\\n"))
    _loaded_stdin.readline = lambda *ignored: next(lines)
    _loaded_stdin.readlines = lambda *ignored: _given.split("\\n")
    _loaded_stdin.read = lambda *ignored: _given
    _b.open = lambda *ignored, **ignored_too: _io.StringIO(_given)
    _s.stdin = _io.StringIO(_given)
    captured = _s.stdout = _io.StringIO()
    try:
        code()
    except SystemExit:
        pass
    _real_stdout.write(captured.getvalue())
    _real_stdout.flush()
_run_as_apps()
`;

/** The program as the harness would run it. */
export function asAppsRunsIt(source: string, kind: "stdin" | "calls"): string {
  if (kind === "calls") return REMOVALS + importsFor(source) + source;
  return REMOVALS + STREAMS + `__name__ = "tmp_sol"\n` + importsFor(source) + intoFunction(source) + CALL;
}

/** The harness's re-indentation, line by line and without a look at strings: part of what it does to programs. */
function intoFunction(source: string): string {
  let started = false;
  const lines = source.split("\n").map((line) => {
    const isImport = line.startsWith("from ") || line.startsWith("import ");
    if (isImport) return started ? `\t${line}\n` : `${line}\n`;
    const indented = `\t${line}\n`;
    if (started) return indented;
    started = true;
    return `stdin = sys.stdin\nstdout = sys.stdout\ndef code():\n${indented}`;
  });
  return lines.join("");
}
