import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { compareKattis } from "../src/grading/comparators/kattis.js";
import { problemFromRow } from "../src/grading/problems/from-row.js";
import { readProblems } from "../src/grading/problems/index.js";
import { writeCustomRow } from "../src/grading/problems/write-custom.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();
const FLAGS = "output_validator_flags: float_absolute_tolerance 0.5";
const RULE = { caseSensitive: false, spaceSensitive: false, absolute: null, relative: null };

describe("the default validator of the Kattis format", () => {
  it.each([
    ["space and lines do not count", {}, "1 2\n3\n", "1\n2   3", true],
    ["nor does case", {}, "Yes", "yES", true],
    ["with case_sensitive it does", { caseSensitive: true }, "Yes", "yES", false],
    ["with space_change_sensitive space does", { spaceSensitive: true }, "1 2\n", "1  2\n", false],
    ["the same space", { spaceSensitive: true }, "1 2\n", "1 2\n", true],
    ["numbers are texts without a tolerance", {}, "1.0", "1.00", false],
    ["an absolute tolerance", { absolute: 0.01 }, "1.0", "1.009", true],
    ["one that is too small", { absolute: 0.01 }, "1.0", "1.02", false],
    ["a relative tolerance", { relative: 0.01 }, "1000", "1009", true],
    ["words beside numbers", { relative: 0.01 }, "1000", "many", false],
    ["NaN", { absolute: 1 }, "1", "nan", false],
    ["a token too few", {}, "1 2", "1", false],
    ["a token too many", {}, "1", "1 2", false],
  ])("%s", (_, flags, expected, actual, same) => {
    expect(compareKattis({ ...RULE, ...flags }, expected, actual)).toBe(same);
  });
});

/** A package of one sample and one secret test in a folder of its own. */
async function writePackage(yaml: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const files = {
    "problem.yaml": yaml,
    "problem_statement/problem.en.tex": "Add two numbers.",
    ...{ "data/sample/1.in": "1 2\n", "data/sample/1.ans": "3\n" },
    ...{ "data/secret/group1/2.in": "5 6\n", "data/secret/group1/2.ans": "11\n" },
    "submissions/accepted/a.py": "print(sum(map(int, input().split())))\n",
    "submissions/accepted/a.cpp": "int main() {}\n",
    "submissions/wrong_answer/w.py": "print(3)\n",
    "submissions/time_limit_exceeded/t.py": "while True: pass\n",
    ...more,
  };
  let path = "";
  for (const [name, text] of Object.entries(files)) path = await folder.write(text, join("set", "sum", name));
  expect(path).not.toBe("");
  return join(folder.path, "set");
}

