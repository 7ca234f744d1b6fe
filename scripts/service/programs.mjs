// Programs of which it is known what must become of them, as a trainer sends them: every program is another one, and
// each is sent once for every test case. They are this project's own, so that the floor may run them without a sandbox.

/** Test cases of each program, as many requests one after the other with the same code. */
const CASES = 8;

/** Out of a thousand programs. What loops takes its whole second, some two hundred times as long as another test case. */
const SHARES = [
  ["right", 560],
  ["wrong", 260],
  ["raises", 80],
  ["broken", 80],
  ["loops", 20],
];

/**
 * The requests of a run, without an end: `{ kind, body, expected }`, where `expected` is what the test case wants on
 * stdout. Equal seeds, equal requests; no two programs of a seed are the same text.
 */
export function* makeRequests(seed) {
  for (let serial = 0; ; serial++) {
    const kind = kindOf(serial);
    const code = write(kind, `${seed}-${serial}`, (serial % 97) + 2);
    for (let n = 0; n < CASES; n++) {
      // A client that meets a time-out or a broken program learns no more from its other cases.
      if (n > 0 && (kind === "loops" || kind === "broken")) break;
      const input = 50 * n + (serial % 41);
      yield { kind, expected: `${sumTo(input) % ((serial % 97) + 2)}\n`, body: describe(code, `${input}\n`, kind) };
    }
  }
}

/** What a verl-style client must make of each kind. */
export const OUTCOMES = {
  right: "success",
  wrong: "wrong_answer",
  raises: "runtime_error",
  broken: "runtime_error",
  loops: "timeout",
};

/** Spread evenly: any thousand in a row have exactly the shares. */
function kindOf(serial) {
  let at = (serial * 617) % 1000;
  for (const [kind, share] of SHARES) {
    if (at < share) return kind;
    at -= share;
  }
  throw new RangeError("the shares do not add up to 1000");
}

function write(kind, name, modulus) {
  const body = {
    right: "print(answer(n))",
    wrong: "print(answer(n) + 1)",
    raises: "print([answer(n)][n + 1])",
    broken: "print(answer(n)",
    loops: "while True:\n    n += 1",
  }[kind];
  return `import sys
# sample ${name}
def answer(n):
    total = 0
    for value in range(n + 1):
        total = (total + value * value) % ${modulus}
    return total

n = int(sys.stdin.readline())
${body}

`;
}

function sumTo(n) {
  return (n * (n + 1) * (2 * n + 1)) / 6;
}

function describe(code, stdin, kind) {
  return JSON.stringify({
    ...{ compile_timeout: 10, run_timeout: kind === "loops" ? 1 : 10, code, stdin, memory_limit_MB: 1024 },
    ...{ language: "python", files: {}, fetch_files: [] },
  });
}
