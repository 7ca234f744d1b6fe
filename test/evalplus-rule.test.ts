import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { readProblems } from "../src/grading/problems/index.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();

interface Case {
  readonly taskId?: string;
  readonly entryPoint?: string;
  readonly reference: string;
  readonly candidate: string;
  readonly input?: string;
  readonly atol?: number;
}

/**
 * What the judge says of a candidate on one input: "passed", or the error. Reference and candidate are this file's own,
 * so they may run in a plain process, the way a judge is run: prelude, then the candidate under its name, then a check.
 */
async function judge({ taskId = "HumanEval/0", entryPoint = "f", reference, candidate, input = "[]", atol = 0 }: Case) {
  const fields = { task_id: taskId, prompt: "", entry_point: entryPoint, canonical_solution: reference, atol };
  const path = await folder.write(
    `${JSON.stringify(fields).slice(0, -1)},"base_input":[${input}],"plus_input":[]}\n`,
    "problems.jsonl",
  );
  const { tests } = (await readProblems(path)).problems[0] ?? {};
  if (tests?.kind !== "assertions") throw new Error("not the tests expected");
  const script = `
import json, sys
prelude, candidate, name, check, data = json.load(sys.stdin)
scope = {}
exec(prelude, scope)
own = {}
exec(candidate, own)
scope[name] = own[name]
scope["data"] = json.loads(data)
try:
    exec(check, scope)
    print("passed")
except Exception as error:
    print(type(error).__name__ + ": " + str(error))
`;
  const [check] = tests.checks;
  const { stdout } = await execa("python3", ["-I", "-c", script], {
    input: JSON.stringify([tests.prelude, candidate, entryPoint, check?.source, check?.data]),
  });
  return stdout;
}

/** Whether `actual` answers where the reference gives `expected`; both are Python expressions. */
async function agrees(actual: string, expected: string, more: Partial<Case> = {}): Promise<boolean> {
  const name = more.entryPoint ?? "f";
  const define = (value: string) => `def ${name}(*arguments):\n    return ${value}\n`;
  const outcome = await judge({ ...more, reference: define(expected), candidate: define(actual) });
  if (outcome !== "passed" && !outcome.startsWith("AssertionError")) throw new Error(outcome);
  return outcome === "passed";
}

