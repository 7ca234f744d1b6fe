// Grades HumanEval-X and HumanEvalPack by their own solutions, in each language that is installed: the canonical ones
// must be accepted and the buggy ones not. MultiPL-E holds no solutions: an empty body must fail, and by the program's
// fault; of a model's answers (`gpt_solution`, where a copy has them) it is shown how many pass. Needs a build.
// Usage: node scripts/agreement/languages.mjs <data> [--only cpp,rust] [--sets humaneval-x,…] [--first N]
import console from "node:console";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";

import { createGrader } from "../../dist/grading/grader.js";
import { readProblems } from "../../dist/grading/problems/index.js";
import { createSandbox } from "../../dist/sandbox/index.js";
import { findLanguage, isInstalled } from "../../dist/sandbox/languages.js";

const SETS = {
  "humaneval-x": ["python", "js", "cpp", "java", "rust", "go"].map((name) => `humaneval-x/humaneval_${name}.jsonl.gz`),
  humanevalpack: ["python", "js", "cpp", "java", "rust", "go"].map(
    (name) => `humanevalpack/humanevalpack_${name}.jsonl.gz`,
  ),
  "multipl-e": [
    ...["cpp", "cs", "d", "go", "java", "jl", "js", "lua", "php", "pl"],
    ...["r", "rb", "rkt", "rs", "scala", "sh", "swift", "ts"],
  ].map((name) => `multipl-e/humaneval-${name}.jsonl.gz`),
};

/** What ends a function at once, where that is not a brace. */
const EMPTY_BODY = { d: "{\n}\n", julia: "end\n", lua: "end\n", racket: "  (void))\n", ruby: "end\n" };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, sets: { type: "string" }, first: { type: "string" } },
});
const [data] = positionals;
if (data === undefined) {
  console.error("usage: node scripts/agreement/languages.mjs <folder with humaneval-x/, humanevalpack/, multipl-e/>");
  process.exit(1);
}
const only = values.only?.split(",");
const sandbox = await createSandbox();
const grader = createGrader(sandbox, { comparator: "strict", extraction: "auto", allTests: false, limits: {} });
try {
  for (const set of values.sets?.split(",") ?? Object.keys(SETS)) for (const file of SETS[set]) await checkFile(file);
} finally {
  await sandbox.dispose();
}

async function checkFile(name) {
  const file = join(data, name);
  if (!existsSync(file)) return console.log(`${name}: not there, skipped`);
  const all = (await readProblems(file)).problems.slice(0, Number(values.first ?? Infinity));
  const id = all[0]?.language ?? "python";
  if (only !== undefined && !only.includes(id)) return;
  const language = findLanguage(id);
  if (language === null || !isInstalled(language)) return console.log(`${name}: ${id} is not installed, skipped`);
  const began = Date.now();
  const accepted = ({ verdict }) => verdict === "accepted";
  const failed = ({ verdict }) => !["accepted", "infrastructure_error", "invalid_problem", "no_code"].includes(verdict);
  const has = (key) => all.filter((problem) => problem[key]?.length > 0);
  await check(`${name}: canonical`, has("references"), ({ references }) => ({ solution: references[0] }), accepted);
  await check(`${name}: buggy`, has("wrong"), ({ wrong }) => ({ solution: wrong[0] }), failed);
  if (name.startsWith("multipl-e")) {
    await check(`${name}: empty body`, all, () => ({ completion: EMPTY_BODY[id] ?? "}\n" }), failed);
    const answers = readAnswers(file);
    const answered = all.filter((problem) => answers.has(problem.id));
    await check(
      `${name}: a model's answers`,
      answered,
      (problem) => ({ completion: answers.get(problem.id) }),
      accepted,
    );
  }
  console.log(`${name}: ${((Date.now() - began) / 1000).toFixed(0)} s`);
}

/** The answers of a model that a copy of MultiPL-E brings, by problem. */
function readAnswers(file) {
  const rows = gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return new Map(rows.flatMap(({ name, gpt_solution: answer }) => (answer === undefined ? [] : [[name, answer]])));
}

async function check(what, problems, makeSample, isRight) {
  if (problems.length === 0) return;
  const records = await Promise.all(
    problems.map((problem) =>
      grader.grade(problem, { taskId: problem.id, row: {}, completion: null, solution: null, ...makeSample(problem) }),
    ),
  );
  const wrong = records.filter((record) => !isRight(record));
  const counts = Map.groupBy?.(records, ({ verdict }) => verdict) ?? new Map();
  console.log(
    `${what}: ${records.length - wrong.length} of ${records.length} as they must be`,
    [...counts].map(([verdict, those]) => `${verdict} ${those.length}`).join(", "),
  );
  for (const { task_id, verdict, first_failure } of wrong) {
    console.log(`  ${task_id}: ${verdict}: ${(first_failure?.stderr ?? "").slice(0, 300).replaceAll("\n", " | ")}`);
  }
}