describe("Kattis packages", () => {
  it("are read from folders: tests, flags, limits and submissions", async () => {
    const set = await readProblems(
      await writePackage("validator_flags: float_tolerance 1e-4 case_sensitive\nlimits:\n  memory: 4096\n"),
    );
    expect(set.format).toBe("kattis");
    expect(set.problems).toMatchObject([
      {
        ...{ id: "sum", prompt: "Add two numbers.", invalid: null, limits: { cpuMs: 30_000, memoryKb: 4 << 20 } },
        groups: [
          { name: "sample", tests: 1 },
          { name: "secret", tests: 1 },
        ],
        tests: {
          cases: [
            { input: "1 2\n", output: "3\n" },
            { input: "5 6\n", output: "11\n" },
          ],
          rule: { caseSensitive: true, spaceSensitive: false, absolute: 1e-4, relative: 1e-4 },
        },
        references: ["print(sum(map(int, input().split())))\n"],
        wrong: ["print(3)\n"],
        foreign: { references: [{ language: "cpp", source: "int main() {}\n" }], wrong: [] },
      },
    ]);
  });

  it("take the limit of time that they state", async () => {
    const { problems } = await readProblems(await writePackage("limits:\n  time_limit: 7\n"));
    expect(problems[0]?.limits.cpuMs).toBe(7000);
    const measured = await readProblems(await writePackage("", { ".timelimit": "12\n" }));
    expect(measured.problems[0]?.limits.cpuMs).toBe(12_000);
  });

  it("take the flags that their test groups give the validator, which the groups in them have too", async () => {
    const flags = {
      "data/secret/testdata.yaml": "grader_flags: min\n",
      "data/secret/group1/testdata.yaml": "range: 0 1",
    };
    const given = { ...flags, "data/testdata.yaml": "output_validator_flags: float_tolerance 1e-2\n" };
    const { problems } = await readProblems(await writePackage("validator_flags: case_sensitive\n", given));
    const rule = { caseSensitive: true, absolute: 1e-2, relative: 1e-2 };
    expect(problems[0]).toMatchObject({ invalid: null, tests: { rule } });
    const own = { ...given, "output_validators/check.py": CHECK };
    const custom = await readProblems(await writePackage("validation: custom\nvalidator_flags: a\n", own));
    expect(custom.problems[0]?.tests).toMatchObject({ checker: { arguments: ["a", "float_tolerance", "1e-2"] } });
  });

  it("whose test groups are judged by different flags, or cannot be read, are invalid", async () => {
    const deep = "data/secret/group1/testdata.yaml";
    const mixed = await readProblems(await writePackage("", { [deep]: "output_validator_flags: case_sensitive\n" }));
    expect(mixed.problems[0]?.invalid).toMatch(/different flags/);
    const broken = await readProblems(await writePackage("", { [deep]: "range: [" }));
    expect(broken.problems[0]?.invalid).toMatch(/unreadable testdata.yaml of secret\/group1/);
  });

  const CHECK = "import sys\nsys.exit(42)\n";
  it.each([
    ["one file", "validation: custom\nvalidator_flags: a 1\n", { "output_validators/check.py": CHECK }, {}],
    ["a folder", "validation: custom\nvalidator_flags: [a, '1']\n", { "output_validators/v/check.py": CHECK }, {}],
    [
      "a folder of a later version",
      "validator_flags: a 1\n",
      { "output_validator/check.py": CHECK, "output_validator/check.h": "x" },
      { files: [{ path: "check.h", content: "x" }] },
    ],
  ])("have their own validator as a checker: %s", async (_what, yaml, more, files) => {
    const { problems } = await readProblems(await writePackage(yaml, more));
    const checker = { protocol: "kattis", language: "python", source: CHECK, arguments: ["a", "1"], ...files };
    expect(problems[0]).toMatchObject({ invalid: null, tests: { checker } });
    expect(problems[0]?.tests).not.toHaveProperty("rule");
    // So it stays where the set is converted, and the programs in other languages with it.
    const custom = await folder.write(problems.map(writeCustomRow).join("\n"), "custom.jsonl");
    const again = (await readProblems(custom)).problems[0];
    expect(again?.tests).toEqual(problems[0]?.tests);
    expect(again?.foreign).toEqual(problems[0]?.foreign);
  });

  it.each(["validation: custom interactive\n", "type: interactive\n"])("have an interactor: %s", async (yaml) => {
    const { problems } = await readProblems(await writePackage(yaml, { "output_validators/check.py": CHECK }));
    const interactor = { protocol: "kattis", language: "python", source: CHECK };
    expect(problems[0]).toMatchObject({ invalid: null, tests: { interactor } });
  });

  it.each([
    ["validation: custom interactive", {}, /validator is not there/],
    ["", { "output_validators/a.py": "exit(42)", "output_validators/b.py": "exit(42)" }, /several/],
    ["", { "output_validators/v/a.cpp": "", "output_validators/v/b.cpp": "" }, /not one source file/],
    ["", { "output_validators/v/a.cpp": "", "output_validators/v/build": "" }, /built by a script/],
    ["limits: [", {}, /unreadable problem.yaml/],
    ["limits: 5", {}, /unreadable problem.yaml: limits/],
    ["limits: *none", {}, /unreadable problem.yaml: Unresolved alias/],
    ["", { "data/testdata.yaml": "range: *none" }, /unreadable testdata.yaml of data: Unresolved alias/],
  ])("that cannot be judged here are invalid: %s", async (yaml, more, reason) => {
    const { problems } = await readProblems(await writePackage(yaml, more));
    expect(problems[0]?.invalid).toMatch(reason);
  });

  it("with a test that has no answer, or an answer that has no input, cannot be read", async () => {
    const path = await writePackage("", { "data/secret/3.in": "1 1\n" });
    await expect(readProblems(path)).rejects.toThrow(/3\.ans/);
    expect(dirname(path)).toBe(folder.path);
    await writePackage("", { "data/secret/3.ans": "2\n", "data/secret/g/4.ans": "2\n" });
    await expect(readProblems(path)).rejects.toThrow(join(path, "sum/data/secret/g/4.ans: is an answer without"));
  });

  it("without secret tests are invalid: what samples accept may write out the statement's answers", async () => {
    const path = await writePackage("", { "data/secret/readme.txt": "none" });
    await rm(join(path, "sum/data/secret/group1"), { recursive: true });
    for (const part of ["sum/data/secret", "sum/data/sample"]) {
      expect((await readProblems(path)).problems).toMatchObject([{ invalid: "no tests: data/secret is empty" }]);
      await rm(join(path, part), { recursive: true });
    }
    const sample = { names: ["sample/1"], input: "1\n", output: "2\n" };
    const rows = [[], [sample], [{ ...sample, names: ["secret/1"] }]].map((tests, at) =>
      JSON.stringify({ problem: `p${at}`, problem_yaml: "", tests }),
    );
    const { problems } = await readProblems(await folder.write(rows.join("\n"), "rows.jsonl"));
    expect(problems.map(({ invalid }) => invalid)).toEqual([
      ...["no tests: data/secret is empty", "no tests: data/secret is empty", null],
    ]);
  });

  it("in one folder must all have a problem.yaml, and what is no package is passed over", async () => {
    const path = await writePackage("", {});
    await folder.write("notes", "set/notes/readme.txt");
    await folder.write("notes", "set/data");
    expect((await readProblems(path)).problems).toHaveLength(1);
    for (const file of ["data/secret/1.in", "submissions/accepted/a.py"]) {
      await folder.write("1\n", join("set/torn", file));
      await expect(readProblems(path)).rejects.toThrow(`${path}/torn: has data or submissions`);
      await rm(join(path, "torn"), { recursive: true });
    }
    expect((await readProblems(path)).problems).toHaveLength(1);
  });

  it("with a limit of time that is none cannot be read", async () => {
    await expect(readProblems(await writePackage("", { ".timelimit": "quick" }))).rejects.toThrow(
      "sum/.timelimit: must be a number of seconds",
    );
    const row = { problem: "a", problem_yaml: "", timelimit: "quick", tests: [] };
    await expect(readProblems(await folder.write(JSON.stringify(row), "rows.jsonl"))).rejects.toThrow(
      'rows.jsonl:1: field "timelimit": must be a number of seconds',
    );
  });

  it("in rows tell samples by the names of tests, and keep their rule when they are converted", async () => {
    const row = {
      ...{ problem: "final/sum", problem_yaml: "validator_flags: case_sensitive\n", timelimit: null },
      test_groups: { "data/secret/testdata.yaml": "range: 0 1", "data/testdata.yaml": FLAGS },
      tests: [
        { names: ["secret/g/2"], input: "5 6\n", output: "11\n" },
        { names: ["sample/1", "secret/g/1"], input: "1 2\n", output: "3\n" },
      ],
      submissions: [{ verdict: "accepted", ext: "py", code: "print(3)\n" }],
    };
    const { problems } = await readProblems(await folder.write(`${JSON.stringify(row)}\n`, "rows.jsonl"));
    expect(problems).toMatchObject([
      { id: "final/sum", aliases: ["sum"], tests: { cases: [{ input: "1 2\n" }, { input: "5 6\n" }] } },
    ]);
    expect(problems[0]?.tests).toMatchObject({ rule: { caseSensitive: true, absolute: 0.5, relative: null } });
    const again = await readProblems(await folder.write(problems.map(writeCustomRow).join("\n"), "custom.jsonl"));
    expect(again.problems[0]?.tests).toEqual(problems[0]?.tests);
    expect(again.problems[0]?.groups).toEqual(problems[0]?.groups);
  });
});

it.each([
  [
    "livecodebench",
    { question_content: "q", public_test_cases: [{ input: "1", output: "1" }], private_test_cases: [] },
  ],
  [
    "code-contests",
    {
      name: "1_A",
      description: "d",
      public_tests: [{ input: "1", output: "1" }],
      private_tests: [],
      generated_tests: [],
    },
  ],
  ["taco", { question: "q", raw_tags: "[]", input_output: '{"inputs": ["1"], "outputs": ["1"]}' }],
  ["codeforces", { id: "1/A", description: "d", input_mode: "stdio", official_tests: [{ input: "1", output: "1" }] }],
  ["custom", { schema: "assay-problem/1", prompt: "", tests: [{ input: "1", output: "1" }] }],
])("a row of %s is a problem of a request", (format, row) => {
  const fields = new Map(Object.entries(row).map(([name, value]) => [name, JSON.stringify(value)]));
  expect(problemFromRow(fields)).toMatchObject({ format, invalid: null, tests: { cases: [{ output: "1" }] } });
});
