// What the way through HTTP costs. One sample at a time: POST /v1/grade to `assay serve` beside the grader called directly
// in this process, in turn. Then many: POST /v1/grade/batch beside `assay grade` on the same samples, in turn. Every
// sample is another text and nothing is remembered. Needs a build. Exit code 1 when a sample is not accepted, or a target
// is missed: the median within 3 ms of the grader's own, 90 % of the rate of `assay grade`.
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import console from "node:console";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath, URL } from "node:url";
import { parseArgs } from "node:util";

import { startListening } from "./service/start.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: "string", default: "10" },
    single: { type: "string", default: "400" },
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
    dist: { type: "string", default: fileURLToPath(import.meta.resolve("../dist/")) },
  },
});
const data = positionals[0] ?? fileURLToPath(import.meta.resolve("../fixtures/humaneval"));
const main = join(options.dist, "cli/main.js");
const load = (path) => import(join(options.dist, path));
const { createGrader } = await load("grading/grader.js");
const { readProblems } = await load("grading/problems/index.js");
const { createSandbox } = await load("sandbox/index.js");

const [MOST_MS, LEAST_RATE] = [3, 0.9];
const problems = (await readProblems(data)).problems.filter(({ references }) => references.length > 0);
let serial = 0;
const folder = await mkdtemp(join(tmpdir(), "assay-latency-"));
const assay = await startListening([main, "serve", "--port", "0", "--no-cache", "--problems", data]);
try {
  const single = await measureSingle();
  const batch = await measureBatch();
  const report = { samples: { single: Number(options.single), batch: batch.samples }, loadAverage: loadavg()[0] };
  const met = single.extraMs <= MOST_MS && batch.ratio >= LEAST_RATE;
  console.log(JSON.stringify({ ...report, single, batch, met }, null, 2));
  process.exitCode = met ? 0 : 1;
} finally {
  await assay.stop();
  await rm(folder, { recursive: true });
}

/** A right program for a problem, unlike every other one. */
function makeSample(at) {
  const problem = problems[at % problems.length];
  return { problem, row: { task_id: problem.id, solution: `${problem.references[0]}\n# ${serial++}\n` } };
}

async function measureSingle() {
  const sandbox = await createSandbox();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const settings = { comparator: "strict", extraction: "auto", allTests: false, limits: {} };
  const grader = createGrader(sandbox, settings);
  const direct = async (at) => {
    const { problem, row } = makeSample(at);
    const sample = { taskId: problem.id, completion: null, solution: row.solution, row: {} };
    const began = performance.now();
    const { verdict } = await grader.grade(problem, sample);
    return { ms: performance.now() - began, verdict };
  };
  const served = async (at) => {
    const body = JSON.stringify(makeSample(at).row);
    const began = performance.now();
    const { verdict } = JSON.parse(await post("/v1/grade", body, agent));
    return { ms: performance.now() - began, verdict };
  };
  const found = { direct: [], served: [] };
  try {
    // Both have run every problem once before: plans are made, and code has become quick.
    for (let at = -problems.length; at < Number(options.single); at++) {
      const order = at % 2 === 0 ? ["direct", "served"] : ["served", "direct"];
      for (const way of order) {
        const { ms, verdict } = await (way === "direct" ? direct : served)(Math.abs(at));
        if (verdict !== "accepted") throw new Error(`${way}: ${verdict}`);
        if (at >= 0) found[way].push(ms);
      }
    }
  } finally {
    agent.destroy();
    await sandbox.dispose();
  }
  const extraMs = quantile(found.served, 0.5) - quantile(found.direct, 0.5);
  return { extraMs: round(extraMs), direct: describe(found.direct), served: describe(found.served) };
}

/** Rates in samples a second. What `assay grade` needs to come up and to end is not counted. */
async function measureBatch() {
  const rates = { command: [], batch: [] };
  const count = problems.length * Number(options.times);
  const makeRows = (most) => Array.from({ length: most }, (_, at) => `${JSON.stringify(makeSample(at).row)}\n`);
  for (let round = 0; round < Number(options.rounds); round++) {
    const upMs = await timeCommand(makeRows(2));
    const ways = [
      async () => rates.command.push((1000 * count) / ((await timeCommand(makeRows(count))) - upMs)),
      async () => rates.batch.push((1000 * count) / (await timeBatch(makeRows(count)))),
    ];
    for (const way of round % 2 === 0 ? ways : ways.reverse()) await way();
  }
  const ratio = round(quantile(rates.batch, 0.5) / quantile(rates.command, 0.5));
  return { samples: count, ratio, command: rates.command.map(round), batch: rates.batch.map(round) };
}

async function timeCommand(rows) {
  const samples = join(folder, "samples.jsonl");
  await writeFile(samples, rows.join(""));
  const out = ["--out", join(folder, `results-${serial}.jsonl`)];
  const began = performance.now();
  const child = spawn(process.execPath, [main, "grade", "--problems", data, "--samples", samples, ...out, "--json"]);
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  child.stderr.resume();
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`assay grade ended with ${code}: ${said}`);
  return performance.now() - began;
}

async function timeBatch(rows) {
  const began = performance.now();
  const { hostname, port } = new URL(assay.url);
  const headers = { "content-type": "application/x-ndjson" };
  const sent = request({ host: hostname, port, method: "POST", path: "/v1/grade/batch", headers });
  const answer = new Promise((resolve, reject) => sent.on("response", resolve).on("error", reject));
  sent.end(rows.join(""));
  let accepted = 0;
  for await (const line of createInterface(await answer)) accepted += JSON.parse(line).passed === true ? 1 : 0;
  if (accepted !== rows.length) throw new Error(`batch: ${accepted} of ${rows.length} accepted`);
  return performance.now() - began;
}

function post(path, body, agent) {
  const { hostname, port } = new URL(assay.url);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, method: "POST", path, agent, headers }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (piece) => (text += piece));
      res.on("end", () => resolve(text)).on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function describe(ms) {
  return { p50Ms: round(quantile(ms, 0.5)), p95Ms: round(quantile(ms, 0.95)) };
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}
