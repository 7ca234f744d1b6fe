import { describe, expect, it } from "vitest";
import { extractProgram } from "../src/grading/extraction/index.js";
import { findBlocks, readBody } from "../src/grading/extraction/fences.js";
import { scanTopLevel } from "../src/grading/extraction/top-level.js";
import type { Problem, Tests } from "../src/grading/types.js";

const PROMPT = 'def add(a, b):\n    """Adds.\n\n    >>> add(1, 2)\n    3\n    """\n';
const BODY = "    return a + b\n";
const WHOLE = "def add(a, b):\n    return a + b\n";

function makeProblem(format: Problem["format"], prompt: string, entryPoint: string | null, tests: Tests): Problem {
  const rest = { aliases: [], starterCode: "", difficulty: null, references: [], limits: {}, invalid: null };
  return { id: "t/0", format, prompt, entryPoint, tests, ...rest };
}

const assertions: Tests = { kind: "assertions", prelude: "", names: ["add"], checks: [], countAssertions: true };
const functionProblem = makeProblem("humaneval", PROMPT, "add", assertions);
const mbpp = makeProblem("mbpp", "Write a function to add two numbers.", "add", assertions);
const stdin = makeProblem("apps", "Print the sum.", null, { kind: "stdin", cases: [] });
const calls = makeProblem("apps", "Add.", "add", { kind: "calls", functionName: "add", cases: [] });

function extract(problem: Problem, completion: string, policy = "auto") {
  const { source, extraction } = extractProgram(
    problem,
    { taskId: "t/0", completion, solution: null, row: {} },
    policy,
  );
  return { source, ...extraction };
}

const fence = (code: string, tag = "python", mark = "```"): string => `${mark}${tag}\n${code}${mark}\n`;

describe("a sample's solution", () => {
  it("is a whole program and is not touched, not even for a function prompt", () => {
    const solution = "\uFEFFdef add(a, b):\r\n    return '```'\r\n";
    const sample = { taskId: "t/0", completion: null, solution, row: {} };
    const { source, extraction } = extractProgram(functionProblem, sample, "auto");
    expect(source).toBe(solution);
    expect(extraction).toMatchObject({ rule: "solution", language: "python", truncated: false, blocks: 0 });
  });

  it("is no code when it is blank", () => {
    const sample = { taskId: "t/0", completion: null, solution: " \n", row: {} };
    expect(extractProgram(stdin, sample, "auto").source).toBeNull();
  });
});

describe("completions without code", () => {
  const texts = [
    "",
    " \n\t\n",
    "I cannot solve this problem.",
    "I'm sorry, but I can't help with that.",
    "Let me think about it. First, we read the input; then we sort.\n\n1. Read the numbers\n2. Sort them\n",
    "我无法解决这个问题。",
    "<think>\nfirst I try\n```python\nprint(1)\n```\n",
    "```python\n```",
  ];
  it.each(texts)("%j has none", (text) => {
    for (const problem of [functionProblem, mbpp, stdin, calls]) expect(extract(problem, text).source).toBeNull();
  });
});

