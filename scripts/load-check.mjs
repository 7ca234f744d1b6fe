// Verdicts must not depend on load: HumanEval (its own solutions and broken ones) and APPS problems with recorded
// programs are graded with 1, 8 and 64 in flight, the last also beside busy loops, and every verdict must be that of
// the first time. Then programs that use half and twice their CPU limit are tried again and again, busy loops beside
// every other try; none may change sides. Needs a build: it runs what users run. Exit code 1 when anything differs.
import { spawn } from "node:child_process";
import console from "node:console";
import { createReadStream, existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createGunzip } from "node:zlib";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    problems: { type: "string", default: "200" },
    tries: { type: "string", default: "1000" },
    dist: { type: "string", default: fileURLToPath(import.meta.resolve("../dist/")) },
  },
});
const [data] = positionals;
if (data === undefined) {
  console.error("usage: node scripts/load-check.mjs <data folder> [--problems 200] [--tries 1000] [--dist dist/]");
  process.exit(1);
}
const load = (path) => import(join(options.dist, path));
const { createGrader } = await load("grading/grader.js");
const { readProblems } = await load("grading/problems/index.js");
const { createSandbox } = await load("sandbox/index.js");

const CPU_MS = 200;
/** Loops while there is the process that started it: also when that is killed, nothing stays behind for long. */
const BUSY = 'while kill -0 "$1"; do i=0; while [ $i -lt 99999 ]; do i=$((i + 1)); done; done';
const sandbox = await createSandbox();
const graderOf = (limits = {}) =>
  createGrader(sandbox, { comparator: "strict", extraction: "auto", allTests: false, limits });
let differences = 0;
try {
  if (Number(options.problems) > 0) await compareVerdicts();
  if (Number(options.tries) > 0) await tryLimits(Number(options.tries));
} finally {
  await sandbox.dispose();
}
console.log(`load: ${differences} differences`);
process.exitCode = differences === 0 ? 0 : 1;

async function compareVerdicts() {
  const work = [...(await humanEval()), ...(await apps())];
  const quiet = await gradeAll(work, 1);
  count("1 in flight", quiet);
  for (const [inFlight, busy] of [
    [8, false],
    [64, false],
    [64, true],
  ]) {
    const name = `${inFlight} in flight${busy ? ", beside busy loops" : ""}`;
    const found = await (busy ? besideBusyLoops : alone)(() => gradeAll(work, inFlight));
    count(name, found);
    work.forEach(({ name: what }, at) => {
      if (found[at] === quiet[at]) return;
      differences += 1;
      console.log(`  ${what}: ${quiet[at]} with 1 in flight, ${found[at]} with ${name}`);
    });
  }
}

async function humanEval() {
  const file = join(data, "humaneval/HumanEval.jsonl.gz");
  if (!existsSync(file)) return skip(file);
  const grader = graderOf();
  return (await readProblems(file)).problems.flatMap((problem) => {
    const solution = problem.references[0] ?? "";
    const broken = solution.replace(/return (?![^]*return )/, "return None and ");
    return [
      { name: `${problem.id} as it is`, grader, problem, solution },
      { name: `${problem.id} broken`, grader, problem, solution: broken },
      { name: `${problem.id} raising`, grader, problem, solution: `${solution}\n${problem.entryPoint} = 1 .x` },
    ];
  });
}

/**
 * APPS problems with a program each: the first recorded one, right or wrong, else the problem's own solution, else for
 * problems of standard input one that knows the answers. Those that have a program of their own come first.
 */
async function apps() {
  const [file, recorded] = [join(data, "apps/apps_std.jsonl.gz"), join(data, "recorded/apps-python.jsonl.gz")];
  if (!existsSync(file) || !existsSync(recorded)) return skip(file);
  const programs = new Map();
  for await (const line of createInterface(createReadStream(recorded).pipe(createGunzip()))) {
    const { task_id, code } = JSON.parse(line);
    if (!programs.has(task_id)) programs.set(task_id, code);
  }
  const grader = graderOf();
  const { problems } = await readProblems(file);
  const written = problems.map((problem) => {
    const number = problem.aliases.find((alias) => programs.has(alias));
    return { problem, solution: programs.get(number) ?? problem.references[0] };
  });
  const known = written.filter(({ solution }) => solution !== undefined);
  const answered = written
    .filter(({ problem, solution }) => solution === undefined && problem.tests.kind === "stdin")
    .map(({ problem }) => ({ problem, solution: answering(problem.tests.cases) }));
  const all = [...known, ...answered].slice(0, Number(options.problems));
  console.log(`load: ${all.length} APPS problems, ${Math.min(known.length, all.length)} with programs of their own`);
  return all.map((one) => ({ ...one, name: one.problem.id, grader }));
}

/** A program that answers what it is asked out of a table, after some work that keeps it busy for a few milliseconds. */
function answering(cases) {
  const table = JSON.stringify(cases.map(({ input, output }) => [input, output]));
  return [
    "import json, sys",
    `table = dict(json.loads(${JSON.stringify(table)}))`,
    "text = sys.stdin.read()",
    "sum(number * number % 7 for number in range(50000))",
    "print(table[text])",
  ].join("\n");
}

function skip(file) {
  console.log(`load: ${file} is not there, skipped`);
  return [];
}

/** Verdicts in the order of the work, `inFlight` at a time. */
async function gradeAll(work, inFlight) {
  const verdicts = [];
  let next = 0;
  const worker = async () => {
    while (next < work.length) {
      const at = next++;
      const { grader, problem, solution } = work[at];
      const sample = { taskId: problem.id, completion: null, solution, row: {} };
      verdicts[at] = (await grader.grade(problem, sample)).verdict;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return verdicts;
}

function alone(use) {
  return use();
}

/** Four busy loops for each processor beside whatever `use` does. */
async function besideBusyLoops(use) {
  const loops = Array.from({ length: 4 * availableParallelism() }, () =>
    spawn("sh", ["-c", BUSY, "busy", String(process.pid)], { stdio: "ignore", detached: true }),
  );
  try {
    return await use();
  } finally {
    for (const { pid } of loops) process.kill(-pid, "SIGKILL");
  }
}

/** Half of the limit is always enough, twice is always too much. CPU time is read by the program itself. */
async function tryLimits(tries) {
  const grader = graderOf({ cpuMs: CPU_MS });
  const problem = {
    ...{ id: "limit", aliases: [], format: "apps", prompt: "", entryPoint: null, starterCode: "", difficulty: null },
    ...{ tests: { kind: "stdin", cases: [{ input: "", output: "done" }] }, references: [], limits: {}, invalid: null },
  };
  for (const [share, right] of [
    [0.5, "accepted"],
    [2, "time_limit"],
  ]) {
    const solution = `import time\nwhile time.process_time() < ${(share * CPU_MS) / 1000}: pass\nprint("done")`;
    const work = Array.from({ length: Math.ceil(tries / 2) }, () => ({ grader, problem, solution }));
    const verdicts = await gradeAll(work, 8);
    verdicts.push(...(await besideBusyLoops(() => gradeAll(work, 8))));
    const flipped = verdicts.filter((verdict) => verdict !== right);
    differences += flipped.length;
    console.log(`load: ${share} of ${CPU_MS} ms: ${verdicts.length - flipped.length} of ${verdicts.length} ${right}`);
    for (const verdict of new Set(flipped)) console.log(`  ${verdict}`);
  }
}

function count(name, verdicts) {
  const counts = {};
  for (const verdict of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1;
  console.log(`load: ${name}: ${JSON.stringify(counts)}`);
}
