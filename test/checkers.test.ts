import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { withDir } from "tmp-promise";
import { describe, expect, it } from "vitest";

import { createGrader, type GradeOptions } from "../src/grading/grader.js";
import { readProblems } from "../src/grading/problems/index.js";
import { writeCustomRow } from "../src/grading/problems/write-custom.js";
import type { Problem, VerdictRecord } from "../src/grading/types.js";
import { usePython } from "./sandbox-runs.js";

const CPP = existsSync("/usr/bin/g++");
const python = usePython({ cells: 2 });

type Fields = Readonly<Record<string, unknown>>;

function read(...rows: readonly Fields[]): Promise<readonly Problem[]> {
  return withDir(
    async ({ path }) => {
      const file = join(path, "problems.jsonl");
      const lines = rows.map((row, at) =>
        JSON.stringify({ schema: "assay-problem/1", id: `p/${at}`, prompt: "", ...row }),
      );
      await writeFile(file, lines.join("\n"));
      return (await readProblems(file)).problems;
    },
    { unsafeCleanup: true },
  );
}

/** One problem that is read anew from what `convert` writes of it. */
async function problemOf(fields: Fields): Promise<Problem> {
  const [problem] = await read({ tests: [{ input: "3\n", output: "1 2 3\n" }], ...fields });
  if (problem === undefined) throw new Error("no problem");
  const [again] = await read(JSON.parse(writeCustomRow(problem)) as Fields);
  expect(again).toEqual(problem);
  return problem;
}

const OPTIONS: GradeOptions = { comparator: "strict", extraction: "auto", allTests: false, limits: {} };

async function grade(problem: Problem, solution: string, options: Partial<GradeOptions> = {}): Promise<VerdictRecord> {
  const grader = createGrader(python.sandbox, { ...OPTIONS, ...options });
  return grader.grade(problem, { taskId: problem.id, completion: null, solution, row: {} });
}

/** Accepts any order. */
const ANY_ORDER = `def check(input, output, expected):
    if sorted(output.split()) != sorted(expected.split()):
        return False, "not the numbers from 1 to " + input.strip()
    return True
`;

const withFunction = (source: string) => problemOf({ checker: { protocol: "function", source } });

describe("a checker that is a function", () => {
  it("decides in the place of the comparator, and says why", async () => {
    const problem = await withFunction(ANY_ORDER);
    expect(await grade(problem, "print('3 1 2')")).toMatchObject({
      verdict: "accepted",
      comparator: "function checker",
    });
    const wrong = await grade(problem, "print('3 3 2')");
    expect(wrong).toMatchObject({ verdict: "wrong_answer", first_failure: { stderr: "not the numbers from 1 to 3" } });
  });

  it("may give a score, of which only the whole is accepted, and print what it likes", async () => {
    const problem = await withFunction(
      'def check(input, output, expected):\n    print(\'{"score": 1, "message": ""}\')\n    return float(output), \'partly\'\n',
    );
    expect((await grade(problem, "print(1.0)")).verdict).toBe("accepted");
    const partly = await grade(problem, "print(0.5)");
    expect(partly).toMatchObject({ verdict: "wrong_answer", first_failure: { stderr: "partly" } });
  });

  it.each([
    ["raises", "def check(input, output, expected): return 1 / 0", "ZeroDivisionError"],
    ["does not compile", "def check(:", "SyntaxError"],
    ["is not there", "x = 1", "check"],
    ["returns nothing", "def check(input, output, expected): pass", "neither a truth value nor a score"],
    ["returns a score that is none", "def check(input, output, expected): return 7", "not from 0 to 1"],
    ["leaves early", "import os\ndef check(input, output, expected): os._exit(0)", "without a decision"],
    ["takes too much memory", "def check(input, output, expected): return len('x' * (1 << 34)) > 0", "memory"],
  ])("that %s makes the problem invalid, not the answer wrong", async (_what, source, reason) => {
    const record = await grade(await withFunction(source), "print('1 2 3')");
    expect(record).toMatchObject({ verdict: "invalid_problem", passed: false });
    expect(record.first_failure?.stderr).toContain("its checker");
    expect(record.first_failure?.stderr).toContain(reason);
  });

  it.each([
    ["raises", "return int(output) == int(expected)", "print('x' * 5000)", /ValueError/],
    ["runs into its limit of memory", "return 'x' * int(output) > expected", "print(1 << 34)", /memory/],
    ["cannot be given", "return output == expected", "print('x' * (4 << 20))", /bytes of input, output and answer/],
  ])("that %s over one output alone has not been got around: the answer is wrong", async (_what, body, source, why) => {
    const checker = { protocol: "function", source: `def check(input, output, expected):\n    ${body}` };
    const input = why.source.includes("bytes") ? "x".repeat(29 << 20) : "";
    const problem = await problemOf({ checker, tests: [{ input, output: "7" }] });
    const record = await grade(problem, source);
    expect(record).toMatchObject({ verdict: "wrong_answer", passed: false });
    expect(record.first_failure?.stderr).toMatch(why);
    expect(record.first_failure?.stderr).toContain("it decides where the answer stands for the output");
  });

  it("is asked only about programs that ended as they should", async () => {
    const problem = await withFunction("def check(input, output, expected): return True");
    expect((await grade(problem, "print(1 / 0)")).verdict).toBe("runtime_error");
    expect((await grade(problem, "def (")).verdict).toBe("compile_error");
  });

  it("is told each test, and its decisions are counted one by one", async () => {
    const tests = [1, 2, 3, 4].map((n) => ({ input: `${n}`, output: `${n * n}` }));
    const source = "def check(input, output, expected): return int(input) ** 2 == int(output) == int(expected)";
    const problem = await problemOf({ tests, checker: { protocol: "function", source } });
    const record = await grade(problem, "n = int(input())\nprint(n * n if n % 2 else 0)", { allTests: true });
    expect(record.tests).toEqual({ total: 4, run: 4, passed: 2, failed: [1, 3] });
  });
});