describe("raw programs", () => {
  const programs = [
    "print('hello')",
    "print(input()[::-1])",
    "import sys\nfor line in sys.stdin: print(line.strip())\n",
    "a, b = map(int, input().split())\nprint(a + b)\n",
    "*a, = map(int, open(0))\nprint(*sorted(a))",
    "n=int(input())\nprint('It is not, I think, done.' if n else \"can't\")",
    '"""A program.\n\nIt does what it should do.\n"""\nmain = lambda: print(1)\nmain()\n',
    "# this program prints the answer\nexec(open(0).read())",
    "if __name__ == '__main__':\n    pass",
    "[print(i) for i in range(3)]",
    "print 'hello'",
    "x",
    "café = 1\nprint(café)",
    "while True:\n  try: print(eval(input()))\n  except EOFError: break",
    "from math import *\nprint(gcd(*map(int,input().split())))",
    "class A: pass\nprint(A)",
    "print(\n  'a'\n  'b')",
    "print('\0')",
    "s = '\ud800'",
  ];
  it.each(programs)("%j is taken as it is", (program) => {
    expect(extract(stdin, program)).toMatchObject({ source: program, rule: "raw_program", blocks: 0 });
    expect(extract(mbpp, program).source).toBe(program);
  });

  it("a program with fences in its strings is whole", () => {
    const program = 'def add(a, b):\n    """Adds.\n\n    ```\n    add(1, 2)\n    ```\n    """\n    return a + b\n';
    expect(extract(calls, program)).toMatchObject({ source: program, rule: "raw_program" });
  });

  it("a program whose block the prompt opened ends at the closing fence", () => {
    const found = extract(stdin, "n = int(input())\nprint(n)\n```\n\nThis reads a number and prints it.\n");
    expect(found).toMatchObject({ source: "n = int(input())\nprint(n)\n", rule: "leading_program" });
  });
});

describe("code blocks", () => {
  it.each(["python", "py", "Python", "python3", "PYTHON3.11", "{.python}", 'python title="a.py"', "", "c++"])(
    "a block tagged %j is found",
    (tag) => {
      expect(extract(stdin, `Here it is:\n\n${fence("print(1)\n", tag)}\nDone.`)).toMatchObject({
        source: "print(1)\n",
        rule: "last_block",
        blocks: 1,
        truncated: false,
      });
    },
  );

  it("CRLF, byte order mark and end tokens go", () => {
    expect(extract(stdin, "\uFEFFCode:\r\n```python\r\nif 1:\r\n  print(1)\r\n```<|im_end|>\n</s>").source).toBe(
      "if 1:\n  print(1)\n",
    );
    expect(extract(stdin, "print(1)\n<|endoftext|>").source).toBe("print(1)\n");
  });

  it("tildes, longer fences and fences in lists", () => {
    expect(extract(stdin, fence("print(1)\n", "py", "~~~")).source).toBe("print(1)\n");
    expect(extract(stdin, fence('x = """\n```\n"""\n', "py", "````")).source).toBe('x = """\n```\n"""\n');
    const listed = "1. So:\n\n   ```python\n   if 1:\n       print(1)\n   ```\n2. - ```py\n     print(2)\n     ```\n";
    expect(extract(stdin, listed, "first").source).toBe("if 1:\n    print(1)\n");
    expect(extract(stdin, "- ```py\n  print(2)\n  ```\n").source).toBe("print(2)\n");
  });

  it("a fence in a docstring does not end the block", () => {
    const code = '"""Example:\n```\nadd(1, 2)\n```\n"""\ndef add(a, b):\n    return a + b\n';
    expect(extract(mbpp, fence(code)).source).toBe(code);
    const tagged = '"""Example:\n```python\nadd(1, 2)\n```\n"""\ndef add(a, b):\n    return a + b\n';
    expect(extract(mbpp, fence(tagged)).source).toBe(tagged);
  });

  it("a string that never ends does not swallow the blocks that follow", () => {
    const text = `${fence('x = """broken\n')}\nBetter:\n\n${fence("print(2)\n")}`;
    expect(extract(stdin, text)).toMatchObject({ source: "print(2)\n", blocks: 2 });
    const documented = '"""\nPrints.\n"""\nprint(3)\n';
    expect(extract(stdin, fence('x = """broken\n') + fence(documented)).source).toBe(documented);
    expect(extract(stdin, fence('x = """broken\n')).source).toBe('x = """broken\n');
  });

  it("fences that share a line with other text", () => {
    expect(extract(stdin, "Sure, here: ```python\nprint(1)\n```").source).toBe("print(1)\n");
    expect(extract(stdin, "```python\nprint('```')\nprint(2)```\nThat is all.").source).toBe("print('```')\nprint(2)");
    expect(extract(stdin, "```\npython\nprint(3)\n```").source).toBe("print(3)\n");
  });

  it("a block without an end counts and is reported as cut off", () => {
    expect(extract(stdin, "So:\n```python\nprint(1)\nprint(2")).toMatchObject({
      source: "print(1)\nprint(2",
      truncated: true,
    });
  });

  it("the last block wins, of those in Python if there are any", () => {
    const text = fence("print(1)\n") + fence("print(2)\n") + fence("2\n", "") + fence("int x;\n", "cpp");
    expect(extract(stdin, text)).toMatchObject({ source: "print(2)\n", blocks: 4 });
  });

  it("an untagged example of the output is not taken for the program", () => {
    expect(extract(stdin, `${fence("print('x y')\n", "")}prints\n${fence("x y\n", "")}`).source).toBe("print('x y')\n");
  });

  it("the last block that defines the entry point wins over examples of its use", () => {
    const text = fence("def add(a, b): return 0\n") + fence(WHOLE) + fence("print(add(1, 2))\n");
    expect(extract(mbpp, text)).toMatchObject({ source: WHOLE, rule: "last_block_defining_entry_point", blocks: 3 });
    expect(extract(calls, text).source).toBe(WHOLE);
    const method = "class Solution:\n    def add(self, a, b):\n        return a + b\n";
    expect(extract(calls, fence(method) + fence("print(Solution().add(1, 2))\n")).source).toBe(method);
  });

  it("a block wins over a stub that stands before it", () => {
    const stub = 'def add(a, b):\n    """Adds."""\n';
    expect(extract(mbpp, `${stub}${fence(WHOLE)}`)).toMatchObject({ source: WHOLE, blocks: 1 });
    expect(extract(mbpp, `${stub}Here it is:\n\n${fence(WHOLE, "")}`).source).toBe(WHOLE);
  });

  it("drafts in a think block and text around an answer do not count", () => {
    expect(extract(stdin, `<think>${fence("print(0)\n")}</think>${fence("print(1)\n")}`).source).toBe("print(1)\n");
    expect(extract(stdin, `${fence("print(0)\n")}</think>\nprint(2)`).source).toBe("\nprint(2)");
    expect(extract(stdin, `<answer>${fence("print(1)\n")}</answer>\n${fence("print(2)\n")}`).source).toBe("print(1)\n");
    expect(extract(stdin, "print('</think>', \"<answer></answer>\")").source).toContain("print('</think>'");
    expect(extract(stdin, `<think>so it is "1"</think>print(1)`).source).toBe("print(1)");
  });
});

