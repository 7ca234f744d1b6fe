import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { COMPARATOR_NAMES, type ComparatorName } from "../src/grading/comparators/index.js";
import { createGrader } from "../src/grading/grader.js";
import { readProblems } from "../src/grading/problems/index.js";
import { readSamples } from "../src/grading/samples.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";

const FIXTURES = join(import.meta.dirname, "../fixtures");
const OPTIONS = { allTests: false, limits: {}, extraction: "auto" } as const;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});
afterAll(() => sandbox.dispose());

/** The comparator that a sample's verdict is stated for. */
function comparatorOf(row: Readonly<Record<string, unknown>>): ComparatorName {
  const name = COMPARATOR_NAMES.find((name) => name === (row.comparator ?? "strict"));
  if (name === undefined) throw new Error(`no comparator ${String(row.comparator)}`);
  return name;
}

describe.each(["livecodebench", "code-contests", "taco", "codeforces", "custom"])("fixtures/%s", (set) => {
  it("has samples that get the verdict they were written for", async () => {
    const problems = await readProblems(join(FIXTURES, set));
    const verdicts = new Set<string>();
    const checks: Promise<void>[] = [];
    for await (const { sample, line } of readSamples(join(FIXTURES, set, "samples.jsonl"))) {
      const problem = problems.find(sample.taskId);
      if (problem === undefined) throw new Error(`line ${line} names an unknown problem`);
      const grader = createGrader(sandbox, { ...OPTIONS, comparator: comparatorOf(sample.row) });
      checks.push(
        grader.grade(problem, sample).then((record) => {
          const context = `line ${line}: ${String(sample.row.note)} ${JSON.stringify(record.first_failure)}`;
          expect(record.verdict, context).toBe(sample.row.expect);
          expect(record.integrity).toBe("isolated");
          verdicts.add(record.verdict);
        }),
      );
    }
    await Promise.all(checks);
    expect([...verdicts]).toEqual(expect.arrayContaining(["accepted", "wrong_answer"]));
  });

  it("has references that pass every test", async () => {
    const { problems } = await readProblems(join(FIXTURES, set));
    const grader = createGrader(sandbox, { ...OPTIONS, comparator: "strict", allTests: true });
    for (const problem of problems) {
      for (const solution of problem.references) {
        const record = await grader.grade(problem, { taskId: problem.id, completion: null, solution, row: {} });
        expect(record.verdict, `${problem.id} ${JSON.stringify(record.first_failure)}`).toBe("accepted");
        expect(record.tests.passed).toBe(record.tests.total);
      }
    }
  });
});
