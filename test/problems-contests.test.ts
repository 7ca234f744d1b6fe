import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { customJsonSchema } from "../src/grading/problems/custom-schema.js";
import { type ProblemSet, readProblems } from "../src/grading/problems/index.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const FIXTURES = join(import.meta.dirname, "../fixtures");
const folder = useTemporaryFolder();

async function readRows(...rows: (object | string)[]): Promise<ProblemSet> {
  const lines = rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row)));
  return readProblems(await folder.write(lines.join("\n"), "rows.jsonl"));
}

const one = [{ input: "1\n", output: "2\n" }];
const contest = { name: "1_A. Add", description: "Add.", public_tests: one, private_tests: [], generated_tests: [] };

describe("CodeContests rows", () => {
  it("have tests as rows or as columns, public, private and generated ones in this order", async () => {
    const set = await readProblems(join(FIXTURES, "code-contests"));
    const { problems } = set;
    expect(problems.map(({ tests }) => (tests.kind === "stdin" ? tests.cases.length : 0))).toEqual([4, 4, 1]);
    expect(problems[0]?.tests).toMatchObject({ cases: [{ output: "YES\n" }, { output: "NO\n" }, {}, {}] });
    expect(set.find("9001_A")).toBe(problems[0]);
    expect(problems.map(({ difficulty }) => difficulty)).toEqual(["800", null, "C"]);
    expect(problems[1]?.references).toHaveLength(1);
  });

  it("raise the default limits and never lower them", async () => {
    const { problems } = await readProblems(join(FIXTURES, "code-contests"));
    expect(problems.map(({ limits }) => limits)).toEqual([{}, { cpuMs: 8000, memoryKb: 2 << 20 }, {}]);
  });

  it("without tests, or with files instead of stdin, are invalid", async () => {
    const rows = [
      { ...contest, public_tests: [] },
      { ...contest, name: "b", input_file: "in.txt" },
    ];
    const { problems } = await readRows(...rows);
    expect(problems.map(({ invalid }) => invalid)).toEqual([
      expect.stringMatching(/^no tests/),
      expect.stringContaining("in.txt"),
    ]);
  });

  it("of the same name are told apart by number", async () => {
    const { problems } = await readRows(contest, contest, { ...contest, name: "2_B. Other" });
    expect(problems.map(({ id }) => id)).toEqual([
      "CodeContests/1_A. Add#1",
      "CodeContests/1_A. Add#2",
      "CodeContests/2_B. Other",
    ]);
  });

  it.each([
    ["public_tests", { public_tests: { input: ["1"], output: [] } }],
    ["description", { description: 5 }],
  ])("with a wrong %s are refused with the line and the field", async (field, change) => {
    await expect(readRows(contest, { ...contest, name: "b", ...change })).rejects.toThrow(
      new RegExp(`:2: field "${field}`),
    );
  });

  it.each(["public_tests", "private_tests", "generated_tests"])("that lack %s are refused", async (field) => {
    const lacking = { ...contest, [field]: undefined };
    await expect(readRows(lacking)).rejects.toThrow(`:1: field "${field}": is missing`);
    expect((await readRows({ ...contest, [field]: null })).problems).toHaveLength(1);
  });

  it.each([
    ["private_tests", 7, "must be a list of {input, output}, or {input, output} with a list of texts in each"],
    ["private_tests", { input: ["1"], output: [] }, "must hold as many inputs as outputs"],
    ["solutions", 7, "must be a list of {language, solution}"],
    ["memory_limit_bytes", "much", "must be a number"],
    ...["quick", "2 seconds", {}, { minutes: 2 }, { seconds: -1 }].map(
      (limit) => ["time_limit", limit, "must be "] as const,
    ),
  ] as const)("with the %s %j are told what is wanted", async (field, value, wanted) => {
    await expect(readRows({ ...contest, [field]: value })).rejects.toThrow(
      new RegExp(`:1: field "${field}(?:\\.seconds)?": ${wanted}`),
    );
  });

  it.each([
    ["seconds: 8\n", 8000],
    ["seconds: 8\nnanos: 500000000\n", 8500],
    ["", undefined],
    [null, undefined],
    [{ seconds: "8", nanos: null }, 8000],
    [{ seconds: null, nanos: null }, undefined],
  ])("have the time limit %j", async (time_limit, cpuMs) => {
    expect((await readRows({ ...contest, time_limit })).problems[0]?.limits.cpuMs).toBe(cpuMs);
  });
});

describe("CodeContests of rllm", () => {
  const row = { problem: "Add.", tests: { inputs: ["1\n"], outputs: ["2\n"] } };

  it("is a JSON list or JSON Lines of rows that are numbered, with tests in columns or as a list", async () => {
    const rows = [row, { ...row, tests: one }, { ...row, tests: JSON.stringify(row.tests) }];
    const list = await readProblems(await folder.write(JSON.stringify(rows), "rllm.json"));
    const { problems } = await readRows(...rows);
    expect(list.problems).toEqual(problems);
    expect(problems.map(({ id }) => id)).toEqual(["CodeContests/0", "CodeContests/1", "CodeContests/2"]);
    for (const { tests } of problems) expect(tests).toEqual({ kind: "stdin", cases: one });
    expect(list.find("1")).toBe(list.problems[1]);
  });

  it.each([[{ inputs: ["1"], outputs: [] }], [[]], [[{ input: 1 }]], [{ inputs: [], outputs: [] }]])(
    "with tests %j is invalid",
    async (tests) => {
      const { problems } = await readRows(row, { ...row, tests });
      expect(problems.map(({ invalid }) => invalid === null)).toEqual([true, false]);
    },
  );
});

