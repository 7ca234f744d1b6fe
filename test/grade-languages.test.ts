import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createGrader, type Grader } from "../src/grading/grader.js";
import { refuseShared } from "../src/grading/integrity.js";
import { readProblems, type ProblemSet } from "../src/grading/problems/index.js";
import { readSamples } from "../src/grading/samples.js";
import type { Problem, Sample } from "../src/grading/types.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";
import { findLanguage, isInstalled } from "../src/sandbox/languages.js";

const FIXTURES = join(import.meta.dirname, "../fixtures");

let sandbox: Sandbox;
let grader: Grader;
beforeAll(async () => {
  sandbox = await createSandbox();
  grader = createGrader(sandbox, { comparator: "strict", allTests: false, limits: {}, extraction: "auto" });
});
afterAll(() => sandbox.dispose());

interface Case {
  readonly problem: Problem;
  readonly sample: Sample;
  readonly title: string;
}

async function readCases(set: string): Promise<{ problems: ProblemSet; byLanguage: Map<string, Case[]> }> {
  const problems = await readProblems(join(FIXTURES, set));
  const byLanguage = new Map<string, Case[]>();
  for await (const { sample, line } of readSamples(join(FIXTURES, set, "samples.jsonl"))) {
    const problem = problems.find(sample.taskId);
    if (problem === undefined) throw new Error(`line ${line} of ${set} names an unknown problem`);
    const language = problem.language ?? "python";
    const title = `line ${line}: ${String(sample.row["note"])}`;
    byLanguage.set(language, [...(byLanguage.get(language) ?? []), { problem, sample, title }]);
  }
  return { problems, byLanguage };
}

/** Languages whose tests run in a judge of their own. */
const JUDGED = ["python", "javascript", "typescript"];
const sets = ["multipl-e", "humaneval-x"];
const cases = await Promise.all(sets.map(async (set) => [set, await readCases(set)] as const));
const here = (language: string): boolean => {
  const found = findLanguage(language);
  return found !== null && isInstalled(found);
};

for (const [set, { byLanguage }] of cases) {
  describe(`fixtures/${set}`, () => {
    for (const [language, those] of byLanguage) {
      it.skipIf(!here(language))(
        `${language} (where it is installed): every sample gets its verdict`,
        async () => {
          const graded = await Promise.all(
            those.map(async ({ problem, sample, title }) => ({
              title,
              sample,
              record: await grader.grade(problem, sample),
            })),
          );
          for (const { title, sample, record } of graded) {
            expect(sample.row["expect"], `${title}: ${JSON.stringify(record.first_failure)}`).toContain(record.verdict);
            expect(record.integrity).toBe(JUDGED.includes(language) ? "isolated" : "shared_process");
            const refused = refuseShared(record);
            if (!JUDGED.includes(language)) expect(refused.passed).toBe(false);
          }
        },
        120_000,
      );
    }
  });
}

describe("a program with fewer or more braces than it needs", () => {
  const rust = cases[0]?.[1].problems.find("twice_rust") as Problem;
  const WHOLE = "fn twice(n: isize) -> isize {\n    2 * n\n}\n";
  const SHORT = WHOLE.slice(0, -2);
  const judge = async (sample: Partial<Sample>): Promise<string> =>
    (await grader.grade(rust, { taskId: rust.id, row: {}, completion: null, solution: null, ...sample })).verdict;

  it.skipIf(!here("rust"))("compiles by the tests' brace where it is a completion", async () => {
    expect(await judge({ completion: SHORT })).toBe("accepted");
    expect(await judge({ completion: `\`\`\`rust\n${SHORT}\`\`\`` })).toBe("accepted");
  });

  it.skipIf(!here("rust"))("does not where it was handed in as a whole program", async () => {
    expect(await judge({ solution: WHOLE })).toBe("accepted");
    expect(await judge({ solution: SHORT })).toBe("compile_error");
    expect(await judge({ solution: `${WHOLE}}\n` })).toBe("compile_error");
  });
});
