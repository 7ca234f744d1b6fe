import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Tally } from "../src/cli/grade/tally.js";
import { summariseRun } from "../src/cli/grade/summary.js";
import { joinRow } from "../src/cli/results/row.js";
import { createGrader } from "../src/grading/grader.js";
import { readProblems } from "../src/grading/problems/index.js";
import type { VerdictRecord } from "../src/grading/types.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});
afterAll(() => sandbox.dispose());

/** Two base inputs, 1 and 2, and one that only "plus" has, 0. */
const ROW = {
  ...{
    task_id: "HumanEval/0",
    prompt: "def f(x):\n",
    entry_point: "f",
    canonical_solution: "    return 10 // x if x else 7\n",
  },
  ...{ base_input: [[1], [2]], plus_input: [[0]], atol: 0 },
};
const readSet = async () => readProblems(await folder.write(`${JSON.stringify(ROW)}\n`, "plus.jsonl"));

async function grade(body: string, allTests = false): Promise<VerdictRecord> {
  const [problem] = (await readSet()).problems;
  if (problem === undefined) throw new Error("no problem");
  const grader = createGrader(sandbox, { comparator: "strict", extraction: "auto", allTests, limits: { cpuMs: 1000 } });
  return grader.grade(problem, { taskId: problem.id, completion: null, solution: `def f(x):\n    ${body}\n`, row: {} });
}

describe("EvalPlus problems", () => {
  it.each([
    ["a right program", "return 10 // x if x else 7", { base: true, plus: true }],
    ["one that is wrong for base inputs", "return 7", { base: false, plus: false }],
    ["one that is wrong for plus inputs only", "return 10 // x if x else 8", { base: true, plus: false }],
    ["one that raises there", "return 10 // x", { base: true, plus: false }],
    ["one that does not end there", "while not x: pass\n    return 10 // x", { base: true, plus: false }],
    ["one that does not compile", "return (", { base: false, plus: false }],
  ])("tell base from plus: %s", async (_, body, groups) => {
    expect((await grade(body)).groups).toEqual(groups);
    expect((await grade(body, true)).groups).toEqual(groups);
  });

  it("get a pass@k for each of the two", async () => {
    const set = await readSet();
    const tally = new Tally(set);
    for (const body of ["return 10 // x", "return 7"]) tally.add(joinRow({}, await grade(body)));
    const run = summariseRun({
      ...{ summary: tally.summary, groups: tally.groups, k: [1, 2], set, seconds: 1, isolation: "namespaces" },
      ...{ counts: { samples: 2, graded: 2 }, allTests: false },
    });
    expect(run.pass_at_k).toEqual({ "1": 0, "2": 0 });
    expect(run.groups).toEqual({
      base: { passed: 1, pass_at_k: { "1": 0.5, "2": 1 } },
      plus: { passed: 0, pass_at_k: { "1": 0, "2": 0 } },
    });
  });
});

it("the indices of failed tests are told where every test was to be run", async () => {
  expect((await grade("return 10 if x == 1 else 0", true)).tests).toEqual({
    total: 3,
    run: 3,
    passed: 1,
    failed: [1, 2],
  });
  expect((await grade("return 7")).tests).not.toHaveProperty("failed");
});