describe("the comparison of EvalPlus problems", () => {
  it.each([
    ["1", "1", true],
    ["1.0", "1", true],
    ["[1, 2]", "(1, 2)", false],
    ["0.1 + 0.2", "0.3", true],
    ["[0.1 + 0.2, 'a']", "[0.3, 'a']", false],
    ["[0.1 + 0.2, 1]", "[0.3, 1]", true],
    ["[0.3]", "[0.3, 0.3]", false],
    ["(0.1 + 0.2,)", "[0.3]", false],
    ["1.001", "1.0", false],
    ["float('inf')", "1e308", false],
    ["1e308", "float('inf')", false],
    ["float('nan')", "float('nan')", false],
    ["10 ** 9 + 1", "10 ** 9", false],
    ["None", "0.0", false],
    ["None", "None", true],
    ["10 ** 400", "1.5", false],
  ])("holds %s against %s: %s", async (actual, expected, verdict) => {
    expect(await agrees(actual, expected)).toBe(verdict);
  });

  it("uses the tolerance that the data set states", async () => {
    expect(await agrees("1.001", "1.0", { atol: 0.01 })).toBe(true);
    expect(await agrees("[[1.001]]", "[[1.0]]", { atol: 0.01 })).toBe(true);
    expect(await agrees("[[1.1]]", "[[1.0]]", { atol: 0.01 })).toBe(false);
  });

  it("takes any root for find_zero", async () => {
    const find = { entryPoint: "find_zero", input: "[[-1, 0, 1]]", atol: 1e-4 };
    expect(await agrees("-1.0", "1.0", find)).toBe(true);
    expect(await agrees("0.5", "1.0", find)).toBe(false);
    expect(await agrees("'1.0'", "1.0", find)).toBe(false);
    // Emptying the coefficients makes anything a root, but only of the candidate's own copy.
    expect(await agrees("arguments[0].clear() or 0.5", "1.0", find)).toBe(false);
  });

  it.each([
    ["similar_elements", "[2, 1, 1]", "(1, 2)", true],
    ["similar_elements", "[2]", "(1, 2)", false],
    ["similar_elements", "7", "(1, 2)", false],
    ["check_str", "'any'", "'thing'", true],
    ["check_str", "None", "'thing'", false],
    ["check_str", "False", "None", true],
    ["are_equivalent", "1", "2", true],
    ["sum_div", "0", "5", true],
    ["sum_div", "1", "5", false],
  ])(
    "knows the other right answers of MBPP+: %s gives %s for %s: %s",
    async (entryPoint, actual, expected, verdict) => {
      expect(await agrees(actual, expected, { taskId: "Mbpp/0", entryPoint })).toBe(verdict);
      // Only there: a HumanEval function of the same name has the plain rule.
      if (actual === "[2, 1, 1]") expect(await agrees(actual, expected, { entryPoint })).toBe(false);
    },
  );

  it("knows the two readings of surface_Area and digit_distance_nums", async () => {
    const surface = { taskId: "Mbpp/581", entryPoint: "surface_Area", input: "[3, 4]" };
    expect(await agrees("35", "33", surface)).toBe(true);
    expect(await agrees("34", "33", surface)).toBe(false);
    const digits = { taskId: "Mbpp/558", entryPoint: "digit_distance_nums", input: "[12, 305]" };
    expect(await agrees("7", "0", digits)).toBe(true);
    expect(await agrees("8", "0", digits)).toBe(false);
  });

  it.each([
    [2, "[[1, 2], [3]]", "((1, 2), (3,))"],
    [63, "[[[1, 2], [3, 4]]]", "([(1, 2), (3, 4)],)"],
    [259, "[[[1, 2]], [[3]]]", "(((1, 2),), ((3,),))"],
    [75, "[[[1], [2]], 5]", "([(1,), (2,)], 5)"],
    [307, "[[1, []], 1, 2]", "((1, []), 1, 2)"],
    [106, "[[1], [2]]", "([1], (2,))"],
    [115, "[[[1, 1], [], 3]]", "([{1}, {}, {}],)"],
    [124, '["1", "2j"]', "(1.0, 2j)"],
    [278, "[[1, [2, [3]]]]", "((1, (2, [3])),)"],
    [580, "[[1, [2, [3]]]]", "((1, (2, (3,))),)"],
    [722, '[{"a": [1, 2]}, 3]', "({'a': (1, 2)}, 3)"],
    [3, "[[1, 2]]", "([1, 2],)"],
  ])("gives the arguments of MBPP+ %i their types back", async (number, input, expected) => {
    const taskId = `Mbpp/${number}`;
    expect(await agrees("repr(arguments)", JSON.stringify(expected), { taskId, input })).toBe(true);
  });

  it("passes numbers to the programs as they are written", async () => {
    const input = "[123456789012345678901234567890, 1.0, 1, -Infinity]";
    expect(await agrees("repr(arguments)", '"(123456789012345678901234567890, 1.0, 1, -inf)"', { input })).toBe(true);
  });

  it("keeps the reference out of the candidate's reach", async () => {
    // The reference calls itself by the name under which the candidate is bound, and a built-in's name at that.
    const reference = "def sum(n):\n    return 0 if n == 0 else 2 + sum(n - 1)\n";
    const right = "def sum(n):\n    return 2 * n\n";
    const wrong = "def sum(n):\n    return n\n";
    const problem = { entryPoint: "sum", reference, input: "[4]" };
    expect(await judge({ ...problem, candidate: right })).toBe("passed");
    expect(await judge({ ...problem, candidate: wrong })).toBe("AssertionError: expected 8, got 4");
  });

  it("gives the candidate arguments that the reference has not touched", async () => {
    const program = "def f(items):\n    items.append(0)\n    return len(items)\n";
    expect(await judge({ reference: program, candidate: program, input: "[[1]]" })).toBe("passed");
  });

  it("does not call a failing reference a wrong answer", async () => {
    const candidate = "def f():\n    return 1\n";
    expect(await judge({ reference: "def f():\n    assert False\n", candidate })).toMatch(
      /^RuntimeError: the reference/,
    );
    const raising = "def f():\n    raise KeyError('mine')\n";
    expect(await judge({ reference: candidate, candidate: raising })).toMatch(/^KeyError/);
  });
});
