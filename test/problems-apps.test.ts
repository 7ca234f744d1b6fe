import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ProblemSet, readProblems } from "../src/grading/problems/index.js";
import type { Problem } from "../src/grading/types.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();

const apps = {
  problem_id: 3554,
  question: "Add.",
  input_output: { inputs: ["1 2\n"], outputs: ["3\n"] },
  solutions: [],
};
const mbpp = { task_id: 11, text: "Double it.", test_list: ["assert twice(1) == 2"] };

async function readRows(...rows: (object | string)[]): Promise<ProblemSet> {
  const lines = rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row)));
  return readProblems(await folder.write(lines.join("\n"), "apps.jsonl"));
}

async function readRow(row: object | string): Promise<Problem> {
  const [problem] = (await readRows(row)).problems;
  if (problem === undefined) throw new Error("no problem was read");
  return problem;
}

describe("APPS rows", () => {
  const readTests = async (input_output: unknown) => {
    const { tests, invalid } = await readRow({ ...apps, input_output });
    return { ...tests, invalid };
  };

  it("read stdin from text and from lists, whose items are written as Python would", async () => {
    const row =
      '{"problem_id":1,"question":"","input_output":{"inputs":["1\\n",["a",1,1.0,1e-5,1e16,null,true,["it\'s",{"k":"\\n"}]]],"outputs":["",[]]}}';
    expect((await readRow(row)).tests).toEqual({
      kind: "stdin",
      cases: [
        { input: "1\n", output: "" },
        { input: "a\n1\n1.0\n1e-05\n1e+16\nNone\nTrue\n[\"it's\", {'k': '\\n'}]", output: "" },
      ],
    });
  });

  it("read calls, with arguments and expectations as they are written", async () => {
    const io = '{"fn_name": "f", "inputs": [[12345678901234567890, 1.0], ["a"]], "outputs": [[1.50], "b"]}';
    const tests = {
      kind: "calls",
      functionName: "f",
      cases: [
        { args: "[12345678901234567890, 1.0]", expected: "[1.50]" },
        { args: '["a"]', expected: '"b"' },
      ],
      invalid: null,
    };
    expect(await readTests(io)).toEqual(tests);
    const problem = await readRow(
      `{"id": 5, "question": "", "starter_code": "class Solution:", "input_output": ${io}}`,
    );
    expect({ ...problem.tests, invalid: problem.invalid }).toEqual(tests);
    expect(problem).toMatchObject({ id: "APPS/5", entryPoint: "f", starterCode: "class Solution:" });
  });

  it("read solutions as a list, as text and as nothing", async () => {
    expect((await readRow({ ...apps, solutions: ["x"] })).references).toEqual(["x"]);
    expect((await readRow({ ...apps, solutions: '["x", "y"]' })).references).toEqual(["x", "y"]);
    expect((await readRow({ ...apps, solutions: "" })).references).toEqual([]);
    await expect(readRow({ ...apps, solutions: "[1]" })).rejects.toThrow('field "solutions"');
  });

  it.each([
    ["", "no tests"],
    [null, "no tests"],
    [{}, "no tests"],
    [{ inputs: [], outputs: [] }, "no tests"],
    [{ inputs: ["1", "2"], outputs: ["1"] }, "2 inputs but 1 outputs"],
    [{ inputs: "1", outputs: "1" }, "unreadable tests"],
    ["{broken", "unreadable tests"],
    [{ fn_name: 5, inputs: [[1]], outputs: [1] }, "fn_name"],
    [{ fn_name: "f", inputs: [[1], 2], outputs: [1, 2] }, "inputs[1]"],
  ])("without tests that can be read are invalid problems, not errors: %j", async (input_output, reason) => {
    const set = await readRows({ ...apps, input_output }, { ...apps, problem_id: 2 });
    expect(set.problems.map(({ invalid }) => invalid)).toEqual([expect.stringContaining(reason), null]);
  });
});

describe("readProblems on folders", () => {
  const io = JSON.stringify(apps.input_output);

  it.each([
    ["one problem", "0001", "0001"],
    ["a folder of problems", "0001", ""],
    ["a folder of splits", "train/0001", ""],
  ])("reads %s", async (_layout, at, opened) => {
    await folder.write("Add.", join(at, "question.txt"));
    await folder.write(io, join(at, "input_output.json"));
    await folder.write('["print(3)"]', join(at, "solutions.json"));
    await folder.write('{"difficulty":"interview","url":"x"}', join(at, "metadata.json"));
    await folder.write("def f():", join(at, "starter_code.py"));
    await folder.write("{", join(at, "gen_solutions.json"));
    const set = await readProblems(join(folder.path, opened));
    expect(set.format).toBe("apps");
    expect(set.problems).toMatchObject([
      { prompt: "Add.", difficulty: "interview", starterCode: "def f():", references: ["print(3)"] },
    ]);
    for (const name of ["0001", "1", "APPS/0001", "apps/1"]) expect(set.find(name)).toBe(set.problems[0]);
  });

  it("needs one of question.txt and input_output.json, and takes the problem for invalid without tests", async () => {
    await folder.write("Add.", "a/question.txt");
    await folder.write(io, "b/input_output.json");
    await folder.write("{", "c/input_output.json");
    await folder.write("", "d/solutions.json");
    const { problems } = await readProblems(folder.path);
    expect(problems.map(({ id, invalid }) => [id, invalid?.split(":")[0] ?? null])).toEqual([
      ["APPS/a", "no tests"],
      ["APPS/b", null],
      ["APPS/c", "unreadable tests"],
    ]);
  });

  it("names the file that is wrong", async () => {
    await folder.write(io, "a/input_output.json");
    await folder.write("[", "a/solutions.json");
    await expect(readProblems(folder.path)).rejects.toThrow(join(folder.path, "a", "solutions.json"));
  });

  it("takes the one problems.jsonl", async () => {
    await folder.write(gzipSync(JSON.stringify(mbpp)), "problems.jsonl.gz");
    await folder.write("notes", "README");
    expect((await readProblems(folder.path)).format).toBe("mbpp");
    await folder.write(JSON.stringify(mbpp), "problems.jsonl");
    await expect(readProblems(folder.path)).rejects.toThrow("holds both");
  });
});