describe("programs for a function prompt", () => {
  it("a body goes behind the prompt, its indentation untouched", () => {
    expect(extract(functionProblem, BODY)).toMatchObject({ source: PROMPT + BODY, rule: "raw_body" });
    const fromBlock = extract(functionProblem, `Here:\n${fence(BODY)}`);
    expect(fromBlock).toMatchObject({ source: PROMPT + BODY, rule: "last_block_with_body" });
    expect(extract(functionProblem, fence(BODY) + fence("print(add(1, 2))\n")).source).toBe(PROMPT + BODY);
  });

  it("the prompt's last line is ended first, unless it is the body's indentation", () => {
    const oneLine = { ...functionProblem, prompt: "def add(a, b):" };
    expect(extract(oneLine, BODY).source).toBe(`def add(a, b):\n${BODY}`);
    const indented = { ...functionProblem, prompt: `${PROMPT}    ` };
    expect(extract(indented, "return a + b").source).toBe(`${PROMPT}    return a + b`);
  });

  it("a whole function goes behind the prompt, where helpers of the prompt serve it", () => {
    expect(extract(functionProblem, WHOLE)).toMatchObject({ source: `${PROMPT}\n${WHOLE}`, rule: "raw_program" });
    expect(extract(functionProblem, `So:\n${fence(WHOLE)}`).source).toBe(`${PROMPT}\n${WHOLE}`);
  });

  it("code that begins with the prompt needs none, whatever its line ends and trailing blanks", () => {
    const code = `\n${PROMPT.replaceAll("\n", "  \n")}${BODY}`;
    expect(extract(functionProblem, code).source).toBe(code);
    expect(extract(functionProblem, (PROMPT + BODY).replaceAll("\n", "\r\n")).source).toBe(PROMPT + BODY);
  });

  it("a __future__ import stays the first statement", () => {
    const { source } = extract(functionProblem, fence(`from __future__ import annotations\n${WHOLE}`));
    expect(source).toBe(`from __future__ import annotations\n${PROMPT}\n\n${WHOLE}`);
  });

  it("what a model goes on with behind the body is cut", () => {
    for (const more of [
      "def other(x):\n    return x",
      "# test\nprint(add(1, 2)))",
      "if True:\n    x",
      "@a\nclass B:\n  x",
    ]) {
      expect(extract(functionProblem, `${BODY}\n${more}\n`)).toMatchObject({
        source: `${PROMPT}${BODY}\n`,
        rule: "raw_body_cut",
      });
    }
    expect(extract(functionProblem, `${BODY}\`\`\`\n\nThis adds.`)).toMatchObject({ source: PROMPT + BODY });
  });

  it("definitions and imports behind the body that it uses stay, with what they use", () => {
    const body = "    return helper(a, b)\n\n";
    const helper = "@cache\ndef helper(a, b):\n    return plus(a) + b\n\n";
    const plus = "class plus(int):\n    pass\n";
    const text = `${body}from functools import cache\n\ndef unused():\n    pass\n\n${helper}print(add(1, 2)\n${plus}`;
    expect(extract(functionProblem, text)).toMatchObject({
      source: `${PROMPT}${body}from functools import cache\n\n${helper}${plus}`,
      rule: "raw_body_cut",
    });
    const all = body + helper.replace("plus(a)", "a").replace("@cache\n", "");
    expect(extract(functionProblem, all)).toMatchObject({ source: PROMPT + all, rule: "raw_body" });
  });

  it("a body with nothing to stop at is left alone, and stop words in strings or deeper in do not stop it", () => {
    const body =
      '    x = """\ndef no():\n"""\n# a comment at the margin\n    def inner(): pass\n    return a + b\nx = 1\n';
    expect(extract(functionProblem, body)).toMatchObject({ source: PROMPT + body, rule: "raw_body" });
  });

  it("a whole program is never cut", () => {
    const program = `import math\n\n${WHOLE}\nif __name__ == "__main__":\n    print(add(1, 2))\n# end\n`;
    expect(extract(functionProblem, program).source).toBe(`${PROMPT}\n${program}`);
  });

  it("a body whose first line lost its indentation is not repaired", () => {
    const body = "x = a\n    return x + b\n";
    expect(extract(functionProblem, body).source).toBe(PROMPT + body);
  });

  it("an indented refusal is no code", () => {
    expect(extract(functionProblem, " I cannot solve this.").source).toBeNull();
  });
});

