import { describe, expect, it } from "vitest";
import { readProblems } from "../src/grading/problems/index.js";
import type { AssertionTests } from "../src/grading/types.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();

async function read(fields: object) {
  const path = await folder.write(JSON.stringify({ task_id: 11, prompt: "Double it.", ...fields }), "mbpp.jsonl");
  const [problem] = (await readProblems(path)).problems;
  if (problem?.tests.kind !== "assertions") throw new Error("not the tests expected");
  return { ...problem, tests: problem.tests satisfies AssertionTests };
}

describe("MBPP rows", () => {
  it("make a test of each assertion, without carriage returns and challenge tests", async () => {
    const problem = await read({
      code: "def twice(n):\r\n  return 2 * n",
      test_list: ["assert twice(1) == 2\r", "assert twice(2) == 4"],
      test_setup_code: "",
      challenge_test_list: ["assert twice(3) == 6"],
    });
    expect(problem).toMatchObject({
      id: "MBPP/11",
      format: "mbpp",
      prompt: "Double it.",
      entryPoint: "twice",
      references: ["def twice(n):\n  return 2 * n"],
      invalid: null,
    });
    expect(problem.tests).toEqual({
      kind: "assertions",
      prelude: "",
      names: ["twice"],
      checks: [{ source: "assert twice(1) == 2\n" }, { source: "assert twice(2) == 4\n" }],
      countAssertions: false,
    });
  });

  it("run imports and set-up before the tests", async () => {
    const { tests } = await read({
      code: "def area(r):\n  return 3 * r",
      test_list: ["assert math.isclose(area(size), 3.1, rel_tol=0.1)"],
      test_imports: ["import math", "import cmath"],
      test_setup_code: "size = 1",
    });
    expect(tests).toMatchObject({ prelude: "import math\nimport cmath\nsize = 1\n", names: ["area"] });
  });

  it("run a set-up that builds the candidate's own objects with each test, where the names are bound", async () => {
    const { tests, entryPoint } = await read({
      code: "class Node:\n  pass\nclass Unused: pass\ndef height(node):\n  return 1",
      test_list: ["assert height(root) == 1", "assert height(root.left) == 2"],
      test_setup_code: "root = Node(1) \r\nroot.left = Node(2)",
    });
    expect(entryPoint).toBe("height");
    expect(tests.prelude).toBe("");
    expect([...tests.names].sort()).toEqual(["Node", "height"]);
    expect(tests.checks[1]?.source).toBe("root = Node(1) \nroot.left = Node(2)\nassert height(root.left) == 2\n");
  });

  it.each([
    ["assert set(f((1, 2))) == {1}", "f"],
    ["assert math.isclose(f(1), 2, rel_tol=g(1))", "f"],
    ["assert not sorted(list(f (1)))", "f"],
    ['assert "g(1)".join(f(1)) == """h(2)""" # k(1)', "f"],
    ["assert given(f(1)) == 1", "f"],
  ])("without a reference are about what they call first: %s", async (assert, name) => {
    const test_setup_code = "import math\ndef given(x):\n  return x";
    const { entryPoint, tests } = await read({ test_list: [assert], test_setup_code });
    expect([entryPoint, tests.names]).toEqual([name, [name]]);
  });

  it.each([
    ["def helper(): pass\ndef f(x):\n  return helper()", "assert g(f(1))", ["f"]],
    ["def sum(a, b):\n  return 6", "assert sum(10, 15) == 6", ["sum"]],
    ["from math import sqrt\nf = lambda x: sqrt(x)\nLIMIT = 3", "assert f(LIMIT) == 2", ["f"]],
    ['"""\ndef g(x): pass\n"""\nasync def f(x): pass', "assert g(f(1))", ["f"]],
    ["if True:\n  def g(x): pass\ndef f(x): pass", "assert x.g(f(1))", ["f"]],
  ])("take the function under test from the reference: %j", async (code, assert, names) => {
    const { tests, entryPoint } = await read({ code, test_list: [assert] });
    expect([tests.names, entryPoint]).toEqual([names, names[0]]);
  });

  it("without a test that calls something are invalid", async () => {
    expect((await read({ test_list: [] })).invalid).toMatch(/no tests/);
    expect((await read({ test_list: ["assert True"] })).invalid).toMatch(/calls no function/);
  });

  it("may carry their number in a name", async () => {
    expect(await read({ task_id: "Mbpp/07", test_list: ["assert f()"] })).toMatchObject({ id: "MBPP/7" });
  });
});