describe("TACO rows", () => {
  it("are APPS' rows without an id, with limits in words", async () => {
    const { format, problems } = await readProblems(join(FIXTURES, "taco"));
    expect(format).toBe("taco");
    expect(problems).toMatchObject([
      { id: "TACO/0", limits: { cpuMs: 6000, memoryKb: 2 << 20 }, difficulty: "EASY", invalid: null },
      { id: "TACO/1", limits: {}, entryPoint: "widest", tests: { kind: "calls", functionName: "widest" } },
    ]);
  });

  it("with solutions that are no list are usable, and with tests that cannot be read invalid", async () => {
    const row = { question: "q", input_output: "{", solutions: "broken", raw_tags: "[]" };
    const { problems } = await readRows({ ...row, input_output: '{"inputs": ["1"], "outputs": ["1"]}' }, row);
    expect(problems[0]).toMatchObject({ references: [], invalid: null });
    expect(problems[1]?.invalid).toMatch(/^unreadable tests/);
  });
});

describe("the custom format", () => {
  const row = { schema: "assay-problem/1", id: "a", prompt: "", tests: one };

  it("has a JSON schema in docs that says what the reader takes", async () => {
    const schema = await readFile(join(import.meta.dirname, "../docs/problem.schema.json"), "utf8");
    expect(JSON.parse(schema)).toEqual(customJsonSchema());
  });

  it("has examples in docs that can be read", async () => {
    const text = await readFile(join(import.meta.dirname, "../docs/problem-format.md"), "utf8");
    const examples = [...text.matchAll(/```jsonl\n([^]*?)```/g)].map((match) => match[1]?.trim() ?? "");
    expect(examples.length).toBeGreaterThan(0);
    const { problems } = await readRows(examples.join("\n"));
    for (const { id, invalid } of problems) expect(invalid, id).toBeNull();
  });

  it("keeps numbers of calls as they were written", async () => {
    const { problems } = await readRows(
      '{"schema":"assay-problem/1","id":"a","prompt":"","entry_point":"f","tests":[{"args":[12345678901234567890,1.0],"expected":NaN}]}',
    );
    expect(problems[0]?.tests).toMatchObject({ cases: [{ args: "[12345678901234567890,1.0]", expected: "NaN" }] });
  });

  it("takes groups of fewer tests, and of assert statements that are counted as they run", async () => {
    const groups = [{ name: "a", tests: 5 }];
    const assert = { tests: [{ assert: "assert f()" }], count_assertions: true };
    const { problems } = await readRows(
      { ...row, ...assert, groups },
      { ...row, id: "b", groups: [{ name: "a", tests: 0 }] },
      { ...row, id: "c", tests: [], groups, setup: "x = 1", preamble: "x = 1", invalid: "none of its tests is known" },
    );
    expect(problems.map(({ groups }) => groups?.[0]?.tests)).toEqual([5, 0, 5]);
  });

  it("takes limits in seconds and MiB", async () => {
    const limits = { cpu_seconds: 1.5, wall_seconds: 9, memory_mib: 64, output_mib: 0.5 };
    const { problems } = await readRows({ ...row, limits });
    expect(problems[0]?.limits).toEqual({ cpuMs: 1500, wallMs: 9000, memoryKb: 65536, outputBytes: 524288 });
  });

  it.each([
    ["an unknown field", { test: [] }, /unrecognized|test/i],
    ["another version", { schema: "assay-problem/2" }, /field "schema"/],
    ["no id", { id: "" }, /field "id"/],
    ["tests of two kinds", { tests: [...one, { assert: "assert f()" }] }, /field "tests".*all of one kind/],
    ["arguments for no function", { tests: [{ args: [], expected: 1 }] }, /field "entry_point"/],
    ["a limit of nothing", { limits: { cpu_seconds: 0 } }, /field "limits.cpu_seconds"/],
    ["an unknown field by its name", { prompt_text: "" }, /field "prompt_text": is no field of the format/],
    ["one inside a field", { limits: { cpu: 1 } }, /field "limits.cpu": is no field of the format/],
    ["an answer that is no text", { tests: [{ answer: 5 }] }, /field "tests.0.answer": .*expected string/],
    ["a test without output", { tests: [...one, { input: "" }] }, /field "tests.1.output": is missing/],
    ["a checker of no such name", { checker: "none" }, /field "checker": must be one of strict, /],
    [
      "a checker's file in another folder",
      { checker: { protocol: "function", source: "x", files: { "../a": "" } } },
      /field "checker.files.*a": is no plain name of a file/,
    ],
    [
      "a program in no language",
      { solutions: ["x", { language: "klingon", source: "x" }] },
      /field "solutions.1.language": is no language/,
    ],
    [
      "more tests in groups than there are",
      {
        groups: [
          { name: "a", tests: 1 },
          { name: "b", tests: 1 },
        ],
      },
      /"groups"/,
    ],
    ["a preamble for programs that read stdin", { preamble: "x = 1" }, /field "preamble": is for tests with assert/],
    ["a set-up for them", { setup: "x = 1" }, /field "setup": is for tests with assert/],
    [
      "a set-up for calls",
      { setup: "x = 1", entry_point: "f", tests: [{ args: [], expected: 1 }] },
      /field "setup": is for tests with assert/,
    ],
  ])("refuses %s, naming the line", async (_, change, message) => {
    const reading = readRows(row, { ...row, id: "b", ...change });
    await expect(reading).rejects.toThrow(/:2: /);
    await expect(reading).rejects.toThrow(message);
  });
});
