import { runInThisContext } from "node:vm";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { scriptCallsPrelude, markNumbers } from "../src/grading/comparators/script-calls.js";
import { COMPARATOR_NAMES, type ComparatorName } from "../src/grading/comparators/index.js";
import { createGrader, type GradeOptions } from "../src/grading/grader.js";
import type { Problem, VerdictRecord } from "../src/grading/types.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";
import { findLanguage, isInstalled } from "../src/sandbox/languages.js";

const OPTIONS: GradeOptions = { comparator: "strict", allTests: false, limits: {}, extraction: "auto" };
const hasNode = isInstalled(findLanguage("javascript") ?? (undefined as never));

/** A problem whose function is called with two numbers and is to give their sum. */
const SUM: Problem = {
  ...{ id: "sum", aliases: [], format: "apps", prompt: "", entryPoint: "sum", starterCode: "" },
  ...{ difficulty: null, references: [], invalid: null },
  tests: {
    kind: "calls",
    functionName: "sum",
    cases: [
      { args: "[2, 3]", expected: "5" },
      { args: "[0.1, 0.2]", expected: "[0.3]" },
    ],
  },
  limits: { cpuMs: 1000, memoryKb: 96 << 10, outputBytes: 1 << 16 },
};
const NODE = "require('node:fs');\n";

describe.skipIf(!hasNode)("calls that are answered in JavaScript", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await createSandbox({ cells: 1 });
  });
  afterAll(() => sandbox.dispose());

  const grade = (text: string, options: Partial<GradeOptions> = {}): Promise<VerdictRecord> =>
    createGrader(sandbox, { ...OPTIONS, ...options }).grade(SUM, {
      ...{ taskId: "sum", completion: text, solution: null, language: "javascript", row: {} },
    });

  it.each([
    ["accepted", "const sum = (a, b) => a + b"],
    ["accepted", "class Solution { sum(a, b) { return a + b } }"],
    ["accepted", "var sum = async function (a, b) { return a + b }"],
    ["accepted", "First\n```js\nconst sum = (a, b) => b + a;\n```\nand for example\n```js\nsum(1, 2)\n```\n"],
    ["accepted", `${NODE}module.exports = { sum: (a, b) => a + b }`],
    ["wrong_answer", "const sum = (a, b) => a - b"],
    [
      "runtime_error",
      "const sum = (a, b) => ({ valueOf: () => a + b, toString: () => String(a + b), [Symbol.toPrimitive]: undefined })",
    ],
    ["runtime_error", "const sum = (a, b) => a.b.c"],
    ["runtime_error", "const add = (a, b) => a + b"],
    ["runtime_error", `${NODE}const sum = () => process.exit(0)`],
    ["time_limit", "const sum = () => { for (;;); }"],
    ["time_limit", `${NODE}const sum = () => { for (;;); }`],
    ["memory_limit", "const sum = () => { const all = []; for (;;) all.push(new Array(1000).fill(1)) }"],
    ["output_limit", "const sum = () => { for (;;) console.log('too much') }"],
    ["output_limit", "for (let i = 0; i < 1e5; i++) { try { console.log(i) } catch {} }\nconst sum = (a, b) => a + b"],
    ["output_limit", `${NODE}const sum = () => { for (;;) console.log('too much'); }`],
    ["compile_error", "const sum = (a, b => a + b"],
    ["compile_error", `${NODE}const sum = (a, b => a + b`],
  ])("%s: %s", { timeout: 60_000 }, async (verdict, text) => {
    const record = await grade(text);
    expect([record.verdict, record.first_failure?.stderr]).toEqual([verdict, record.first_failure?.stderr]);
    expect(record.integrity).toBe("isolated");
    expect(record.tests.total).toBe(2);
  });

  it("checks the types of TypeScript, unless it is told not to", { timeout: 60_000 }, async () => {
    const inTypeScript = async (text: string, options: Partial<GradeOptions> = {}): Promise<string[]> => {
      const sample = { taskId: "sum", completion: text, solution: null, language: "ts", row: {} };
      const record = await createGrader(sandbox, { ...OPTIONS, ...options }).grade(SUM, sample);
      return [record.verdict, record.extraction.language, record.integrity];
    };
    const right = "export function sum(a: number, b: number): number {\n  return a + b;\n}\n";
    const wrongTypes = "const sum = (a: string, b: string): string[] => (a as any) + b;\nsum(1, 2);\n";
    const badSyntax = "const sum = (a: number, b => a + b;\n";
    expect(await inTypeScript(right)).toEqual(["accepted", "typescript", "isolated"]);
    expect(await inTypeScript(wrongTypes)).toEqual(["compile_error", "typescript", "isolated"]);
    const typeCheck = false;
    expect(await inTypeScript(wrongTypes, { typeCheck })).toEqual(["accepted", "typescript-unchecked", "isolated"]);
    expect(await inTypeScript(badSyntax, { typeCheck })).toEqual(["compile_error", "typescript-unchecked", "isolated"]);
  });

  it("compares as each comparator says", { timeout: 60_000 }, async () => {
    const near = (comparator: ComparatorName) =>
      grade("const sum = (a, b) => a + b + 1e-9 * !Number.isInteger(a)", { comparator });
    const verdicts = await Promise.all(COMPARATOR_NAMES.map(async (name) => [name, (await near(name)).verdict]));
    // The last two have no rule of their own for calls.
    expect(Object.fromEntries(verdicts)).toEqual({
      ...{ strict: "accepted", apps: "wrong_answer", livecodebench: "wrong_answer" },
      ...{ "code-contests": "accepted", lines: "accepted" },
    });
  });
});