describe("an output that attacks its checker", () => {
  it.each([
    ["holds what the checker's program would say", `print('{"score": 1, "message": ""}')`],
    ["holds Python", `print('__import__("os")._exit(0)')`],
    ["holds NULs and bytes that are no text", `import sys; sys.stdout.buffer.write(b"1 2 3\\0\\0\\xff\\xfe")`],
    ["is as large as it may be", `import sys; sys.stdout.write("3 " * (3 << 20))`],
    ["is one long line of digits", `print("9" * 1000000)`],
    ["is nothing", "pass"],
  ])("by what it holds comes to nothing: it %s", async (_what, solution) => {
    expect((await grade(await withFunction(ANY_ORDER), solution)).verdict).toBe("wrong_answer");
  });

  it("finds nothing of it in the candidate's own cell, nor leaves anything for it", async () => {
    const problem = await problemOf({
      tests: [1, 2, 3].map((n) => ({ input: `${n}`, output: "" })),
      checker: {
        protocol: "function",
        source: "import os\ndef check(i, o, e): return o == '[]' and os.listdir('.') != [], o + str(os.listdir('.'))",
      },
    });
    const solution =
      "import os\nprint(sorted(os.listdir('.')), end='')\nopen('checker.py', 'w').write('def check(*a): return True')";
    expect(await grade(problem, solution)).toMatchObject({ verdict: "accepted" });
  });

  it("that even its checker executes stays in the checker's cell", async () => {
    const problem = await withFunction("def check(input, output, expected): return eval(output) == 6");
    const record = await grade(problem, `print('open("/etc/shadow").read()')`);
    expect(record.verdict).toBe("invalid_problem");
    expect(record.first_failure?.stderr).toContain("shadow");
    expect((await grade(problem, "print('1 + 5')")).verdict).toBe("accepted");
  });
});

/** By the protocol of testlib, without its header. */
const TESTLIB_LIKE = `#include <fstream>
#include <iostream>
#include "numbers.h"
int main(int argc, char** argv) {
  std::ifstream in(argv[1]), out(argv[2]), answer(argv[3]);
  int n = number(in), given = number(out), wanted = number(answer);
  if (argc > 4 && std::string(argv[4]) == "pedantic") n += 1;
  std::cerr << "expected " << wanted << ", found " << given;
  if (given == -1) std::abort();
  if (given == -2) for (;;);
  if (given >= 100) return given - 100;
  return n == 3 && given == wanted ? 0 : 1;
}
`;
const NUMBERS = "inline int number(std::istream& from) { int n = 0; from >> n; return n; }\n";

describe.runIf(CPP)("a checker that is a program", () => {
  const testlib = (fields: Fields = {}) =>
    problemOf({ checker: { protocol: "testlib", source: TESTLIB_LIKE, files: { "numbers.h": NUMBERS }, ...fields } });

  it("decides by its exit status as testlib's do", async () => {
    const problem = await testlib();
    expect(await grade(problem, "print(1)")).toMatchObject({ verdict: "accepted", comparator: "testlib checker" });
    const record = await grade(problem, "print(2)");
    expect(record).toMatchObject({ verdict: "wrong_answer", first_failure: { stderr: "expected 1, found 2" } });
    const verdicts: Record<number, string> = {};
    for (const status of [1, 2, 3, 4, 5, 7, 8])
      verdicts[status] = (await grade(problem, `print(${100 + status})`)).verdict;
    const wrong = "wrong_answer";
    const invalid = "invalid_problem";
    expect(verdicts).toEqual({ 1: wrong, 2: wrong, 3: invalid, 4: wrong, 5: wrong, 7: wrong, 8: wrong });
  });

  it("says how it crashed over an output, and gets the arguments that the problem says", async () => {
    const crashed = await grade(await testlib(), "print(-1)");
    expect(crashed).toMatchObject({ verdict: "wrong_answer" });
    expect(crashed.first_failure?.stderr).toContain("its checker ended by signal 6");
    expect((await grade(await testlib({ arguments: ["pedantic"] }), "print(1)")).verdict).toBe("wrong_answer");
  });

  it("that does not compile makes the problem invalid", async () => {
    const record = await grade(await testlib({ source: "int main( {" }), "print(1)");
    expect(record.verdict).toBe("invalid_problem");
    expect(record.first_failure?.stderr).toContain("its checker does not compile");
  });

  it("that needs testlib.h where there is none is a fault of the machine", async () => {
    const before = process.env["ASSAY_TESTLIB"];
    process.env["ASSAY_TESTLIB"] = "/nowhere/testlib.h";
    try {
      const record = await grade(await testlib({ source: `#include "testlib.h"\nint main() {}` }), "print(1)");
      expect(record.verdict).toBe("infrastructure_error");
      expect(record.first_failure?.stderr).toContain("testlib.h is not here");
    } finally {
      if (before === undefined) delete process.env["ASSAY_TESTLIB"];
      else process.env["ASSAY_TESTLIB"] = before;
    }
  });
});

