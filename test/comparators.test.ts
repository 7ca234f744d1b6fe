import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { comparators } from "../src/grading/comparators/index.js";
import { readFloat, roundToThousandths, splitLines, splitTokens } from "../src/grading/comparators/python-text.js";

const strict = (expected: string, actual: string): boolean => comparators.strict.stdin(expected, actual);
const apps = (expected: string, actual: string): boolean => comparators.apps.stdin(expected, actual);

describe("strict, stdin", () => {
  it.each([
    ["1 2 3\n", "1 2 3"],
    ["1 2 3", "1  2\t3 \r\n\r\n\n"],
    ["\n\na\n\nb", "\n \na\n\t\nb\n"],
    ["", ""],
    ["", "\n \n"],
    ["0.5", "0.5000004"],
    ["0.5", ".5"],
    ["2.0", "2"],
    ["1000000.0", "1000000.9"],
    ["1e-3", "0.001"],
    ["-0.0", "0"],
    ["x 1.25 y", "x 1.2500001 y"],
    ["inf", "inf"],
    ["1e400", "1e400"],
  ])("%j is answered by %j", (expected, actual) => {
    expect(strict(expected, actual)).toBe(true);
  });

  it.each([
    ["1 2 3", "3 2 1"],
    ["1 2", "1 1 2"],
    ["abc", "abc abc"],
    ["abc", "ABC"],
    ["1\n2", "1 2"],
    ["1\n2", "1\n\n2"],
    ["1", "\n1"],
    ["1\n2", "1"],
    ["1", "1\n2"],
    ["1", ""],
    ["", "1"],
    ["50000000000000000", "50000000000000001"],
    ["1", "1.0"],
    ["1", "+1"],
    ["1", "01"],
    ["0.5", "0.500002"],
    ["0.0", "0.000002"],
    ["0.5", "0x1"],
    ["0.5", "0.5x"],
    ["0.5", "nan"],
    ["0.5", "inf"],
    ["0.5", "1e400"],
    ["nan", "nan"],
    ["NaN", "NaN"],
    ["1e400", "1e500"],
    ["inf", "1e400"],
    ["1.5", "1_0.5"],
    ["a\u00a0b", "a b"],
  ])("%j is not answered by %j", (expected, actual) => {
    expect(strict(expected, actual)).toBe(false);
  });
});

describe("apps, stdin", () => {
  it.each([
    ["1 2 3", "3 2 1"],
    ["a\nb", "b\na"],
    ["1 1 2", "1 2"],
    ["abc", "abc abc"],
    ["0.12345", "0.1234"],
    ["1000000", "1000009"],
    ["50000000000000000", "50000000000000001"],
    ["1\n2", "1\n\n\n2"],
    ["  a \n b", "a\nb"],
    ["1000", "1_000"],
    ["3", "٣"],
    ["inf", "Infinity"],
    ["x\n0.062", "x\n0.062"],
    ["7 0.062", "0.0625 7"],
    ["7 -0.188", "-0.1875 7"],
    ["a\nb", "a\x1cb\x85"],
    ["1e400", "inf"],
    ["", "\n\n"],
    ["a b", "a\x1fb"],
  ])("%j is answered by %j", (expected, actual) => {
    expect(apps(expected, actual)).toBe(true);
  });

  it.each([
    ["1 2", "1\n2"],
    ["nan", "NAN"],
    ["7 nan", "NAN 7"],
    ["abc", "ABC"],
    ["7 0.063", "0.0625 7"],
    ["1000000", "1000011"],
    ["1", "1.002"],
    ["a\n \nb", "b\na"],
    ["1 x", "1.0 x"],
    ["1", "\ufeff1"],
    ["1", "0x1"],
    ["1", ""],
    ["", "1"],
  ])("%j is not answered by %j", (expected, actual) => {
    expect(apps(expected, actual)).toBe(false);
  });
});

