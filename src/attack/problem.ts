import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { withDir } from "tmp-promise";

import { readProblems } from "../grading/problems/index.js";
import type { Problem, Sample } from "../grading/types.js";
import type { AttackCase } from "./cases.js";

/** The problem of a case, read as any data set is. */
export function readProblem({ name, problem }: AttackCase): Promise<Problem> {
  return withDir(
    async ({ path }) => {
      const file = join(path, "problems.jsonl");
      await writeFile(file, `${JSON.stringify(problem)}\n`);
      const [first] = (await readProblems(file)).problems;
      if (first === undefined) throw new Error(`the attack ${name} has no problem`);
      return first;
    },
    { unsafeCleanup: true },
  );
}

/** A program as a sample of a problem: as it is, or as a completion from which the code is taken. */
export function sampleOf(problem: Problem, text: string, isSolution: boolean, language?: string): Sample {
  return {
    taskId: problem.id,
    completion: isSolution ? null : text,
    solution: isSolution ? text : null,
    ...(language === undefined ? {} : { language }),
    row: {},
  };
}
