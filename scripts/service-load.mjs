// Many clients at once, as verl's: every request is one test case (POST /run_code), the same code several times, 504s are
// tried again. Every answer must be the right one. Beside it, on the same requests, the floor: one process for each
// request without a sandbox, a while before and a while after. Needs a build. Exit code 1 when anything is there that
// must not be: a wrong verdict, an answer that does not come within 30 s, an error other than 504.
import console from "node:console";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { makeRequests, OUTCOMES } from "./service/programs.mjs";
import { startListening } from "./service/start.mjs";
import { createClient, readAnswer } from "./service/verl-client.mjs";

const { values: options } = parseArgs({
  options: {
    clients: { type: "string", default: "512" },
    seconds: { type: "string", default: "120" },
    /** Each time, before and after; a sixth of the seconds by default, 0 for none. */
    "floor-seconds": { type: "string" },
    /** Another server with the same route, already up, instead of the floor. */
    beside: { type: "string" },
    /** A connection for each request, as verl itself has it. */
    "no-keep-alive": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    dist: { type: "string", default: fileURLToPath(import.meta.resolve("../dist/")) },
  },
});
const clients = Number(options.clients);
const seconds = Number(options.seconds);
const floorSeconds = Number(options["floor-seconds"] ?? Math.max(5, seconds / 6));
const EXPECTED = Object.keys(OUTCOMES);

const before = await measureFloor(1);
const assay = await startListening([`${options.dist}/cli/main.js`, "serve", "--port", "0", "--log-level", "error"]);
const served = await load(assay.url, seconds, 2);
const metrics = await (await globalThis.fetch(`${assay.url}/metrics`)).text();
served.faults = Number(/^assay_infrastructure_errors_total (\d+)/m.exec(metrics)?.[1]);
served.residentMb = residentMb(assay.pid);
served.exitCode = await assay.stop();
const after = await measureFloor(3);
const report = {
  ...{ clients, seconds, keepAlive: !options["no-keep-alive"], loadAverage: loadavg()[0] },
  assay: summarise([served]),
  [options.beside === undefined ? "floor" : "beside"]: floorSeconds > 0 ? summarise([before, after]) : null,
};
const { wrong, connectionErrors, otherErrors, timeOuts, givenUp, slowestMs } = report.assay;
const broken = wrong + connectionErrors + otherErrors + timeOuts + givenUp + (served.exitCode === 0 ? 0 : 1);
if (!options.json) showTable(report);
console.log(JSON.stringify(report, null, options.json ? 2 : 0));
process.exitCode = broken === 0 && slowestMs < 30_000 ? 0 : 1;

/** The same load without a sandbox, or on the other server. */
async function measureFloor(seed) {
  if (floorSeconds === 0) return null;
  if (options.beside !== undefined) return load(options.beside, floorSeconds, seed);
  const floor = await startListening([fileURLToPath(import.meta.resolve("./service/floor-server.mjs"))]);
  try {
    return await load(floor.url, floorSeconds, seed);
  } finally {
    await floor.stop();
  }
}

/** Requests from all clients for so long; those under way at the end are waited for and count. */
async function load(url, forSeconds, seed) {
  const client = createClient(url, { connections: clients, keepAlive: !options["no-keep-alive"] });
  const requests = makeRequests(seed);
  const found = { ms: [], kinds: {}, wrong: [], statuses: {}, errors: {}, late: 0, elapsedMs: 0 };
  const began = performance.now();
  const one = async () => {
    while (performance.now() - began < forSeconds * 1000) {
      const { kind, expected, body } = requests.next().value;
      const { answer, attempts, error } = await client.post(body);
      for (const { status } of attempts) found.statuses[status] = (found.statuses[status] ?? 0) + 1;
      if (error !== null) {
        found.errors[error] = (found.errors[error] ?? 0) + 1;
        continue;
      }
      found.ms.push(attempts.at(-1).ms);
      found.kinds[kind] = (found.kinds[kind] ?? 0) + 1;
      const word = readAnswer(answer, expected);
      if (word !== OUTCOMES[kind]) found.wrong.push(`${kind}: ${word}: ${JSON.stringify(answer).slice(0, 500)}`);
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
  found.elapsedMs = performance.now() - began;
  client.close();
  return found;
}

function summarise(parts) {
  const ms = parts.flatMap((part) => part.ms).sort((a, b) => a - b);
  const sum = (read) => parts.reduce((total, part) => total + (read(part) ?? 0), 0);
  const at = (share) => Math.round(ms[Math.min(ms.length - 1, Math.floor(share * ms.length))] ?? NaN);
  const statuses = [...new Set(parts.flatMap((part) => Object.keys(part.statuses)))];
  const [{ faults, residentMb, exitCode }] = parts;
  return {
    ...{ answers: ms.length, perSecond: Math.round((10 * ms.length) / (sum((part) => part.elapsedMs) / 1000)) / 10 },
    ...{ p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), slowestMs: Math.round(ms.at(-1) ?? NaN) },
    wrong: sum((part) => part.wrong.length),
    connectionErrors: sum((part) => part.errors.connection),
    timeOuts: sum((part) => part.errors["time-out"]),
    otherErrors: sum((part) => part.errors.status),
    gatewayTimeouts: sum((part) => part.statuses[504]),
    givenUp: sum((part) => part.errors["given up"]),
    statuses: Object.fromEntries(statuses.map((status) => [status, sum((part) => part.statuses[status])])),
    kinds: Object.fromEntries(EXPECTED.map((kind) => [kind, sum((part) => part.kinds[kind])])),
    examples: parts.flatMap((part) => part.wrong).slice(0, 5),
    ...(faults === undefined ? {} : { faults, residentMb, exitCode }),
  };
}

function showTable({ assay: ours, floor, beside }) {
  const other = floor ?? beside;
  console.log(`${clients} clients, ${seconds} s, load average ${loadavg()[0].toFixed(1)}`);
  for (const name of Object.keys(ours).filter((key) => typeof ours[key] === "number")) {
    console.log(`  ${name.padEnd(18)} ${String(ours[name]).padStart(9)} ${String(other?.[name] ?? "").padStart(9)}`);
  }
}

function residentMb(pid) {
  const [, kb] = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kb) / 1024);
}