describe("Python's reading of text", () => {
  it("splits lines and tokens where Python does", () => {
    expect(splitLines("a\r\nb\rc\vd\fe\x1cf\u2028g\n")).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
    expect(splitLines("\n\n")).toEqual(["", ""]);
    expect(splitTokens(" a\x1fb\u3000c\ufeff \n")).toEqual(["a", "b", "c\ufeff"]);
  });

  it("reads floats as Python does", () => {
    expect([" 1_0.5e1_0\n", "+.5", "5.", "-Inf", "𝟙２", "\xa03\xa0"].map(readFloat)).toEqual([
      105000000000,
      0.5,
      5,
      -Infinity,
      12,
      3,
    ]);
    expect(readFloat("nAn")).toBeNaN();
    for (const text of ["", ".", "1__0", "_1", "1_", "1_.0", "0x10", "1e", "\x1c1", "1\x001", "infinit", "1 2"]) {
      expect(readFloat(text)).toBeNull();
    }
  });

  it("rounds ties of the binary value to even, and nothing else", () => {
    expect([0.0625, 0.1875, -0.0625, 1.0005, 2.6755, 4503599627370495.5, 1e22].map(roundToThousandths)).toEqual([
      0.062, 0.188, -0.062, 1.0, 2.675, 4503599627370495.5, 1e22,
    ]);
  });
});

describe("long outputs", () => {
  const line = "12345 0.5 word\n";
  const measure = (compare: typeof strict, size: number): number => {
    const text = line.repeat(Math.ceil((size * 2 ** 20) / line.length));
    const start = process.cpuUsage();
    expect(compare(text, `${text}x`)).toBe(false);
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };

  it.each([
    ["strict", strict],
    ["apps", apps],
  ])("8 MiB take %s linear time", (_name, compare) => {
    measure(compare, 1);
    expect(measure(compare, 8)).toBeLessThan(24 * Math.max(measure(compare, 1), 20_000));
  });

  it("one token of 8 MiB is no trouble", () => {
    const digits = "1".repeat(2 ** 23);
    expect(strict(`${digits}.5`, `${digits}.6`)).toBe(false);
    expect(strict("0.1", `0.1${"0".repeat(2 ** 23)}`)).toBe(true);
    expect(strict("0.1", digits)).toBe(false);
  });

  // Each is nearly a number: where a pattern could cut it in many ways, it would try them all before it says no.
  const NEARLY = {
    "digits and a letter": (size: number) => `${"1".repeat(size)}x`,
    "digits, a point and a letter": (size: number) => `${"1".repeat(size / 2)}.${"1".repeat(size / 2)}x`,
    "an exponent and a letter": (size: number) => `1e${"1".repeat(size)}x`,
    "digits with lines between and a letter": (size: number) => `${"1_".repeat(size / 2)}x`,
    "digits of another script": (size: number) => `${"\u0669".repeat(size)}x`,
    signs: (size: number) => "+".repeat(size),
    "blanks and a letter": (size: number) => `1${" ".repeat(size)}x`,
    "line ends and a letter": (size: number) => `1${"\n".repeat(size)}x`,
  };
  const all = Object.entries(comparators).map(([name, { stdin }]) => [name, stdin] as const);
  it.each(all.flatMap(([name, compare]) => Object.entries(NEARLY).map((text) => [name, ...text, compare] as const)))(
    "%s reads what is nearly a number (%s) in linear time",
    (_name, _what, write, compare) => {
      const cost = (size: number): number => {
        const [wrong, right] = [write(size), "1.5\n1e5\n"];
        const begun = process.cpuUsage();
        expect([compare(right, wrong), compare("1", wrong), compare(wrong, `${wrong}y`)]).toEqual([
          false,
          false,
          false,
        ]);
        const { user, system } = process.cpuUsage(begun);
        return user + system;
      };
      cost(1 << 14);
      expect(cost(1 << 17)).toBeLessThan(24 * Math.max(cost(1 << 14), 5_000));
    },
  );
});

/** Lets Python execute a prelude and evaluate expressions in its namespace. */
function evaluate(name: "strict" | "apps", expressions: readonly string[]): unknown[] {
  const program = [
    "import json, sys",
    "prelude, expressions = json.load(sys.stdin)",
    "space = {}",
    "exec(prelude, space)",
    "print(json.dumps([eval(expression, space) for expression in expressions]))",
  ].join("\n");
  const input = JSON.stringify([comparators[name].callsPrelude, expressions]);
  return JSON.parse(execFileSync("python3", ["-I", "-S", "-c", program], { input, encoding: "utf8" })) as unknown[];
}

function compareCalls(name: "strict" | "apps", pairs: readonly (readonly [string, string])[]): unknown[] {
  return evaluate(
    name,
    pairs.map(([expected, actual]) => `compare_call(${expected}, ${actual})`),
  );
}

const DEEP = "(lambda f: f(f, 50000))(lambda f, n: __import__('functools').reduce(lambda v, _: [v], range(n), 1))";
const DEEPER = DEEP.replace("[v]", "(v,)").replace(", 1))", ", 2))");

