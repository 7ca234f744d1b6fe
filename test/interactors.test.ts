import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { withDir } from "tmp-promise";
import { describe, expect, it } from "vitest";

import { createGrader } from "../src/grading/grader.js";
import { readProblems } from "../src/grading/problems/index.js";
import type { Problem, VerdictRecord } from "../src/grading/types.js";
import type { Limits } from "../src/sandbox/contract.js";
import { usePython } from "./sandbox-runs.js";

const CPP = existsSync("/usr/bin/g++");
const python = usePython({ cells: 2 });

function problemOf(interactor: object, tests: readonly object[] = [{ input: "42\n", output: "" }]): Promise<Problem> {
  return withDir(
    async ({ path }) => {
      const file = join(path, "problems.jsonl");
      const row = { schema: "assay-problem/1", id: "guess", prompt: "", tests, interactor };
      await writeFile(file, JSON.stringify(row));
      const [problem] = (await readProblems(file)).problems;
      if (problem === undefined) throw new Error("no problem");
      return problem;
    },
    { unsafeCleanup: true },
  );
}

function grade(problem: Problem, solution: string, limits: Partial<Limits> = {}, language = "python") {
  const options = { comparator: "strict", extraction: "auto", allTests: true, limits } as const;
  const sample = { taskId: problem.id, completion: null, solution, language, row: {} };
  return createGrader(python.sandbox, options).grade(problem, sample);
}

const outcome = ({ verdict, first_failure }: VerdictRecord): [string, string] => [verdict, first_failure?.stderr ?? ""];

/** A number from the test is guessed in at most seven questions; words that are none are answered by what they name. */
const GUESSING = `import sys, time
number = int(open(sys.argv[1]).read())
def end(status, why):
    sys.stderr.write(why)
    sys.exit(status)
for question in range(1, 9):
    line = sys.stdin.readline()
    if not line: end(WRONG, "no more questions")
    word = line.strip()
    if word == "fail": end(3, "the test is broken")
    if word == "crash": end(77, "so what")
    if word == "spin":
        while True: pass
    if word == "sleep": time.sleep(100)
    if not word.isdigit(): end(WRONG, "no number: %r" % word[:20])
    if int(word) == number: end(RIGHT, "guessed in %d" % question)
    if question == 8: end(WRONG, "too many questions")
    print("lower" if number < int(word) else "higher", flush=True)
`;
const interactor = (protocol: "testlib" | "kattis") => ({
  protocol,
  language: "python",
  source: (protocol === "testlib" ? "RIGHT, WRONG = 0, 1\n" : "RIGHT, WRONG = 42, 43\n") + GUESSING,
});

const HALVING = `import sys
low, high = 1, 100
print(50, flush=True)
for answer in sys.stdin:
    middle = (low + high) // 2
    low, high = (low, middle - 1) if answer == "lower\\n" else (middle + 1, high)
    print((low + high) // 2, flush=True)
`;
const HALVING_CPP = `#include <cstdio>
#include <cstring>
int main() {
  int low = 1, high = 100;
  for (;;) {
    int middle = (low + high) / 2;
    std::printf("%d\\n", middle);
    std::fflush(stdout);
    char answer[10] = "";
    if (std::scanf("%9s", answer) != 1) return 0;
    if (std::strcmp(answer, "lower") == 0) high = middle - 1; else low = middle + 1;
  }
}
`;

describe.each(["testlib", "kattis"] as const)("an interactor by the protocol of %s", (protocol) => {
  it("decides over what a program says to it, test by test", async () => {
    const tests = [42, 7, 42, 100].map((number) => ({ input: `${number}\n`, output: "" }));
    const problem = await problemOf(interactor(protocol), tests);
    const record = await grade(problem, HALVING);
    expect(record).toMatchObject({ verdict: "accepted", comparator: `${protocol} interactor`, tests: { passed: 4 } });
    const counting = "import sys\nprint(1, flush=True)\nfor n, _ in enumerate(sys.stdin, 2): print(n, flush=True)";
    const slow = await grade(problem, counting);
    expect(slow).toMatchObject({ verdict: "wrong_answer", tests: { failed: [0, 2, 3] } });
    expect(slow.first_failure?.stderr).toBe("too many questions");
  });
});

