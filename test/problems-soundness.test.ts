import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGrader } from "../src/grading/grader.js";
import { readProblems } from "../src/grading/problems/index.js";
import { ProblemFindings } from "../src/grading/soundness/findings.js";
import { makeMutants } from "../src/grading/soundness/mutants.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";
import { checkSet } from "../src/cli/problems/check-set.js";
import { makeProblem, makeRecord, makeWorld } from "./cli-fakes.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});
afterAll(() => sandbox.dispose());

const problem = (id: string, fields: object) =>
  JSON.stringify({ schema: "assay-problem/1", prompt: "", id, entry_point: "f", ...fields });
const SQUARE = "def f(x):\n    return x * x\n";

const SET = [
  problem("good", {
    tests: [
      { args: [3], expected: 9 },
      { args: [0], expected: 0 },
    ],
    solutions: [SQUARE],
    wrong_solutions: ["def f(x):\n    return x + x\n"],
  }),
  problem("accepts-wrong", {
    tests: [{ args: [2], expected: 4 }],
    solutions: [SQUARE],
    wrong_solutions: ["def f(x):\n    return x + x\n"],
  }),
  problem("flaky", {
    tests: [
      { args: [["a"]], expected: "a" },
      { args: [["a", "b"]], expected: "a" },
    ],
    solutions: ["def f(x):\n    return [*set(x)][0]\n"],
  }),
  problem("broken", { tests: [{ args: [1], expected: 2 }], solutions: [SQUARE] }),
  problem("toothless", { tests: [{ assert: "f(3)" }], solutions: ["def f(x):\n    return x - 1\n"] }),
  problem("invalid", { tests: [] }),
  problem("question", {
    ...{ entry_point: undefined, tests: [{ answer: "1/2" }] },
    ...{ solutions: ["0.5"], wrong_solutions: ["0.3"] },
  }),
];

it("a judge that does not decide over a program that does nothing is a reason to leave a problem out", () => {
  const judge = { protocol: "kattis", language: "python", source: "" } as const;
  const judged = (tests: object) => {
    const findings = new ProblemFindings(makeProblem("p", { tests: { kind: "stdin", cases: [], ...tests } }));
    findings.addEmpty(makeRecord("p", "invalid_problem"));
    return findings.reasons;
  };
  for (const own of [{ interactor: judge }, { checker: judge }]) {
    expect(judged(own)).toEqual([expect.stringContaining("does not decide over a program that does nothing")]);
  }
  expect(judged({})).toEqual([]);
});

/** What `assay problems check --json` says of the set, with real graders. */
async function check(...options: [string, unknown][]) {
  const path = await folder.write(`${SET.join("\n")}\n`, "problems.jsonl");
  const world = makeWorld([], () => Promise.reject(new Error("not asked for")), {
    ...{ readProblems, createGrader, makeMutants },
    createSandbox: () =>
      Promise.resolve({
        ...sandbox,
        enforcement: sandbox.enforcement,
        dispose: () => Promise.resolve(),
        withProgram: sandbox.withProgram.bind(sandbox),
      }),
  });
  const code = await checkSet(path, { json: true, jobs: "2", ...Object.fromEntries(options) }, world.context);
  return { code, found: JSON.parse(world.stdout.text) as Record<string, unknown> };
}

describe("assay problems check on a set with every kind of fault", () => {
  it("finds each, and writes what is left with the reasons for the rest", async () => {
    const repaired = join(folder.path, "repaired.jsonl");
    const { code, found } = await check(["repaired", repaired]);
    expect(code).toBe(1);
    expect(found).toMatchObject({
      ...{ problems: 7, references: 6, wrong: 3, infrastructure_errors: 0 },
      invalid: [{ task_id: "invalid" }],
      failing: expect.arrayContaining([
        expect.objectContaining({ task_id: "broken", verdict: "wrong_answer" }),
      ]) as unknown,
      wrong_accepted: [{ task_id: "accepts-wrong", wrong: 0 }],
      accepts_empty: ["toothless"],
      flaky: [{ task_id: "flaky", tests: [1] }],
    });
    // x + x and x * x agree at 0, and so does every variant.
    expect(found.idle_tests).toEqual(expect.arrayContaining([{ task_id: "good", tests: [1], of: 2 }]));
    expect(JSON.stringify(found.idle_tests)).not.toContain("question");
    expect((await readProblems(repaired)).problems.map(({ id }) => id)).toEqual(["good", "question"]);
    const reasons = (await readFile(`${repaired}.left-out.jsonl`, "utf8")).trim().split("\n");
    expect(reasons.map((line) => (JSON.parse(line) as { task_id: string }).task_id)).toEqual([
      ...["accepts-wrong", "flaky", "broken", "toothless", "invalid"],
    ]);
  });
});

describe("variants of a program", () => {
  it("differ from it and from each other in what they say, and leave docstrings alone", async () => {
    const source = 'def f(x, y=1):\n    """Say."""\n    return min(x, 2) if x < y and x else "a"\n';
    const made = await makeMutants(sandbox, source, 20);
    expect(new Set(made).size).toBe(made.length);
    expect(made).toContainEqual(expect.stringContaining("x <= y"));
    expect(made).toContainEqual(expect.stringContaining("max(x, 2)"));
    for (const mutant of made) expect(mutant).toContain('"""Say."""');
    expect(await makeMutants(sandbox, source, 3)).toHaveLength(3);
    expect(await makeMutants(sandbox, "def f(:", 3)).toEqual([]);
  });
});

describe("the seed of a run", () => {
  const program = (seed: number) => ({
    ...{ language: "python", seed },
    source: "import os, random\nprint(hash('x'), random.random(), os.environ['PYTHONHASHSEED'])\n",
  });
  const limits = { cpuMs: 4000, wallMs: 8000, memoryKb: 1 << 20, outputBytes: 1 << 20 };
  const run = (seed: number) =>
    sandbox.withProgram(program(seed), async (lease) => {
      const rest = { fileBytes: 1 << 20, openFiles: 64, processes: 32, stackKb: 1 << 16 };
      return (await lease.run({ limits: { ...limits, ...rest } })).stdout.toString();
    });

  it("changes hashes and drawn numbers, the same way each time", async () => {
    const [plain, one, again, other] = [await run(0), await run(1), await run(1), await run(2)];
    expect(one).toBe(again);
    expect(new Set([plain, one, other]).size).toBe(3);
  });

  it("is refused where no interpreter takes it", async () => {
    await expect(run(-1)).rejects.toThrow(RangeError);
  });
});
