// Writes a Markdown table of the rows whose recorded verdict and second run differ: both, the verdict here, and why.
import { join } from "node:path";
import { readRows, takeArguments } from "./files.js";

const [data, ...files] = takeArguments("scripts/agreement/doubtful-table.js <data> <results> …");

const inMbppPlus = new Set(readRows(join(data, "mbppplus/MbppPlus.jsonl.gz")).map(({ task_id }) => task_id));
const results = new Map(files.flatMap((file) => readRows(file)).map((row) => [row.row, row]));

/** Tests that need what they do not import. */
const BROKEN_TESTS = {
  "Mbpp/120": "the test calls `math.isclose`, and neither it nor the data set's solution imports `math`",
  "Mbpp/276": "the test's own `import math` reached the program in the second run",
  "Mbpp/293": "the test calls `math.isclose`; here it has the imports of the data set's solution",
};

/** Tasks where the recorder judged differently, mostly by other tests than the data set's. */
const OTHER_TESTS = {
  "HumanEval/31": "runs doctest while it is loaded, which EvalPlus does not allow",
  "HumanEval/32": "EvalPlus judges `find_zero` by a tolerance of its own",
  "HumanEval/75": "EvalPlus's base inputs are four of the ten tests",
  "HumanEval/95": "EvalPlus's base inputs have the key `'5'` where the test has `5`",
  "MBPP/480": "takes the largest of equals from a set of strings, whose order differs from process to process",
  "Mbpp/87": "keeps the last of equal keys, the tests want the first",
  "Mbpp/104": "returns a tuple for a tuple; EvalPlus's inputs are lists",
  "Mbpp/111": "the tests compare as sets, EvalPlus compared lists",
  "Mbpp/252": "the assertions hold; EvalPlus's own inputs and expectations differ",
  "Mbpp/312": "the assertions have a tolerance, EvalPlus compared exactly",
  "Mbpp/424": "the tests want a list, EvalPlus wanted another type",
};

/** The first that applies is the reason. */
const REASONS = [
  [
    ({ bench, task_id }) => bench === "MBPP+" && !inMbppPlus.has(task_id),
    () => "dropped from MBPP+ since, so judged by MBPP's own tests here",
  ],
  [({ task_id }) => task_id in BROKEN_TESTS, ({ task_id }) => BROKEN_TESTS[task_id]],
  [({ kind, passed }) => kind === "completion" && passed, () => "what follows `__main__` is not run here"],
  [({ kind }) => kind === "completion", () => "a body, which the recorder ran without its prompt"],
  [
    (row, result) => /No module named/.test(stderr(result)),
    (row, result) => `${missingModule(result)} is not installed`,
  ],
  [
    (row, result) => /NameError: name '\w+' is not defined/.test(stderr(result)),
    (row, result) => `does not define or import \`${missingName(result)}\`; the recorder's process had it`,
  ],
  [(row, result) => result.usage.cpu_ms > 1000, (row, result) => `time: ${(result.usage.cpu_ms / 1000).toFixed(1)} s`],
  [
    ({ task_id }, { passed }) => passed && ["HumanEval/38", "HumanEval/50"].includes(task_id),
    () => "the test calls the prompt's helper, which is at hand here although the program lacks it",
  ],
  [
    ({ oracle, passed, code }, result) =>
      oracle !== "evalplus-base" && !passed && result.passed && /\bsum\(/.test(code),
    () => "calls `sum`, which another program had replaced in the recorder's process",
  ],
  [({ task_id }) => task_id in OTHER_TESTS, ({ task_id }) => OTHER_TESTS[task_id]],
];

console.log("| row | task | recorded | second run | here | why |");
console.log("| --: | --- | --- | --- | --- | --- |");
readRows(join(data, "recorded/python-doubtful.jsonl.gz")).forEach((row, index) => {
  const result = results.get(index + 1);
  const why = REASONS.find(([applies]) => applies(row, result))?.[1](row, result) ?? "**unexplained**";
  const recorded = row.passed ? "pass" : "fail";
  const cells = [index + 1, row.task_id, recorded, row.recheck, result.verdict, why];
  console.log(`| ${cells.join(" | ")} |`);
});

function stderr(result) {
  return result.first_failure?.stderr ?? "";
}

function missingModule(result) {
  return /No module named '(\w+)/.exec(stderr(result))[1];
}

function missingName(result) {
  return /NameError: name '(\w+)' is not defined/.exec(stderr(result))[1];
}