describe("the verdict of an interactive test", () => {
  const problem = () => problemOf(interactor("testlib"));

  it.runIf(CPP)("is the same for a program in another language", async () => {
    expect((await grade(await problem(), HALVING_CPP, {}, "cpp")).verdict).toBe("accepted");
  });

  it("is wrong_answer where the program ends too early, or talks nonsense and goes on for ever", async () => {
    expect(outcome(await grade(await problem(), "print(1)"))).toEqual(["wrong_answer", "no more questions"]);
    expect(outcome(await grade(await problem(), "while True: print('x' * 10)"))).toEqual([
      "wrong_answer",
      "no number: 'xxxxxxxxxx'",
    ]);
  });

  it("is the program's own ending where it does not end as it should", async () => {
    expect((await grade(await problem(), "print(1, flush=True)\nraise ValueError")).verdict).toBe("runtime_error");
    expect(
      (await grade(await problem(), "print(42, flush=True)\nimport time\ntime.sleep(0.2)\nraise ValueError")).verdict,
    ).toBe("runtime_error");
    expect((await grade(await problem(), "while True: pass", { cpuMs: 300 })).verdict).toBe("time_limit");
    expect((await grade(await problem(), "def (")).verdict).toBe("compile_error");
  });

  it("is time_limit where both wait for each other", async () => {
    // What it wrote is still in its buffer.
    const waiting = "import sys\nsys.stdout.write('50')\nsys.stdin.readline()";
    expect((await grade(await problem(), waiting, { wallMs: 300 })).verdict).toBe("time_limit");
  });

  it("is output_limit where the program floods an interactor that does not read", async () => {
    const deaf = await problemOf({ protocol: "testlib", language: "python", source: "import time\ntime.sleep(3)" });
    const record = await grade(deaf, "while True: print('x' * 100000)", { outputBytes: 1 << 20 });
    expect(record.verdict).toBe("output_limit");
  });

  it("is invalid_problem where the interactor says that the test is broken, or fails whoever talks to it", async () => {
    const told = await grade(await problem(), `print("fail", flush=True)\ninput()`);
    expect(outcome(told)).toEqual(["invalid_problem", "its interactor failed: the test is broken"]);
    const unready = await problemOf({ protocol: "kattis", language: "python", source: "number = int(input())" });
    const failed = await grade(unready, `print("one", flush=True)\ninput()`);
    expect(failed.verdict).toBe("invalid_problem");
    expect(failed.first_failure?.stderr).toContain("ValueError");
  });

  it("is wrong_answer where the program makes an interactor fail that decides without it", async () => {
    const without = " (it decides where nobody talks to it)";
    const crashed = await grade(await problem(), `print("crash", flush=True)\ninput()`);
    expect(outcome(crashed)).toEqual(["wrong_answer", `its interactor ended with exit status 77: so what${without}`]);
    const spinning = await grade(await problem(), `print("spin", flush=True)\ninput()`, { cpuMs: 400 });
    expect(spinning.verdict).toBe("wrong_answer");
    const sleeping = await grade(await problem(), `print("sleep", flush=True)`);
    expect(outcome(sleeping)).toEqual(["wrong_answer", `its interactor went on when the program had ended${without}`]);
  });

  it("says nothing of what the interactor knows: a program sees its own cell alone", async () => {
    const look = `import os
found = []
for place in (".", "/tmp", "/io"):
    if os.path.isdir(place): found += [name for name in os.listdir(place) if name != "stdin"]
print("files", found, flush=True)
`;
    expect(outcome(await grade(await problem(), look))).toEqual(["wrong_answer", "no number: 'files []'"]);
  });
});
