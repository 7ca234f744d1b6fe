import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";

import { createGrader, type Grader } from "../../src/grading/grader.js";
import { readProblems } from "../../src/grading/problems/index.js";
import type { Problem, Sample } from "../../src/grading/types.js";
import type { Sandbox } from "../../src/sandbox/contract.js";
import { createSandbox } from "../../src/sandbox/index.js";
import { useTemporaryFolder } from "../temporary-folder.js";
import { fuzz } from "./fuzz.js";
import type { Random } from "./random.js";

const HOSTILE = readFileSync(join(import.meta.dirname, "hostile_child.py"), "utf8");
/** More than a program hits on by chance, and nowhere in what it is sent. */
const SECRET = "[340282366920938463463374607431768211297, 'no such luck', 2.718281828459045]";

/** Test code that uses an answer in the ways that test code does. */
const CHECKS = [
  `assert candidate([1, 2, 3], {"a": {1, 2}}) == ${SECRET}`,
  `assert abs(candidate(2.5) - 17.25) < 1e-9 and candidate("x") == ${SECRET}`,
  `assert sorted(candidate([3, 1])) == ${SECRET}`,
  `assert [x for x, _ in zip(candidate(1), range(5))] == ${SECRET}`,
  `assert len(candidate("abc")) == 77123 and str(candidate(0)) == "${"secret".repeat(9)}"`,
  `got = candidate(b"x", (1, None))\n    assert got["key"][0].name == ${SECRET}`,
  `assert hash(candidate(1)) == 918273645 and {candidate(2): 1} == {${SECRET}[0]: 1}`,
];
const ROWS: readonly object[][] = [
  CHECKS.map((check, at) => ({
    ...{ task_id: `HumanEval/${at}`, prompt: "", entry_point: "candidate" },
    test: `def check(candidate):\n    ${check}\n`,
  })),
  CHECKS.map((check, at) => ({
    ...{ task_id: at, text: "", code: "def candidate(*a): pass" },
    test_list: [check.replace("\n    ", "\n")],
  })),
  ["340282366920938463463374607431768211297", '["no such luck", 2.718281828459045]', '{"a": {"b": "c"}}'].map(
    (output, at) => ({
      ...{ problem_id: at, question: "" },
      input_output: `{"fn_name": "candidate", "inputs": [[[1, 2], "x"], [0]], "outputs": [${output}, [${output}]]}`,
    }),
  ),
  [
    {
      ...{ task_id: "HumanEval/1", prompt: "def candidate(*a):\n", entry_point: "candidate", atol: 0.001 },
      ...{ canonical_solution: `    return ${SECRET}\n`, base_input: [[1, [2]]], plus_input: [["a"]] },
    },
  ],
  [{ problem_id: 9, question: "", input_output: JSON.stringify({ inputs: ["1\n"], outputs: [SECRET] }) }],
];
const HONEST = "def candidate(x): return [x, {x: (x, x)}, {x}]";
const HONEST_ROW = {
  ...{ task_id: 1, text: "", code: HONEST },
  test_list: ["assert candidate(3) == [3, {3: (3, 3)}, {3}]"],
};

const folder = useTemporaryFolder();
let sandbox: Sandbox;
let graders: Grader[];
beforeAll(async () => {
  // One cell: what a hostile program leaves broken, the honest one behind it meets.
  sandbox = await createSandbox({ cells: 1 });
  const limits = { cpuMs: 300, wallMs: 900, memoryKb: 1 << 18, outputBytes: 1 << 20 };
  graders = (["strict", "apps"] as const).map((comparator) =>
    createGrader(sandbox, { comparator, extraction: "auto", allTests: false, limits }),
  );
});
afterAll(() => sandbox.dispose());

async function readRows(rows: readonly object[]): Promise<readonly Problem[]> {
  const path = await folder.write(rows.map((row) => JSON.stringify(row)).join("\n"), "problems.jsonl");
  return (await readProblems(path)).problems;
}

const sampleOf = (problem: Problem, solution: string): Sample => ({
  ...{ taskId: problem.id, completion: null, row: {} },
  solution,
});

describe("a program that speaks to whoever listens in its cell", () => {
  const problems: Problem[] = [];
  let honest: Problem | undefined;

  fuzz("is never accepted, and an honest one behind it is", 120, async (random: Random) => {
    if (problems.length === 0) {
      for (const rows of ROWS) problems.push(...(await readRows(rows)));
      [honest] = await readRows([HONEST_ROW]);
    }
    const problem = random.pick(problems);
    const grader = random.pick(graders);
    const solution = `SEED = ${random.bits()}\n${HOSTILE}`;
    const record = await grader.grade(problem, sampleOf(problem, solution));
    const failure = JSON.stringify(record.first_failure);
    expect(["wrong_answer", "runtime_error", "time_limit", "memory_limit", "output_limit"], failure).toContain(
      record.verdict,
    );
    if (honest === undefined) throw new Error("the honest problem is missing");
    const behind = await grader.grade(honest, sampleOf(honest, HONEST));
    expect(behind.verdict, JSON.stringify(behind.first_failure)).toBe("accepted");
  });
});
