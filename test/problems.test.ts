import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type ProblemSet, readProblems } from "../src/grading/problems/index.js";
import type { Problem } from "../src/grading/types.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();

const humaneval = {
  task_id: "HumanEval/0",
  prompt: 'def twice(n):\n    """Doubles."""\n',
  entry_point: "twice",
  canonical_solution: "    return 2 * n\n",
  test: "def check(candidate):\n    assert candidate(1) == 2\n",
};
const mbpp = {
  task_id: 11,
  text: "Double it.",
  code: "def twice(n):\r\n  return 2 * n",
  test_list: ["assert twice(1) == 2\r"],
};
const apps = {
  problem_id: 3554,
  question: "Add.",
  input_output: { inputs: ["1 2\n"], outputs: ["3\n"] },
  solutions: [],
};

const readRows = async (...rows: (object | string)[]): Promise<ProblemSet> =>
  readProblems(
    await folder.write(rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"), "set.data"),
  );

async function readRow(row: object | string): Promise<Problem> {
  const [problem] = (await readRows(row)).problems;
  if (problem === undefined) throw new Error("no problem was read");
  return problem;
}

describe("readProblems on files", () => {
  const lines = `${JSON.stringify(mbpp)}\n${JSON.stringify({ ...mbpp, task_id: 12 })}\n`;
  const rows = [mbpp, { ...mbpp, task_id: 12 }];
  const nameless = { ...mbpp, task_id: undefined };
  it.each([
    ["JSON Lines", lines],
    ["JSON Lines with a byte order mark, CRLF and blank lines", `\uFEFF\r\n${lines.replaceAll("\n", "\r\n\r\n")}`],
    ["a JSON list", JSON.stringify(rows)],
    ["a JSON list over many lines", JSON.stringify(rows, null, 2)],
    ["a JSON object by id", JSON.stringify({ "11": nameless, "MBPP/12": nameless })],
    ["a JSON object by id over many lines", JSON.stringify({ "11": mbpp, "12": { ...mbpp, task_id: 12 } }, null, 2)],
    ["gzip", gzipSync(lines)],
    ["a gzipped JSON list", gzipSync(JSON.stringify(rows))],
  ])("reads %s, whatever the file is called", async (_layout, content) => {
    const set = await readProblems(await folder.write(content, "my.set.jsonl.gz"));
    expect(set).toMatchObject({ name: "my.set", format: "mbpp", path: join(folder.path, "my.set.jsonl.gz") });
    expect(set.problems.map(({ id }) => id)).toEqual(["MBPP/11", "MBPP/12"]);
  });

  it("reads one JSON object over many lines as one problem", async () => {
    expect((await readProblems(await folder.write(JSON.stringify(humaneval, null, 2), "one"))).problems).toHaveLength(
      1,
    );
  });

  it.each([
    ['{"task_id": 1,}', ":3: not valid JSON"],
    ["[]", ":3: not valid JSON"],
    [JSON.stringify({ ...mbpp, task_id: null }), ':3: field "task_id"'],
    [JSON.stringify({ ...mbpp, task_id: 11 }), ':3: field "task_id": MBPP/11 is on line 1 already'],
    [JSON.stringify({ ...mbpp, task_id: 12, test_list: ["x", 5] }), ':3: field "test_list.1"'],
    [JSON.stringify({ task_id: 12 }), ':3: field "test_list": is missing'],
  ])("names file, line and field of what is wrong: %s", async (row, message) => {
    await expect(readRows(mbpp, "", row)).rejects.toThrow(join(folder.path, "set.data") + message);
    await expect(readRows(mbpp, "", row)).rejects.toMatchObject({ name: "InputError" });
  });

  it("names the line inside a JSON document, and the first line of JSON Lines", async () => {
    const list = JSON.stringify([mbpp, { ...mbpp, task_id: 12, code: 5 }], null, 1);
    const line = list.split("\n").findLastIndex((text) => text.trim() === "{") + 1;
    await expect(readRows(list)).rejects.toThrow(`set.data:${line}: field "code"`);
    await expect(readRows(list.replace("5", "?"))).rejects.toThrow(/set\.data:\d+: not valid JSON/);
    await expect(readRows('{"task_id": 1', mbpp)).rejects.toThrow("set.data:1: not valid JSON");
  });

  it("says what it looked for when it knows no reader for a row", async () => {
    await expect(readRows({ task_id: "a", completion: "" })).rejects.toThrow(
      /set\.data:1: .*"completion".*HumanEval.*MBPP.*APPS/,
    );
    await expect(readRows({ ...humaneval, test: "int main() {}" })).rejects.toThrow('field "test"');
  });

  it("does not take nothing for a set", async () => {
    await expect(readRows("")).rejects.toThrow("holds no problems");
    await expect(readProblems(join(folder.path, "absent"))).rejects.toThrow(`${folder.path}/absent: no such file`);
    await expect(readProblems(folder.path)).rejects.toThrow(/holds no problems; looked for .*problems\.jsonl/);
  });
});

describe("questions and answers", () => {
  const question = { question: "How many?", answer: "5" };
  it("are no way to read a file of GSM8K whose first row is broken", async () => {
    const rows = ["It is 5.", "It is 2 + 3 = 5.\n#### 5"].map((answer) => ({ question: "How many?", answer }));
    await expect(readRows(...rows)).rejects.toThrow(/set\.data:2: field "answer": .*GSM8K.*first row/);
    expect((await readRows(...rows.reverse())).problems.map(({ id, invalid }) => [id, invalid === null])).toEqual([
      ["GSM8K/0", true],
      ["GSM8K/1", false],
    ]);
  });

  it("may have #### elsewhere", async () => {
    const { problems } = await readRows(
      question,
      { ...question, answer: "####5" },
      { ...question, answer: "a #### b" },
    );
    expect(problems.map(({ format, tests }) => [format, tests])).toEqual(
      ["5", "####5", "a #### b"].map((answer) => ["question-answer", { kind: "answer", answer }]),
    );
  });
});

describe("MATH folders", () => {
  it.each([
    ['{"problem": "p",', ": not valid JSON: "],
    ['{"problem": "p"}', ': field "solution": is no MATH problem: is missing'],
    ['{"problem": "p", "solution": 5}', ': field "solution": is no MATH problem: Invalid input: expected string'],
  ])("with the file %j are refused", async (text, message) => {
    const path = await folder.write(text, "algebra/1.json");
    await expect(readProblems(join(folder.path, "algebra"))).rejects.toThrow(path + message);
  });
});

describe("ProblemSet.find", () => {
  it("takes other spellings of the same name, and no name of another data set", async () => {
    const set = await readRows(mbpp);
    for (const name of ["MBPP/11", "mbpp/11", "Mbpp/011", "MbppPlus/11", "11"])
      expect(set.find(name)?.id).toBe("MBPP/11");
    for (const name of ["HumanEval/11", "APPS/11", "1", "MBPP/111", ""]) expect(set.find(name)).toBeUndefined();
  });

  it("finds an APPS problem by number, and none when the number is that of several", async () => {
    const set = await readRows(
      { ...apps, split: "train" },
      { ...apps, problem_id: "0001", split: "train" },
      { ...apps, problem_id: 1, split: "test" },
      { ...apps, problem_id: 7, split: "test" },
      { ...apps, problem_id: 7, split: "test" },
    );
    for (const name of ["APPS/3554", "apps/3554", "3554", "train/3554"]) expect(set.find(name)?.id).toBe("APPS/3554");
    expect(set.find("test/1")?.id).toBe("APPS/1");
    expect(set.find("1")).toBeUndefined();
    expect(set.problems.slice(3).map(({ id }) => id)).toEqual(["APPS/test/7#1", "APPS/test/7#2"]);
    expect(set.find("APPS/test/7#2")).toBe(set.problems[4]);
    for (const name of ["7", "APPS/7", "test/7"]) expect(set.find(name)).toBeUndefined();
  });
});

describe("HumanEval rows", () => {
  it("become one check whose assertions count, over the prompt", async () => {
    const problem = await readRow(humaneval);
    expect(problem).toMatchObject({ id: "HumanEval/0", format: "humaneval", entryPoint: "twice", invalid: null });
    expect(problem.references).toEqual([humaneval.prompt + humaneval.canonical_solution]);
    expect(problem.tests).toEqual({
      kind: "assertions",
      prelude: humaneval.prompt,
      names: ["twice"],
      checks: [{ source: `${humaneval.test}\n\ncheck(twice)\n` }],
      countAssertions: true,
    });
  });
});

describe("EvalPlus rows", () => {
  const { task_id, prompt, entry_point, canonical_solution } = humaneval;
  const row = { task_id, prompt, entry_point, canonical_solution, atol: 0 };
  const withInputs = (base: string, plus: string) =>
    `${JSON.stringify({ ...row, test: humaneval.test }).slice(0, -1)},"base_input":${base},"plus_input":${plus}}`;

  it("go before HumanEval's, and make a test of each input, numbers as written", async () => {
    const problem = await readRow(withInputs("[[1], [1.0]]", "[[123456789012345678901, NaN]]"));
    expect(problem.format).toBe("evalplus");
    const checks = problem.tests.kind === "assertions" ? problem.tests.checks : [];
    expect(checks.map(({ data }) => data)).toEqual(["[1]", "[1.0]", "[123456789012345678901, NaN]"]);
    expect(problem.tests).toMatchObject({ names: ["twice"], countAssertions: false });
  });

  it("may have {} for no inputs, but need some", async () => {
    expect((await readRow(withInputs("[[1]]", "{}"))).invalid).toBeNull();
    expect((await readRow(withInputs("[]", "{}"))).invalid).toMatch(/no tests/);
    await expect(readRow(withInputs("[1]", "[]"))).rejects.toThrow('field "base_input"');
  });

  it("of MBPP+ have a whole program for a reference", async () => {
    const problem = await readRow(withInputs("[[1]]", "[]").replace("HumanEval/0", "Mbpp/5"));
    expect(problem).toMatchObject({ id: "Mbpp/5", references: [canonical_solution] });
    expect((await readRow(withInputs("[[1]]", "[]"))).references).toEqual([prompt + canonical_solution]);
  });
});
