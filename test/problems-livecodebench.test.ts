import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createGrader } from "../src/grading/grader.js";
import { readProblems } from "../src/grading/problems/index.js";
import { PickleError, readPackedText, readPickledText } from "../src/grading/problems/pickled-text.js";
import type { Problem } from "../src/grading/types.js";
import { GateSandbox } from "./gate-sandbox.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();

const TEXTS = [
  ["'x'", "x"],
  ["''", ""],
  ["'é' * 300 + '\\U0001f600'", "é".repeat(300) + "\u{1f600}"],
  ["'ab' * 100000", "ab".repeat(100_000)],
  ["{'input_output': 'tests'}", "tests"],
  ["{'input_output': 'ab' * 100000}", "ab".repeat(100_000)],
] as const;
const OTHERS = [
  ["a number", "5"],
  ["bytes", "b'x'"],
  ["a list", "['x']"],
  ["a tuple", "('x', 'y')"],
  ["None", "None"],
  ["a dict of two", "{'input_output': 'x', 'more': 'y'}"],
  ["a dict with another key", "{'other': 'x'}"],
  ["an empty dict", "{}"],
  ["an object", "collections.Counter()"],
  ["a function", "print"],
] as const;

/** What Python makes of all these expressions, pickled, by protocol and expression. One Python for all of them. */
const pickles = makePickles([
  ...TEXTS.map(([expression]) => expression),
  ...OTHERS.map(([, expression]) => expression),
]);

function makePickles(expressions: readonly string[]): Record<number, Record<string, string>> {
  const program = [
    "import base64, collections, json, pickle, sys",
    "dump = lambda text, protocol: base64.b64encode(pickle.dumps(eval(text), protocol)).decode()",
    "texts = json.load(sys.stdin)",
    "print(json.dumps({protocol: {text: dump(text, protocol) for text in texts} for protocol in range(6)}))",
  ].join("\n");
  const input = JSON.stringify(expressions);
  const output = execFileSync("python3", ["-I", "-c", program], { input, encoding: "utf8", maxBuffer: 1 << 26 });
  return JSON.parse(output) as Record<number, Record<string, string>>;
}

function pickle(expression: string, protocol: number): Buffer {
  return Buffer.from(pickles[protocol]?.[expression] ?? "", "base64");
}

/** One text, pickled as Python does by protocol 2. */
function pickleText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([
    Buffer.from("8002", "hex"),
    Buffer.from("X"),
    length,
    bytes,
    Buffer.from("7100", "hex"),
    Buffer.from("."),
  ]);
}

describe("pickled texts", () => {
  it.each([2, 3, 4, 5])("of protocol %i are read, short, long and not ASCII, alone and in a dict", (protocol) => {
    for (const [expression, text] of TEXTS) {
      expect(readPickledText(pickle(expression, protocol))).toBe(text);
    }
  });

  it.each(OTHERS)("%s is refused", (_, expression) => {
    for (const protocol of [0, 1, 2, 4]) {
      expect(() => readPickledText(pickle(expression, protocol))).toThrow(PickleError);
    }
  });

  it("cut off anywhere, or with something behind them, are refused", () => {
    const whole = pickle("{'input_output': 'tests'}", 4);
    for (let end = 0; end < whole.length; end++) {
      expect(() => readPickledText(whole.subarray(0, end)), String(end)).toThrow(PickleError);
    }
    expect(() => readPickledText(Buffer.concat([whole, Buffer.from(".")]))).toThrow(PickleError);
  });

  it("that would run a command are refused and run nothing", () => {
    const mark = join(folder.path, "mark");
    const evil = Buffer.from(`\x80\x02cos\nsystem\nX\x00\x00\x00\x00(S'touch ${mark}'\ntR.`, "latin1");
    for (const bytes of [evil, evil.subarray(2), Buffer.from(`cos\nsystem\n(S'touch ${mark}'\ntR.`)]) {
      expect(() => readPackedText(deflateSync(bytes).toString("base64"))).toThrow(PickleError);
    }
    expect(existsSync(mark)).toBe(false);
  });

  it.each(["", "no base64!", "aGVsbG8=", deflateSync("x").subarray(0, 4).toString("base64")])(
    "%j is refused",
    (text) => {
      expect(() => readPackedText(text)).toThrow(PickleError);
    },
  );
});

