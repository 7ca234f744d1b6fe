import { beforeAll, describe, expect } from "vitest";

import { EXTRACTION_POLICIES, extractProgram } from "../../src/grading/extraction/index.js";
import type { Problem, Sample } from "../../src/grading/types.js";
import { fuzz } from "./fuzz.js";
import { completions, fixtureProblems } from "./material.js";
import { damageText, type Random } from "./random.js";

const POLICIES = Object.keys(EXTRACTION_POLICIES);

/** What the rules of extraction look for, and what Python readers trip over. */
const WORDS = [
  ..."``` ```` ~~~ ```python\n ```py3\n ```{.python}\n ~~~python\n ```cpp\n ```\n \n```\n - ```python\n".split(" "),
  ..."<think> </think> <answer> </answer> <|im_end|> </s> [DONE] <|endoftext|> \"\"\" ''' ' \" \\ \\\n # ( ) [ ] { }".split(
    " ",
  ),
  ...["\n", "\r\n", "\r", "\t", " ", "    ", "\u2028", "\uFEFF", "\0", "\ud800", "\udfff", "😀", "\u00a0", "1. ", "> "],
  ...["def ", "class Solution:\n", "class Solution(A):\n    ", "import x\n", "from __future__ import annotations\n"],
  ...[
    "async def f(): pass\n",
    "@cache\n",
    "a = b = c, d = 1\n",
    "print(",
    "if __name__ == '__main__':\n",
    "return x\n",
  ],
  ...["Here is it: ```python\n", "This is prose. And more.", "f'{x!r}'", 'r"""', "rb'", "lambda: ", "~~~\n", "`x`"],
];

/** One piece repeated: where a rule looks back or ahead too far, this is what makes it slow. */
const LARGE = 60_000;

let texts: string[];
let problems: Problem[];
beforeAll(async () => {
  texts = completions();
  problems = await fixtureProblems();
});

function makeText(random: Random, problem: Problem): string {
  const words = [...WORDS, problem.entryPoint ?? "f", problem.prompt, `def ${problem.entryPoint ?? "f"}(x):\n    `];
  switch (random.below(5)) {
    case 0:
      return damageText(random, random.pick(texts), words);
    case 1:
      return damageText(random, random.pick(texts) + random.pick(words) + random.pick(texts), words);
    case 2:
      return random.many(random.size(60), () => random.pick(words)).join(random.pick(["", "", " ", "\n"]));
    case 3: {
      const tag = random.pick(["", "python", "py", "text", "c++", "python3.11 title=a", "{.python}"]);
      const mark = random.pick(["```", "````", "~~~", "   ```", "\t```", "- ```", "```` "]);
      const code = random.pick(texts);
      return `${random.pick(words)}${mark}${tag}\n${code}\n${random.once(4) ? "" : random.pick([mark, "```", "~~~"])}\n`;
    }
    default: {
      const piece = random.many(1 + random.below(3), () => random.pick(words)).join("") || "\n";
      const repeated = piece.repeat(Math.ceil(random.size(LARGE) / piece.length));
      return random.pick(words) + repeated + random.pick([random.pick(words), random.pick(texts)]);
    }
  }
}

describe("extraction of damaged and made-up completions", () => {
  fuzz("gives text of the completion, the same each time", 1500, (random) => {
    const problem = random.pick(problems);
    const text = makeText(random, problem);
    const policy = random.once(2) ? "auto" : random.pick(POLICIES);
    const sample: Sample = { taskId: problem.id, completion: text, solution: null, row: {} };
    const found = extractProgram(problem, sample, policy);
    expect(extractProgram(problem, sample, policy)).toEqual(found);
    if (found.source !== null) expectMadeOf(found.source, text, problem.prompt, policy);
    if (text.trim() === "") expect(found.source).toBe(null);
  });

  fuzz("costs no more than a fixed share of time for each character", 25, (random) => {
    const problem = random.pick(problems);
    const piece = random.many(1 + random.below(4), () => random.pick(WORDS)).join("") || "\n";
    const before = random.pick(WORDS);
    const [small, large] = [LARGE, 8 * LARGE].map((length) => before + piece.repeat(Math.ceil(length / piece.length)));
    const policy = random.once(2) ? "auto" : random.pick(POLICIES);
    const cost = (text = ""): number => {
      const begun = process.cpuUsage();
      extractProgram(problem, { taskId: problem.id, completion: text, solution: null, row: {} }, policy);
      const { user, system } = process.cpuUsage(begun);
      return (user + system) / 1000;
    };
    // Eight times the text: a reader that goes over it once takes eight times as long, one that goes over it for each
    // of its lines 64 times. Both are made again before that is believed.
    const tries = (): boolean => cost(large) <= 30 * cost(small) + 100;
    expect(tries() || tries() || tries(), `${JSON.stringify([before, piece])} by ${policy}`).toBe(true);
  });
});

/** Every line of a program stands in the completion or the prompt: nothing is made up, nothing is said twice. */
function expectMadeOf(source: string, completion: string, prompt: string, policy: string): void {
  expect(source.trim()).not.toBe("");
  if (policy === "raw") {
    expect([completion, prompt + completion]).toContain(source);
    return;
  }
  // What stands between two blocks that are joined, and behind a prompt, is a line feed.
  expect(source.length).toBeLessThanOrEqual(prompt.length + 2 * completion.length + 2);
  const given = [completion, completion.replaceAll("\r\n", "\n"), completion.replaceAll("\r", ""), prompt];
  const lines = source.split("\n");
  for (let at = 0; at < lines.length; at += Math.ceil(lines.length / 40)) {
    const line = lines[at]?.trim() ?? "";
    expect(
      given.some((text) => text.includes(line)),
      `made up: ${JSON.stringify(line)}`,
    ).toBe(true);
  }
}