describe("answers to calls in JavaScript", () => {
  const answers = (comparator: ComparatorName, expected: string, actual: unknown): unknown => {
    const source = `((expected, actual) => { ${scriptCallsPrelude(comparator)}; return $assayAnswers(JSON.parse(expected), actual); })`;
    const compare = runInThisContext(source) as (expected: string, actual: unknown) => unknown;
    return compare(markNumbers(expected), actual);
  };

  it.each<[ComparatorName, string, unknown, boolean]>([
    ["strict", "3.0", 3, true],
    ["strict", "3.0", 3.0000001, true],
    ["strict", "3", 3.0000001, false],
    ["strict", "3.0", NaN, false],
    ["strict", "3.0", "3", false],
    ["strict", "12345678901234567890", 12345678901234567890n, true],
    ["strict", "12345678901234567890", 12345678901234567891n, false],
    ["strict", "null", undefined, true],
    ["strict", "null", 0, false],
    ["strict", "true", 1, false],
    ["livecodebench", "true", 1, true],
    ["strict", "[1, [2]]", [1, [2]], true],
    ["strict", "[1, [2]]", [1, [2, 3]], false],
    ["strict", "[[1, 2]]", [1, 2], true],
    ["strict", "[[1, 2], 3]", [1, 2], false],
    ["apps", "[[1, 2], 3]", [1, 2], true],
    ["livecodebench", "[[1, 2]]", [1, 2], false],
    ["strict", '{"a": 1, "__proto__": 2}', JSON.parse('{"a": 1, "__proto__": 2}'), true],
    ["strict", '{"a": 1}', { a: 1, b: 2 }, false],
    ["strict", '{"1": "x"}', new Map([[1, "x"]]), true],
    ["strict", "[1, 2]", { 0: 1, 1: 2, length: 2 }, false],
    ["strict", '"1.5 and 1e9 \\" 3"', '1.5 and 1e9 " 3', true],
  ])("%s: %s is answered by %s: %s", (comparator, expected, actual, isRight) => {
    expect(answers(comparator, expected, actual)).toBe(isRight);
  });
});