const row = {
  question_title: "Add",
  question_content: "Add.",
  platform: "atcoder",
  question_id: "abc1_a",
  starter_code: "",
  difficulty: "easy",
  public_test_cases: JSON.stringify([{ input: "1 2\n", output: "3\n", testtype: "stdin" }]),
  private_test_cases: "[]",
  metadata: "{}",
};
const pack = (value: unknown): string => deflateSync(pickleText(JSON.stringify(value))).toString("base64");

/** What is in use when all that nobody holds has been collected, bytes. */
async function occupied(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 3; round++) {
    await new Promise(setImmediate);
    collect();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function readRow(given: object): Promise<Problem> {
  const [problem] = (await readProblems(await folder.write(JSON.stringify(given), "lcb.jsonl"))).problems;
  if (problem === undefined) throw new Error("no problem was read");
  return problem;
}

describe("LiveCodeBench rows", () => {
  it("hold public and private tests, packed or not", async () => {
    const one = { input: "4 5\n", output: "9\n", testtype: "stdin" };
    const cases = [
      { input: "1 2\n", output: "3\n" },
      { input: "4 5\n", output: "9\n" },
    ];
    for (const private_test_cases of [JSON.stringify([one]), [one], pack([one])]) {
      const problem = await readRow({ ...row, private_test_cases });
      expect(problem).toMatchObject({ id: "LiveCodeBench/abc1_a", format: "livecodebench", invalid: null });
      expect(problem.tests).toEqual({ kind: "stdin", cases });
      expect(problem.aliases).toContain("atcoder/abc1_a");
    }
  });

  it("with a func_name are calls with an argument on each line, in the very digits", async () => {
    const tests = [{ input: '[1, 1.0]\n12345678901234567890\n"a\\nb"', output: "1.50", testtype: "functional" }];
    const metadata = JSON.stringify({ func_name: "solve" });
    const problem = await readRow({ ...row, public_test_cases: "[]", private_test_cases: pack(tests), metadata });
    expect(problem.entryPoint).toBe("solve");
    expect(problem.tests).toEqual({
      kind: "calls",
      functionName: "solve",
      cases: [{ args: '[[1, 1.0],12345678901234567890,"a\\nb"]', expected: "1.50" }],
    });
  });

  it.each([
    ["no tests", { public_test_cases: "[]" }, "no tests"],
    [
      "tests of another kind",
      { public_test_cases: '[{"input": 1, "output": "2"}]' },
      "public_test_cases.0.input: Invalid input: expected string",
    ],
    ["damaged tests", { private_test_cases: "eJxrY" }, "private_test_cases: no zlib data"],
    ["tests that are no list", { public_test_cases: "{}" }, "public_test_cases: no base64"],
    ["metadata that is no JSON", { metadata: "{" }, "metadata: "],
    ["metadata of another kind", { metadata: '{"func_name": 5}' }, "metadata.func_name: "],
    [
      "functional tests of no function",
      { public_test_cases: '[{"input": "1", "output": "3", "testtype": "functional"}]' },
      "metadata.func_name: is missing",
    ],
    [
      "functional private tests of no function",
      {
        private_test_cases: pack([{ input: "1", output: "3", testtype: "functional" }]),
        metadata: '{"func_name": ""}',
      },
      "metadata.func_name: is missing",
    ],
    [
      "an argument that is no JSON",
      { metadata: '{"func_name": "f"}', public_test_cases: '[{"input": "1 2", "output": "3"}]' },
      'public_test_cases.0.input: "1 2" is not one JSON value',
    ],
    [
      "two values as one argument",
      { metadata: '{"func_name": "f"}', public_test_cases: '[{"input": "1,2", "output": "3"}]' },
      'public_test_cases.0.input: "1,2" is not one JSON value',
    ],
    [
      "an expected value that is no JSON",
      { metadata: '{"func_name": "f"}', public_test_cases: "", private_test_cases: [{ input: "1", output: "x" }] },
      'private_test_cases.0.output: "x" is not one JSON value',
    ],
  ])("with %s are invalid, and the rest of the set is usable", async (_, change, reason) => {
    const rows = [
      { ...row, ...change },
      { ...row, question_id: "fine" },
    ].map((one) => JSON.stringify(one));
    const { problems } = await readProblems(await folder.write(rows.join("\n"), "lcb.jsonl"));
    expect(problems.map(({ invalid }) => invalid === null)).toEqual([false, true]);
    expect(problems[0]?.invalid).toMatch(/^(no|unreadable) tests/);
    expect(problems[0]?.invalid?.replace("unreadable tests: ", "")).toContain(reason);
  });

  it.each(["public_test_cases", "private_test_cases"])("that lack %s are refused", async (field) => {
    await expect(readRow({ ...row, [field]: undefined })).rejects.toThrow(`lcb.jsonl:1: field "${field}": is missing`);
    expect(await readRow({ ...row, [field]: "" })).toMatchObject({ format: "livecodebench" });
  });

  it.each([
    ["stdin", {}, "x".repeat(4 << 20)],
    ["calls", { metadata: '{"func_name": "f"}' }, `"${"x".repeat(4 << 20)}"`],
  ])("take no memory for tests that nobody grades by: %s", async (_kind, change, output) => {
    const private_test_cases = pack([{ input: "1", output, testtype: "" }]);
    const rows = Array.from({ length: 15 }, (_, at) =>
      JSON.stringify({ ...row, ...change, public_test_cases: "[]", question_id: `q${at}`, private_test_cases }),
    );
    const before = await occupied();
    const { problems } = await readProblems(await folder.write(rows.join("\n"), "lcb.jsonl"));
    expect((await occupied()) - before).toBeLessThan(20 << 20);
    const sandbox = new GateSandbox();
    sandbox.open();
    const options = { comparator: "strict", extraction: "auto", allTests: false, limits: {} } as const;
    const grader = createGrader(sandbox, options);
    for (const problem of problems) {
      const sample = { taskId: problem.id, completion: null, solution: "def f(x): pass", row: {} };
      expect(await grader.grade(problem, sample)).toMatchObject({ tests: { total: 1 } });
    }
    sandbox.runs.length = 0;
    expect((await occupied()) - before).toBeLessThan(20 << 20);
    expect(problems[14]?.tests).toMatchObject({ cases: [{}] });
  });

  it("of SandboxFusion hold everything in one packed field", async () => {
    const tests = { inputs: ["1\n"], outputs: ["2\n"], fn_name: null };
    const test = pack(tests);
    const labels = JSON.stringify({ task_id: "codeforces/1873_A", difficulty: "easy" });
    const problem = await readRow({ id: "7", content: "Do it.", canonical_solution: "import sys", test, labels });
    expect(problem).toMatchObject({ id: "LiveCodeBench/1873_A", difficulty: "easy", references: [], invalid: null });
    expect(problem.tests).toEqual({ kind: "stdin", cases: [{ input: "1\n", output: "2\n" }] });
  });

  const sandboxFusion = { id: "7", content: "Do it.", test: "", labels: { task_id: "a/b" } };
  it.each([
    ["{", 'field "labels": not valid JSON'],
    ["", 'field "labels": not valid JSON'],
    ["junk", 'field "labels": not valid JSON'],
    ["7", 'field "labels": '],
    [null, 'field "labels": '],
    ['{"difficulty": "easy"}', 'field "labels.task_id": is missing'],
  ])("of SandboxFusion with the labels %j are refused", async (labels, message) => {
    await expect(readRow({ ...sandboxFusion, labels })).rejects.toThrow(`lcb.jsonl:1: ${message}`);
  });

  it.each([
    [pack({ inputs: ["1"], outputs: [] }), "test: as many inputs as outputs are needed"],
    [pack({ inputs: ["1"] }), "test.outputs: is missing"],
    [pack({ inputs: ["1 2"], outputs: ["3"], fn_name: "f" }), 'test.inputs.0: "1 2" is not one JSON value'],
    ["", "test: no base64"],
  ])("of SandboxFusion whose tests are no such tests are invalid", async (test, reason) => {
    expect((await readRow({ ...sandboxFusion, test })).invalid).toBe(`unreadable tests: ${reason}`);
  });
});
