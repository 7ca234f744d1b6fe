import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { canonicalDecimal } from "../src/grading/comparators/decimal.js";
import { comparators } from "../src/grading/comparators/index.js";

const livecodebench = (expected: string, actual: string): boolean => comparators.livecodebench.stdin(expected, actual);
const codeContests = (expected: string, actual: string): boolean =>
  comparators["code-contests"].stdin(expected, actual);

describe("livecodebench, stdin", () => {
  it.each([
    ["1 2 3\n", "  1 2 3 \n\n"],
    ["a\nb", "a  \r\n\tb"],
    ["a\n\nb", "a\n \nb"],
    ["1", "1.0"],
    ["1 2.50", "1.0   2.5"],
    ["1e3", "1000"],
    ["-0.0", "0"],
    ["1000", "1_000"],
    ["Infinity 1", "inf 1.0"],
    ["nan", "nan"],
    ["", "\n"],
    ["50000000000000001", "50000000000000001.000"],
  ])("%j is answered by %j", (expected, actual) => {
    expect(livecodebench(expected, actual)).toBe(true);
  });

  it.each([
    ["0.333333", "0.3333333"],
    ["50000000000000000", "50000000000000001"],
    ["YES", "yes"],
    ["a b", "a  b"],
    ["1 2", "1\n2"],
    ["a\nb", "a\n\nb"],
    ["1 2", "1"],
    ["x 1", "x 1.0"],
    ["nan 1", "nan 1.0"],
    ["1", "0x1"],
    ["1", ""],
    ["1 2 3", "3 2 1"],
  ])("%j is not answered by %j", (expected, actual) => {
    expect(livecodebench(expected, actual)).toBe(false);
  });

  it("reads decimals as Python does", () => {
    const tokens = [
      ..."1 1. .5 . -.5e1 +1e+2 1e 1e1000 1e-1000 1_0 _1 0x1 inf -Infinity nan sNaN nan12 １２ 1,5 00100 0e5 -0 ١٢.٣ e5".split(
        " ",
      ),
      "1e1000000000000000001",
      "9".repeat(400),
    ];
    const program = [
      "import json, sys",
      "from decimal import Decimal",
      "def read(token):",
      "    try: return Decimal(token)",
      "    except Exception: return None",
      "values = [read(token) for token in json.load(sys.stdin)]",
      "same = lambda a, b: a is not None and b is not None and not a.is_snan() and not b.is_snan() and a == b",
      "print(json.dumps([[same(a, b) for b in values] for a in values] + [[value is None for value in values]]))",
    ].join("\n");
    const answer = execFileSync("python3", ["-I", "-c", program], { input: JSON.stringify(tokens), encoding: "utf8" });
    const ours = tokens.map(canonicalDecimal);
    const same = ours.map((a) => ours.map((b) => a !== null && a !== "nan" && a === b));
    expect([...same, ours.map((value) => value === null)]).toEqual(JSON.parse(answer));
  });

  it("takes time in proportion to the text", () => {
    const digits = "1".repeat(2 ** 21);
    expect(livecodebench(`${digits}.5`, `${digits}.6`)).toBe(false);
    expect(livecodebench("0.1", `0.1${"0".repeat(2 ** 21)}`)).toBe(true);
    expect(livecodebench("0.1", `0.${"0".repeat(2 ** 21)}1`)).toBe(false);
  });
});

describe("livecodebench, calls", () => {
  it("is Python's ==, with a tuple for a list at the outermost level alone", () => {
    const pairs = [
      ["[1, 2]", "(1, 2)", true],
      ["[[1]]", "[(1,)]", false],
      ["[5]", "5", false],
      ["1", "True", true],
      ["0.3", "0.1 + 0.2", false],
      ["2", "2.0", true],
      ["None", "None", true],
      ['"a"', "'a'", true],
    ] as const;
    const program =
      "import json, sys\nprelude, calls = json.load(sys.stdin)\nexec(prelude)\nprint(json.dumps([eval(c) for c in calls]))";
    const calls = pairs.map(([expected, actual]) => `compare_call(${expected}, ${actual})`);
    const input = JSON.stringify([comparators.livecodebench.callsPrelude, calls]);
    const answer = execFileSync("python3", ["-I", "-S", "-c", program], { input, encoding: "utf8" });
    expect(JSON.parse(answer)).toEqual(pairs.map(([, , equal]) => equal));
  });
});

describe("livecodebench, names offered", () => {
  const prepare = (source: string): string => comparators.livecodebench.prepare(source, "stdin");

  it("are there and leave the built-in pow alone", () => {
    const program = prepare(
      "print(gcd(4, 6), Counter('aab')['a'], pow(2, 5, 7), mean([1, 3]), deque([1])[0], loads('[]'))",
    );
    expect(execFileSync("python3", ["-I", "-c", program], { encoding: "utf8" })).toBe("2 2 4 2 1 []\n");
  });

  it("stay away where a __future__ import has to be first", () => {
    expect(prepare("from __future__ import annotations\n")).toBe("from __future__ import annotations\n");
  });
});

describe("code-contests, stdin", () => {
  it.each([
    ["1 2 3\n", "1\n2\n\n3"],
    ["YES\nNo", "yes NO"],
    ["0.5", "0.500009"],
    ["1", "1.0"],
    ["1", "1.000009"],
    ["1", "+1"],
    ["007", "7"],
    [".5", "5e-1"],
    ["50000000000000000", "50000000000000001"],
    ["inf x", "INF X"],
    ["", " \n"],
  ])("%j is answered by %j", (expected, actual) => {
    expect(codeContests(expected, actual)).toBe(true);
  });

  it.each([
    ["1 2 3", "3 2 1"],
    ["1 2", "1 2 2"],
    ["1000000.0", "1000000.5"],
    ["0.5", "0.500011"],
    ["1", "2"],
    ["1", "0x1"],
    ["a", "b"],
    ["é", "É"],
    ["inf 1", "inf 1.0"],
    ["nan 1", "nan 1.0"],
    ["a b", "a\fb"],
    ["1", ""],
  ])("%j is not answered by %j", (expected, actual) => {
    expect(codeContests(expected, actual)).toBe(false);
  });
});