describe("other policies", () => {
  const text = fence("print(1)\n") + fence("print(22)\n") + fence("print(3)\n");
  it.each([
    ["first", "print(1)\n"],
    ["last", "print(3)\n"],
    ["longest", "print(22)\n"],
    ["all-joined", "print(1)\n\nprint(22)\n\nprint(3)\n"],
    ["verl", "\nprint(3)\n"],
    ["livecodebench", "print(3)"],
    ["evalplus", "print(3)"],
    ["raw", text],
  ])("%s", (policy, code) => {
    expect(extract(stdin, text, policy).source).toBe(code);
  });

  it("verl needs a fence, and drops a first line that is one word", () => {
    expect(extract(stdin, "print(1)", "verl").source).toBeNull();
    expect(extract(stdin, "```js\nprint(1)\n```", "verl").source).toBe("print(1)\n");
    expect(extract(stdin, "```python\nprint(1)", "verl").source).toBe("\nprint(1)");
  });

  it("livecodebench takes what is between the last two fences, output or not", () => {
    expect(extract(stdin, `${fence("print(1)\n")}gives\n${fence("1\n", "")}`, "livecodebench").source).toBe("1");
    expect(extract(stdin, "```python\nprint(1)", "livecodebench").source).toBeNull();
  });

  it("evalplus takes a text without fences whole, and nothing from an untagged block", () => {
    expect(extract(stdin, "print(1)\r\n", "evalplus").source).toBe("print(1)\n");
    expect(extract(stdin, fence("print(1)\n", ""), "evalplus").source).toBeNull();
  });

  it("raw is what the official HumanEval harness runs", () => {
    const completion = `${BODY}\nprint(add(1, 2)))\n\`\`\`\r\n`;
    expect(extract(functionProblem, completion, "raw").source).toBe(PROMPT + completion);
  });

  it("an unknown one is refused by name", () => {
    expect(() => extract(stdin, "x", "constructor")).toThrow(
      /unknown extraction policy "constructor"; there are: auto/,
    );
  });
});

