import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createGrader } from "../src/grading/grader.js";
import { readProblems } from "../src/grading/problems/index.js";
import { readSamples } from "../src/grading/samples.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";

const FIXTURES = join(import.meta.dirname, "../fixtures");
const HAS_NUMPY = existsSync("/usr/lib/python3/dist-packages/numpy");

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});
afterAll(() => sandbox.dispose());

describe("every fixture sample gets the verdict it was written for", () => {
  for (const set of ["humaneval", "mbpp", "apps-stdin", "apps-call", "invalid"]) {
    it(set, async () => {
      const problems = await readProblems(join(FIXTURES, set, "problems.jsonl"));
      const grader = createGrader(sandbox, { comparator: "strict", allTests: false, limits: {}, extraction: "auto" });
      const checks: Promise<void>[] = [];
      for await (const { sample, line } of readSamples(join(FIXTURES, set, "samples.jsonl"))) {
        if (sample.row.requires === "numpy" && !HAS_NUMPY) continue;
        const problem = problems.find(sample.taskId);
        if (problem === undefined) throw new Error(`line ${line} names an unknown problem`);
        checks.push(
          grader.grade(problem, sample).then((record) => {
            const context = `line ${line}: ${String(sample.row.note)} ${JSON.stringify(record.first_failure)}`;
            expect(record.verdict, context).toBe(sample.row.expect);
            expect(record.passed).toBe(record.verdict === "accepted");
            expect(record.integrity).toBe("isolated");
          }),
        );
      }
      await Promise.all(checks);
    });

    it(`${set}: the references pass`, async () => {
      if (set === "invalid") return;
      const problems = await readProblems(join(FIXTURES, set, "problems.jsonl"));
      const grader = createGrader(sandbox, { comparator: "strict", allTests: true, limits: {}, extraction: "auto" });
      for (const problem of problems.problems) {
        const needsNumpy = problem.references.some((program) => program.includes("numpy"));
        for (const solution of needsNumpy && !HAS_NUMPY ? [] : problem.references) {
          const record = await grader.grade(problem, { taskId: problem.id, completion: null, solution, row: {} });
          expect(record.verdict, `${problem.id} ${JSON.stringify(record.first_failure)}`).toBe("accepted");
          expect(record.tests.passed).toBe(record.tests.total);
        }
      }
    });
  }
});
