// Grades published data sets by their own solutions: HumanEval and the first problems of MBPP must be accepted, and
// HumanEval's functions with a body of `pass` must not; answers to LiveCodeBench get their recorded verdicts, and
// predictions for BIG-Bench Hard add up to the published accuracies; solutions to
// MATH and GSM8K are right, and recorded answers come out as their recorders had them, save for the differences explained. Needs a build: it runs what users run.
import console from "node:console";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { gunzipSync } from "node:zlib";

import { createGrader } from "../dist/grading/grader.js";
import { POLICIES } from "../dist/grading/policy.js";
import { inlineProblem } from "../dist/grading/problems/inline.js";
import { readProblems } from "../dist/grading/problems/index.js";
import { createSandbox } from "../dist/sandbox/index.js";

const [data] = process.argv.slice(2);
if (data === undefined) {
  console.error("usage: node scripts/check-real-data.mjs <folder with humaneval/ and mbpp/>");
  process.exit(1);
}

const MBPP_PROBLEMS = 300;
const RECORDED_CONTESTS = 60;

/** The policy under which each source of recorded answers made its record. */
const RECORDERS = {
  "openai/grade-school-math": "gsm8k-strict",
  "mathllm/MathCoder": "mathcoder",
  "microsoft/rho": "tora",
};
const ANSWERED = {
  ...{ aliases: [], format: "question-answer", prompt: "", entryPoint: null, starterCode: "", difficulty: null },
  ...{ references: [], limits: {}, invalid: null },
};

const sandbox = await createSandbox();
const options = { comparator: "strict", extraction: "auto", allTests: false, limits: {} };
const grader = createGrader(sandbox, options);
let failures = 0;
try {
  await checkFile("humaneval/HumanEval.jsonl.gz", async (problems) => {
    await check("HumanEval canonical solutions", problems, reference, isAccepted);
    await check("HumanEval bodies of `pass`", problems, () => ({ completion: "    pass\n" }), isRejected);
  });
  await checkFile("mbpp/mbpp.jsonl.gz", async (problems) => {
    const first = problems.slice(0, MBPP_PROBLEMS);
    await check(`MBPP references, the first ${first.length}`, first, reference, isAccepted);
  });
  await checkFile("codecontests/rllm_code_contests_test.json.gz", (problems) => {
    const readable = problems.filter(({ invalid }) => invalid === null).length;
    console.log(`real data: CodeContests of rllm: ${readable} of ${problems.length} can be read`);
    failures += problems.length - readable;
  });
  await checkRecordedContests();
  await checkFile("livecodebench/code_eval_live_code_bench_v1.jsonl", async (problems) => {
    const answers = readAnswers("livecodebench/O1-Mini-2024-09-12_eval_all.json.gz");
    const answer = ({ aliases }) => answers.find(({ question_id }) => aliases.includes(question_id));
    const right = problems.filter((problem) => answer(problem)?.graded_list[0] === true);
    const sample = (problem) => ({ completion: answer(problem).output_list[0] });
    await check("LiveCodeBench answers recorded as right", right, sample, isAccepted);
    await check("LiveCodeBench programs that do nothing", problems, () => ({ solution: "pass" }), isRejected);
  });
  for (const [name, field] of [
    ["math/MATH_test_full_5000.jsonl.gz", "solution"],
    ["gsm8k/test.jsonl.gz", "answer"],
    ["gsm8k/train.jsonl.gz", "answer"],
  ]) {
    await checkFile(name, async (problems) => {
      const solutions = new Map(readLines(name).map((row, place) => [problems[place].id, row[field]]));
      const sample = ({ id }) => ({ completion: solutions.get(id) });
      await check(`${name}: solutions as completions`, problems, sample, isAccepted);
    });
  }
  await checkRecordedAnswers("recorded/mathematics.jsonl.gz");
  await checkFile("bbh", async (problems) => {
    const recorded = JSON.parse(readFileSync(join(data, "bbh/bbh_codex_recorded_accuracy.json"), "utf8"));
    const predictions = readLines("bbh/bbh_codex_predictions_all.jsonl.gz");
    const accuracies = await gradePredictions(problems, predictions);
    const off = Object.keys(recorded).filter((name) => !(Math.abs(accuracies[name] - recorded[name]) < 1e-9));
    const [all, same] = [Object.keys(recorded).length, Object.keys(recorded).length - off.length];
    console.log(
      `real data: BIG-Bench Hard: ${predictions.length} predictions, ${same} of ${all} accuracies as published`,
    );
    for (const name of off) console.log(`  ${name}: ${accuracies[name]}, published ${recorded[name]}`);
    failures += off.length;
  });
} finally {
  await sandbox.dispose();
}
process.exitCode = failures === 0 ? 0 : 1;

