import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withDir } from "tmp-promise";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { createGrader, type Grader } from "../src/grading/grader.js";
import { readProblems } from "../src/grading/problems/index.js";
import { VERDICTS, type Problem, type Sample } from "../src/grading/types.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";

const ATTACKS = join(import.meta.dirname, "../fixtures/attacks");

const attack = z.object({
  tries: z.string(),
  problem: z.record(z.string(), z.unknown()),
  expect: z.array(z.enum(VERDICTS)),
  solution: z.boolean(),
});

const HONEST = "print(sum(map(int, input().split())))\n";

let sandbox: Sandbox;
let grader: Grader;

beforeAll(async () => {
  sandbox = await createSandbox();
  grader = createGrader(sandbox, { comparator: "strict", allTests: false, limits: {}, extraction: "auto" });
});
afterAll(() => sandbox.dispose());

describe("every attack gets a verdict it deserves, and an honest program behind it is accepted", () => {
  for (const name of readdirSync(ATTACKS).filter((entry) => existsSync(join(ATTACKS, entry, "case.json")))) {
    it.concurrent(name, async () => {
      const {
        problem: row,
        expect: deserved,
        solution,
      } = attack.parse(JSON.parse(readFileSync(join(ATTACKS, name, "case.json"), "utf8")));
      const text = readFileSync(join(ATTACKS, name, "program.py"), "utf8");
      const problem = await readOne(row);
      const record = await grader.grade(problem, sampleOf(problem, text, solution));
      expect(deserved, JSON.stringify(record.first_failure)).toContain(record.verdict);

      const honest = await grader.grade(ADDITION, sampleOf(ADDITION, HONEST));
      expect(honest.verdict).toBe("accepted");
    });
  }
});

const ADDITION: Problem = {
  id: "addition",
  aliases: [],
  format: "apps",
  prompt: "",
  entryPoint: null,
  starterCode: "",
  difficulty: null,
  tests: { kind: "stdin", cases: [{ input: "2 3\n", output: "5\n" }] },
  references: [],
  limits: {},
  invalid: null,
};

function sampleOf(problem: Problem, text: string, isSolution = true): Sample {
  const [completion, solution] = isSolution ? [null, text] : [text, null];
  return { taskId: problem.id, completion, solution, row: {} };
}

async function readOne(row: Record<string, unknown>): Promise<Problem> {
  return withDir(
    async ({ path }) => {
      const file = join(path, "problems.jsonl");
      await writeFile(file, `${JSON.stringify(row)}\n`);
      const [problem] = (await readProblems(file)).problems;
      if (problem === undefined) throw new Error("the case has no problem");
      return problem;
    },
    { unsafeCleanup: true },
  );
}
