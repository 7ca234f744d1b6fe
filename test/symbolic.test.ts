import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createGrader } from "../src/grading/grader.js";
import { decideSame } from "../src/grading/mathematics/decide.js";
import { MajorityVote } from "../src/grading/mathematics/majority.js";
import { ANSWER_POLICIES, type AnswerPolicyName } from "../src/grading/mathematics/policies.js";
import { SymbolicCheck } from "../src/grading/mathematics/symbolic.js";
import type { Problem } from "../src/grading/types.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";
import { hasLibrary, PYLATEXENC } from "../src/sandbox/libraries.js";

const row = z.object({
  expected: z.string(),
  given: z.string(),
  equal: z.boolean(),
  policy: z.enum(Object.keys(ANSWER_POLICIES) as AnswerPolicyName[]).default("default"),
});
const readPairs = (name: string) =>
  readFileSync(join(import.meta.dirname, "../fixtures/math", name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => row.parse(JSON.parse(line)));
const options = { comparator: "strict", allTests: false, limits: {}, extraction: "auto" } as const;
const question: Problem = {
  ...{ id: "q", aliases: [], format: "question-answer", prompt: "?", entryPoint: null, starterCode: "" },
  ...{ difficulty: null, references: [], limits: {}, invalid: null },
  tests: { kind: "answer", answer: "1+\\sqrt2" },
};
const answer = (solution: string) => ({ taskId: "q", completion: null, solution, row: {} });

const isThere = hasLibrary("sympy") && hasLibrary(PYLATEXENC);
describe.skipIf(!isThere)("the symbolic check (skipped without python3-sympy and python3-pylatexenc)", () => {
  let sandbox: Sandbox;
  let check: SymbolicCheck | null;
  beforeAll(async () => {
    sandbox = await createSandbox();
    check = SymbolicCheck.over(sandbox);
  });
  afterAll(() => sandbox.dispose());

  it("decides pairs that are left open before it, in both directions", async () => {
    for (const { expected, given, equal } of readPairs("symbolic-pairs.jsonl")) {
      for (const [one, other] of [
        [expected, given],
        [given, expected],
      ] as const) {
        const { same, tier } = await decideSame("default", one, other, check);
        expect(same, `${one} and ${other}`).toBe(equal);
        if (equal) expect(tier, `${one} and ${other}`).toBe(1);
      }
    }
  }, 60_000);

  it("changes nothing about pairs that are decided before it, hostile ones among them", async () => {
    for (const { expected, given, equal, policy } of readPairs("pairs.jsonl")) {
      const { same, usage } = await decideSame(policy, expected, given, check);
      expect(same, `${expected} and ${given} under ${policy}`).toBe(equal);
      expect(usage.cpuMs).toBeLessThan(5000);
    }
  }, 60_000);

  it("what it decides is in the verdict, with what it used", async () => {
    const grader = createGrader(sandbox, options);
    const right = await grader.grade(question, answer("\\sqrt{3+2\\sqrt2}"));
    expect(right).toMatchObject({ passed: true, equivalence: { tier: 1 } });
    expect(right.usage.cpu_ms).toBeGreaterThan(0);
    expect(await grader.grade(question, answer("2"))).toMatchObject({ passed: false, equivalence: { tier: 0 } });
    const unproved = await grader.grade(question, answer("(10^{100})!"));
    expect(unproved).toMatchObject({ verdict: "wrong_answer", equivalence: { tier: 1, undecided: "not proved" } });
  });

  it("the majority vote asks it about wrong answers", async () => {
    const majority = new MajorityVote();
    for (const [text, passed] of [
      ["\\sqrt{3+2\\sqrt2}", false],
      ["1+\\sqrt2", false],
      ["5", true],
    ] as const) {
      majority.add({ taskId: "a", answer: text, passed, policy: "default" });
    }
    expect((await majority.score(null))?.accuracy).toBeCloseTo(1 / 3);
    expect((await majority.score(check))?.accuracy).toBe(0);
  });
});

describe("without a symbolic check that works", () => {
  const sandboxWith = (libraries: readonly string[], ending: string) =>
    ({
      enforcement: { isolation: "namespaces", runtime: "python 3", libraries },
      withProgram: (_program: unknown, use: (lease: unknown) => Promise<unknown>) =>
        use({
          queueMs: 0,
          run: () =>
            Promise.resolve({ ending, detail: "told so", stdout: Buffer.alloc(0), usage: { cpuMs: 1, wallMs: 1 } }),
        }),
    }) as unknown as Sandbox;

  it("what is open is wrong, and the verdict says that nobody could decide", async () => {
    const grader = createGrader(sandboxWith([], "finished"), options);
    expect(await grader.grade(question, answer("\\sqrt{3+2\\sqrt2}"))).toMatchObject({
      verdict: "wrong_answer",
      equivalence: { tier: 0, undecided: "no symbolic check here" },
    });
  });

  it("a limit reached is no proof", async () => {
    const grader = createGrader(sandboxWith(["sympy"], "time_limit"), options);
    expect(await grader.grade(question, answer("\\sqrt{3+2\\sqrt2}"))).toMatchObject({
      verdict: "wrong_answer",
      equivalence: { tier: 1, undecided: "time_limit" },
    });
  });

  it("a fault of ours is never a wrong answer", async () => {
    const grader = createGrader(sandboxWith(["sympy"], "infrastructure_error"), options);
    const record = await grader.grade(question, answer("\\sqrt{3+2\\sqrt2}"));
    expect(record).toMatchObject({ verdict: "infrastructure_error", passed: false });
    expect(record.first_failure?.stderr).toBe("told so");
  });
});