/** Programs of others with their recorded verdicts, under the policy that stands for who recorded them. */
async function checkRecordedContests() {
  const folder = "codecontests/codecontests300";
  if (!existsSync(join(data, `${folder}_python_solution_tests.jsonl.gz`))) return;
  const recorded = JSON.parse(readFileSync(join(data, `${folder}_solution_recheck.json`), "utf8"));
  const rows = readLines(`${folder}_python_solution_tests.jsonl.gz`)
    .filter(({ id }) => recorded[id][0] !== "timeout")
    .slice(0, RECORDED_CONTESTS);
  const piped = createGrader(sandbox, { ...POLICIES.subprocess, allTests: false });
  const problems = rows.map(({ id, tests }) => inlineProblem({ id, tests: { kind: "stdin", cases: tests } }));
  const records = await Promise.all(
    rows.map(({ id, solution }, at) => piped.grade(problems[at], { taskId: id, completion: null, solution, row: {} })),
  );
  const off = records.filter(({ task_id, passed }) => passed !== (recorded[task_id][0] === "pass"));
  console.log(`real data: CodeContests programs: ${rows.length - off.length} of ${rows.length} verdicts as recorded`);
  for (const { task_id, verdict } of off) console.log(`  ${task_id}: ${verdict}, recorded ${recorded[task_id]}`);
  failures += off.length;
}

async function checkFile(name, use) {
  const file = join(data, name);
  if (existsSync(file)) await use((await readProblems(file)).problems);
  else console.log(`real data: ${file} is not there, skipped`);
}

/** Recorded answers to GSM8K, SVAMP, MATH and MATH-500, each under the policy that stands for the grader that recorded it. */
async function checkRecordedAnswers(name) {
  if (!existsSync(join(data, name))) return console.log(`real data: ${join(data, name)} is not there, skipped`);
  const rows = readLines(name);
  const graders = new Map(
    Object.entries(RECORDERS).map(([source, equivalence]) => [
      source,
      createGrader(sandbox, { ...options, equivalence }),
    ]),
  );
  const agreeing = await Promise.all(
    rows.map(async (row) => {
      const text = row.src.startsWith("openai") ? (/^A: (-?[0-9.,]+)/m.exec(row.gold)?.[1] ?? "") : String(row.gold);
      const problem = { ...ANSWERED, id: "q", tests: { kind: "answer", answer: text } };
      // MathCoder's file holds the answers alone, the others whole texts.
      const [completion, solution] = row.src === "mathllm/MathCoder" ? [null, row.response] : [row.response, null];
      const record = await graders.get(row.src).grade(problem, { taskId: "q", completion, solution, row: {} });
      return record.passed === row.correct;
    }),
  );
  const same = agreeing.filter(Boolean).length;
  console.log(`real data: recorded mathematics: ${same} of ${rows.length} as recorded, at least 99 % wanted`);
  if (same < 0.99 * rows.length) failures += 1;
}

function readAnswers(name) {
  const file = join(data, name);
  return existsSync(file) ? JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")) : [];
}

function readLines(name) {
  const lines = gunzipSync(readFileSync(join(data, name))).toString("utf8");
  return lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Per cent of right predictions by `<mode>/<task>`. */
async function gradePredictions(problems, predictions) {
  const byId = new Map(problems.map((problem) => [problem.id, problem]));
  const counts = {};
  for (const { task, mode, idx, prediction } of predictions) {
    const problem = byId.get(`BBH/${task}/${idx}`);
    const sample = { taskId: problem.id, completion: prediction, solution: null, row: {} };
    const count = (counts[`${mode}/${task}`] ??= { all: 0, right: 0 });
    count.all += 1;
    if ((await grader.grade(problem, sample)).passed) count.right += 1;
  }
  return Object.fromEntries(Object.entries(counts).map(([name, { all, right }]) => [name, (100 * right) / all]));
}

function reference(problem) {
  return { solution: problem.references[0] ?? "" };
}

function isAccepted({ verdict, integrity }) {
  return verdict === "accepted" && integrity === "isolated";
}

function isRejected({ verdict }) {
  // An infrastructure error is no rejection: nothing is known of the program then.
  return verdict !== "accepted" && verdict !== "infrastructure_error";
}

/** Grades one sample for each problem, says how many came out as they must and lists the others. */
async function check(what, problems, makeSample, isRight) {
  const records = await Promise.all(
    problems.map((problem) => {
      const sample = { completion: null, solution: null, ...makeSample(problem) };
      return grader.grade(problem, { taskId: problem.id, row: {}, ...sample });
    }),
  );
  const wrong = records.filter((record) => !isRight(record));
  failures += wrong.length;
  const goal = isRight === isAccepted ? "accepted and isolated" : "not accepted";
  console.log(`real data: ${what}: ${records.length - wrong.length} of ${records.length} ${goal}`);
  for (const { task_id, verdict, integrity } of wrong) console.log(`  ${task_id}: ${verdict} (${integrity})`);
}
