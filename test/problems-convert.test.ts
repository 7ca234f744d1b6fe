import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGrader } from "../src/grading/grader.js";
import { readProblems } from "../src/grading/problems/index.js";
import { writeLines } from "../src/grading/problems/rewrite.js";
import { writeCustomRow } from "../src/grading/problems/write-custom.js";
import { readSamples } from "../src/grading/samples.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const FIXTURES = join(import.meta.dirname, "../fixtures");
/** Of each set, at most. */
const SAMPLES = 15;
const folder = useTemporaryFolder();
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});
afterAll(() => sandbox.dispose());

const SETS = readdirSync(FIXTURES).filter((name) =>
  ["problems.jsonl", "samples.jsonl"].every((file) => readdirSync(FIXTURES).includes(name) && has(name, file)),
);
function has(name: string, file: string): boolean {
  return !name.includes(".") && readdirSync(join(FIXTURES, name)).includes(file);
}

/** Their test code is in the languages of their programs. */
const WITHOUT_FORM = ["humaneval-x", "multipl-e"];

it.each(WITHOUT_FORM)(
  "fixtures/%s has no form in assay's own format, which is said, and no file is left",
  async (set) => {
    const { problems } = await readProblems(join(FIXTURES, set));
    const out = join(folder.path, "out.jsonl");
    const rows = (function* () {
      for (const problem of problems) yield writeCustomRow(problem);
    })();
    await expect(writeLines(out, rows)).rejects.toThrow(/in the program's own language has no form/);
    expect(existsSync(out)).toBe(false);
  },
);

describe.each(SETS.filter((set) => !WITHOUT_FORM.includes(set)))("fixtures/%s, converted", (set) => {
  it("gives the same samples the same records", async () => {
    const original = await readProblems(join(FIXTURES, set));
    const text = original.problems.map(writeCustomRow).join("\n");
    const converted = await readProblems(await folder.write(text, `${set}.jsonl`));
    expect(converted.problems.map(({ id }) => id)).toEqual(original.problems.map(({ id }) => id));
    const grader = createGrader(sandbox, {
      comparator: "strict",
      extraction: "auto",
      allTests: true,
      limits: { cpuMs: 500 },
    });
    const checks: Promise<void>[] = [];
    for await (const { sample } of readSamples(join(FIXTURES, set, "samples.jsonl"))) {
      // Those take their time, and are told by no test.
      if (sample.row.expect === "time_limit" || checks.length === SAMPLES) continue;
      const [before, after] = [original, converted].map((problems) => problems.find(sample.taskId));
      if (before === undefined || after === undefined) throw new Error(`${sample.taskId} is not in both`);
      const compare = async (): Promise<void> => {
        const [first, second] = await Promise.all([grader.grade(before, sample), grader.grade(after, sample)]);
        const { verdict, tests, groups, extraction } = second;
        expect({ verdict, tests, groups, extraction }, sample.taskId).toEqual({
          ...{ verdict: first.verdict, tests: first.tests, groups: first.groups, extraction: first.extraction },
        });
      };
      checks.push(compare());
    }
    await Promise.all(checks);
  });
});

it("keeps what JSON would round", async () => {
  const row =
    '{"schema":"assay-problem/1","id":"a","prompt":"","entry_point":"f","tests":[{"args":[12345678901234567890,1.0],"expected":NaN}]}';
  const { problems } = await readProblems(await folder.write(row, "numbers.jsonl"));
  const again = await readProblems(await folder.write(problems.map(writeCustomRow).join("\n"), "again.jsonl"));
  expect(again.problems[0]?.tests).toEqual(problems[0]?.tests);
});