describe("scanTopLevel", () => {
  it("finds functions, classes and assigned names, and not what only looks like them", () => {
    const source = [
      "async def a(): pass",
      "b = c = lambda: 0",
      "d: int = 3",
      "e, f = 1, 2",
      'x == """',
      "def in_string(): pass",
      '"""',
      "g(",
      "h = 1)",
      "if 1:",
      "    def nested(): pass",
      "'''unclosed' # '''",
      "class Solution(object):",
      "    '''doc'''",
      "    def method(self):",
      "        def inner(): pass",
      "    other = 1",
      "k = 1 \\",
      "l = 2",
    ].join("\n");
    const { names, methods } = scanTopLevel(source);
    expect([...names]).toEqual(["a", "b", "c", "d", "e", "f", "Solution", "k"]);
    expect([...(methods ?? [])]).toEqual(["method", "other"]);
  });

  it("goes on behind a bracket that is never closed", () => {
    expect([...scanTopLevel("x = foo(1\ndef add(): pass\n").names]).toEqual(["x", "add"]);
  });
});

describe("hostile texts", () => {
  const fill = (piece: string, bytes: number): string => piece.repeat(Math.ceil(bytes / piece.length));
  const measure = (piece: string, bytes: number): number => {
    const text = `    add\n# \n${fill(piece, bytes)}`;
    const start = process.cpuUsage();
    extract(functionProblem, text);
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
  const pieces = [
    "`",
    "```\n",
    "```python\n",
    '"""\n```\n',
    "\\'''\n```\n",
    "</think>",
    '"</think>"',
    "</s>",
    " ",
    "(\n",
  ];
  const others = [
    "def add(\n",
    "    x\n# \n",
    "@a\n",
    "import add\n",
    "a, ",
    "a word ",
    "~~~",
    "- ",
    "add = ",
    "\0\ud800",
  ];

  /** Eight times the text may take eight times as long, with room for noise; quadratic work would take 64 times. */
  const expectLinear = (piece: string, bytes: number): void => {
    const small = measure(piece, bytes / 8);
    expect(measure(piece, bytes)).toBeLessThan(24 * Math.max(small, 20_000));
  };

  it.each([...pieces, ...others, "a", "(", '"', "\n"])("2 MB of %j take linear time", (piece) => {
    expectLinear(piece, 2_000_000);
  });

  it.each(["`", "```\n", "a = [1, 2]  # \n", '"'])("10 MB of %j take linear time", (piece) => {
    expectLinear(piece, 10_000_000);
  });

  it("offsets of many blocks are right", () => {
    const text = fill("```py\nx\n```\n", 100_000);
    const blocks = findBlocks(text);
    expect(new Set(blocks.map((block) => readBody(text, block)))).toEqual(new Set(["x\n"]));
  });
});
