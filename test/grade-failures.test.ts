import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createGrader } from "../src/grading/grader.js";
import type { AssertionTests, Failure } from "../src/grading/types.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";
import { makeProblem } from "./cli-fakes.js";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});
afterAll(() => sandbox.dispose());

const called = (language: string) =>
  makeProblem("p", {
    ...{ language, entryPoint: "f" },
    tests: { kind: "calls", functionName: "f", cases: [{ args: '["a", 2]', expected: '[1, {"k": null}]' }] },
  });

async function failureOf(language: string, solution: string): Promise<Failure | null> {
  const grader = createGrader(sandbox, { comparator: "strict", allTests: false, limits: {}, extraction: "auto" });
  const sample = { taskId: "p", completion: null, solution, row: {} };
  return (await grader.grade(called(language), sample)).first_failure;
}

describe("the failure of a call shows call, expectation and answer, and nothing of assay's own code", () => {
  it.each([
    ["a wrong answer", "def f(a, b):\n    return 3", { verdict: "wrong_answer", actual: "3", stderr: "" }],
    ["an exception", "def f(a, b):\n    raise ValueError('no')", { verdict: "runtime_error", actual: "" }],
    ["an exit", "import os\ndef f(a, b):\n    os._exit(3)", { verdict: "runtime_error", actual: "" }],
    ["a program that does not compile", "def f(a, b:", { verdict: "compile_error", actual: "" }],
  ])("Python: %s", async (_what, solution, shown) => {
    expect(await failureOf("python", solution)).toMatchObject({
      ...{ input: "f('a', 2)", expected: "[1, {'k': None}]" },
      ...shown,
    });
  });

  it.each([
    ["a wrong answer", "const f = () => 3", "[ 1, { k: null } ]", { verdict: "wrong_answer", actual: "3", stderr: "" }],
    ["an exception", "const f = () => { throw new Error('no') }", "", { verdict: "runtime_error", actual: "" }],
  ])("JavaScript: %s", async (_what, solution, expected, shown) => {
    expect(await failureOf("javascript", solution)).toMatchObject({ input: "f('a', 2)", expected, ...shown });
  });
});

it("a preamble stands in front of the program, with or without a line's end", async () => {
  const tests: AssertionTests = {
    kind: "assertions",
    ...{ prelude: "", names: ["f"], checks: [{ source: "assert f(9) == 3" }], countAssertions: true },
  };
  for (const preamble of ["import math", "import math\n"]) {
    const grader = createGrader(sandbox, { comparator: "strict", allTests: false, limits: {}, extraction: "auto" });
    const sample = { taskId: "p", completion: null, solution: "def f(x): return math.isqrt(x)", row: {} };
    expect(await grader.grade(makeProblem("p", { preamble, tests }), sample)).toMatchObject({ verdict: "accepted" });
  }
});
