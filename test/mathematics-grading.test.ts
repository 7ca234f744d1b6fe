import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createGrader } from "../src/grading/grader.js";
import { readProblems } from "../src/grading/problems/index.js";
import { readSamples } from "../src/grading/samples.js";
import { closed } from "./closed-sandbox.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const MATH = join(import.meta.dirname, "../fixtures/math");
const folder = useTemporaryFolder();

const options = { comparator: "strict", allTests: false, limits: {}, extraction: "auto" } as const;

describe("answers to questions", () => {
  it("every fixture sample gets its verdict, and no cell is taken", async () => {
    const set = await readProblems(MATH);
    expect(set.format).toBe("math");
    const grader = createGrader(closed, options);
    for await (const { sample, line } of readSamples(join(MATH, "samples.jsonl"))) {
      const problem = set.find(sample.taskId);
      if (problem === undefined) throw new Error(`line ${line} names an unknown problem`);
      const record = await grader.grade(problem, sample);
      expect(record.verdict, `line ${line}: ${String(sample.row.note)} ${JSON.stringify(record)}`).toBe(
        sample.row.expect,
      );
      expect(record.passed).toBe(record.verdict === "accepted");
      expect(record.equivalence?.policy).toBe("default");
      expect(record.equivalence?.tier).toBe(record.equivalence?.answer === null ? null : 0);
    }
  });

  it("the reference answers are right under every policy that reads them", async () => {
    const { problems } = await readProblems(MATH);
    for (const equivalence of ["default", "hendrycks", "minerva", "prm800k", "tora", "mathcoder"] as const) {
      const grader = createGrader(closed, { ...options, equivalence });
      for (const problem of problems) {
        for (const solution of problem.references) {
          const record = await grader.grade(problem, { taskId: problem.id, completion: null, solution, row: {} });
          expect(record.verdict, `${problem.id} ${equivalence}`).toBe("accepted");
        }
      }
    }
  });

  it("the record says by which rule the answer was found, and what it was", async () => {
    const [problem] = (await readProblems(MATH)).problems;
    if (problem === undefined) throw new Error("no problem");
    const grade = (completion: string) =>
      createGrader(closed, options).grade(problem, { taskId: problem.id, completion, solution: null, row: {} });
    expect(await grade("so $\\boxed{3}$")).toMatchObject({
      verdict: "wrong_answer",
      tests: { total: 1, run: 1, passed: 0 },
      first_failure: { expected: "\\frac{1}{4}", actual: "3" },
      extraction: { rule: "boxed" },
      equivalence: { policy: "default", tier: 0, answer: "3" },
    });
    expect(await grade("the total is 1,234.50 dollars")).toMatchObject({
      extraction: { rule: "last_number" },
      equivalence: { answer: "1,234.50" },
    });
    expect(await grade("")).toMatchObject({ verdict: "no_code", tests: { total: 1, run: 0, passed: 0 } });
  });
});

describe("readers of questions with answers", () => {
  const read = async (text: string) => (await readProblems(await folder.write(text, "set.jsonl"))).problems;

  it("GSM8K: numbered from 0, the number behind ####", async () => {
    const rows = [
      { question: "1+1?", answer: "It is 1+1=<<1+1=2>>2.\n#### 2" },
      { question: "Dear?", answer: "#### 1,000" },
    ];
    const problems = await read(rows.map((row) => JSON.stringify(row)).join("\n"));
    expect(problems.map(({ id, format, tests }) => [id, format, tests])).toEqual([
      ["GSM8K/0", "gsm8k", { kind: "answer", answer: "2" }],
      ["GSM8K/1", "gsm8k", { kind: "answer", answer: "1000" }],
    ]);
  });

  it("questions and answers: texts and numbers, ids where they are there", async () => {
    const problems = await read('{"id":"q7","question":"1+1?","answer":2}\n{"prompt":"Capital?","answer":"Paris"}');
    expect(problems.map(({ id, prompt, tests }) => [id, prompt, tests])).toEqual([
      ["q7", "1+1?", { kind: "answer", answer: "2" }],
      ["2", "Capital?", { kind: "answer", answer: "Paris" }],
    ]);
  });

  it("MATH-500: the stated answer goes before the solution's box; aliases; level", async () => {
    const row = { unique_id: "test/algebra/7.json", problem: "p", solution: "\\boxed{1}", answer: "2", level: 5 };
    const [problem] = await read(JSON.stringify(row));
    expect(problem).toMatchObject({ id: "MATH/test/algebra/7", difficulty: "Level 5", tests: { answer: "2" } });
    expect(problem?.aliases).toContain("test/algebra/7.json");
  });

  it("MATH as folders, and only a broken file is an error", async () => {
    const write = async (path: string, content: string) => {
      const file = join(root, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    };
    const root = join(dirname(await folder.write("", "x")), "MATH");
    await write("test/algebra/10.json", JSON.stringify({ problem: "p", solution: "\\boxed{10}", level: "Level 1" }));
    await write("test/algebra/9.json", JSON.stringify({ problem: "p", solution: "\\boxed{9}", level: "Level 1" }));
    await write("test/README", "no problem");
    const set = await readProblems(root);
    expect(set.format).toBe("math");
    expect(set.problems.map(({ id }) => id)).toEqual(["MATH/test/algebra/9", "MATH/test/algebra/10"]);
    expect(set.find("test/algebra/9.json")?.tests).toEqual({ kind: "answer", answer: "9" });
    await write("test/geometry/1.json", "{}");
    await expect(readProblems(root)).rejects.toThrow(/geometry\/1\.json: field "problem": is no MATH problem/);
    await write("test/geometry/1.json", "{");
    await expect(readProblems(root)).rejects.toThrow(/geometry\/1\.json: not valid JSON/);
  });
});