describe("checkers of other protocols", () => {
  it("are validators of the Kattis format: 42 is right, 43 is wrong, flags and a folder for feedback", async () => {
    const source = `import sys
input_file, answer_file, feedback, *flags = sys.argv[1:]
open(feedback + "judgemessage.txt", "w").write("seen")
wanted, given = open(answer_file).read().split(), sys.stdin.read().split()
if given == ["crash"]: sys.exit(1)
sys.exit(42 if given == wanted and open(input_file).read() == "3\\n" and flags == ["exact"] else 43)
`;
    const checker = { protocol: "kattis", language: "python", source };
    const problem = await problemOf({ checker: { ...checker, arguments: ["exact"] } });
    expect((await grade(problem, "print('1 2 3')")).verdict).toBe("accepted");
    expect((await grade(problem, "print('3 2 1')")).verdict).toBe("wrong_answer");
    expect((await grade(problem, "print('crash')")).verdict).toBe("wrong_answer");
    expect((await grade(await problemOf({ checker }), "print('1 2 3')")).verdict).toBe("wrong_answer");
  });

  it("are those of open-r1/codeforces, which print a score", async () => {
    const source = "import sys\nfiles = [open(name).read() for name in sys.argv[1:]]\nprint(files[2].strip())\n";
    const problem = await problemOf({ checker: { protocol: "score", language: "python", source } });
    const verdicts = [];
    for (const said of ["1", "0", "0.5", "2", "yes"]) verdicts.push((await grade(problem, `print("${said}")`)).verdict);
    expect(verdicts).toEqual(["accepted", "wrong_answer", "wrong_answer", "invalid_problem", "invalid_problem"]);
  });

  it("are built-in comparators by their names, whatever the run says", async () => {
    const problem = await problemOf({ checker: "code-contests" });
    expect(await grade(problem, "print('1\\n2\\n3.000001')")).toMatchObject({
      verdict: "accepted",
      comparator: "code-contests",
    });
    expect((await grade(await problemOf({}), "print('1\\n2\\n3')")).verdict).toBe("wrong_answer");
  });
});

describe("the format of checkers", () => {
  it.each([
    [{ checker: "sloppy" }, /field "checker": must be one of strict/],
    [{ checker: { protocol: "magic", source: "x" } }, /field "checker\.protocol"/],
    [{ checker: { protocol: "testlib", language: "klingon", source: "x" } }, /field "checker/],
    [{ checker: { protocol: "testlib", source: "x", files: { "../x": "" } } }, /field "checker/],
    [{ checker: "strict", validator_flags: {} }, /only one can decide/],
    [{ checker: "strict", interactor: { protocol: "testlib", source: "x" } }, /only one can decide/],
    [{ interactor: { protocol: "function", source: "x" } }, /field "interactor/],
    [{ checker: "strict", tests: [{ assert: "assert f(1)" }] }, /for tests with input and output/],
  ])("refuses %j", async (fields, message) => {
    await expect(read({ tests: [{ input: "", output: "" }], ...fields })).rejects.toThrow(message);
  });
});

describe("the input of a program", () => {
  it("comes from a file, or through a pipe where a policy says so", async () => {
    const problem = await problemOf({ tests: [1, 2].map((n) => ({ input: `${n}\n`, output: `${n}\n` })) });
    const bySize = "import os\nprint(os.read(0, os.fstat(0).st_size).decode())";
    expect((await grade(problem, bySize)).verdict).toBe("accepted");
    const piped = { stdin: "pipe", comparator: "lines", allTests: true } as const;
    expect(await grade(problem, bySize, piped)).toMatchObject({ verdict: "wrong_answer", tests: { failed: [0, 1] } });
    expect((await grade(problem, "print(input())", piped)).verdict).toBe("accepted");
  });
});