describe("strict, calls", () => {
  it("accepts equal values, tuples for lists, ints for floats and int keys for JSON's", () => {
    const pairs = [
      ["[1, [2, 3]]", "(1, (2, 3))"],
      ["3", "3.0"],
      ["3.0", "3"],
      ["0.3", "0.1 + 0.2"],
      ["[1e9]", "[1000000000.5]"],
      ['{"1": "a", "x": [2]}', '{1: "a", "x": (2,)}'],
      ['{"true": 1, "null": 2, "1.5": 3}', "{True: 1, None: 2, 1.5: 3}"],
      ["[5]", "5"],
      ["[[1, 2]]", "[1, 2]"],
      ["[[1, 2]]", "[[1, 2]]"],
      ["None", "None"],
      ["float('inf')", "float('inf')"],
      ["1e22", "10**22"],
      ["''", "''"],
      [DEEP, DEEP],
    ] as const;
    expect(compareCalls("strict", pairs)).toEqual(pairs.map(() => true));
  });

  it("rejects everything else", () => {
    const pairs = [
      ["1", "True"],
      ["True", "1"],
      ["[False]", "[0]"],
      ["1", "1.0000001"],
      ["0.5", "0.500002"],
      ["0.5", "'0.5'"],
      ["float('nan')", "float('nan')"],
      ["float('inf')", "1e308"],
      ["1.5", "10**400"],
      ["[1, 2]", "1"],
      ["[1, 2]", "[2, 1]"],
      ["[1, 2]", "{1, 2}"],
      ["[1]", "[1, 1]"],
      ["[]", "None"],
      ["[]", "{}"],
      ["'ab'", "['a', 'b']"],
      ["'a'", "b'a'"],
      ['{"1": 1}', '{1: 1, "1": 1}'],
      ['{"1": 1, "2": 2}', "{1: 1}"],
      ['{"1": 1}', "{(1,): 1}"],
      ["1", "1 + 0j"],
      [DEEP, DEEPER],
    ] as const;
    expect(compareCalls("strict", pairs)).toEqual(pairs.map(() => false));
  });

  it("calls with the arguments as they are", () => {
    expect(evaluate("strict", ['prepare_args([{"1": 2}, 3])'])).toEqual([[{ "1": 2 }, 3]]);
  });
});

describe("apps, calls", () => {
  it("accepts what the official harness accepts", () => {
    const pairs = [
      ["[1, 2]", "(1, 2)"],
      ["[5, 6]", "5"],
      ["[[[1, 2]]]", "[(1, 2)]"],
      ["True", "1"],
      ['{"1": 2}', "{1: 2}"],
      ['[{"1": 2}, "lost"]', "{1: 2}"],
      ['[{"1": 2}]', "[{1: 2}]"],
    ] as const;
    expect(compareCalls("apps", pairs)).toEqual(pairs.map(() => true));
  });

  it("rejects what the official harness rejects", () => {
    const pairs = [
      ["0.3", "0.1 + 0.2"],
      ["[[1, 2], [3]]", "((1, 2), [3])"],
      ['{"1": 2}', '{"1": 2}'],
      ["[]", "None"],
      ["5", "[5]"],
      [DEEP, DEEPER],
    ] as const;
    expect(compareCalls("apps", pairs)).toEqual(pairs.map(() => false));
  });

  it("makes the keys of a first dict integers and loses the other arguments", () => {
    const expressions = [
      '[*prepare_args([{"1": 2}, 3])[0]]',
      'len(prepare_args([{"1": 2}, 3]))',
      "prepare_args([1, 2])",
    ];
    expect(evaluate("apps", [...expressions, 'prepare_args([{"a": 2}, 3])', "prepare_args([])"])).toEqual([
      [1],
      1,
      [1, 2],
      [{ a: 2 }, 3],
      [],
    ]);
  });
});

describe("the lines comparator", () => {
  const { stdin } = comparators.lines;
  it.each([
    ["1 2\n3\n", "1 2  \n3\n\n", true],
    ["1 2\n3", "1 2\r\n3\t", true],
    ["1 2", "1  2", false],
    ["YES", "yes", false],
    ["1.0", "1", false],
    ["a\nb", "a b", false],
    ["a", "\na", false],
    ["", "\n\n", true],
  ])("between %j and %j says %s", (expected, actual, answers) => {
    expect(stdin(expected, actual)).toBe(answers);
  });
});
