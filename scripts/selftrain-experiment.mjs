// The experiment of docs/selftrain.md: self-training with the tiny model, its control with shuffled rewards and the
// ablations, each with several seeds. Needs a build. Runs that are finished are not made again, one that was stopped
// goes on; at the end a table is printed as Markdown. Each run has a model host of its own.
//   node scripts/selftrain-experiment.mjs [--out folder] [--seeds 1,2,3,4,5] [--configs tiny,tiny-shuffled] [--most n]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { parseArgs } from "node:util";

import { MAIN, startHost, writeConfig } from "./selftrain/host.mjs";

const NAMES = ["tiny", "tiny-shuffled", "tiny-previous", "tiny-cap1", "tiny-nocap", "tiny-one-large"];
const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: "runs/experiment" },
    seeds: { type: "string", default: "1,2,3,4,5" },
    configs: { type: "string", default: NAMES.join(",") },
    most: { type: "string", default: "1000" },
  },
});
const out = resolve(options.out);
const seeds = options.seeds.split(",").map(Number);
const configs = options.configs.split(",");

let left = Number(options.most);
for (const seed of seeds) {
  for (const name of configs) {
    if (left === 0 || (await readReport(name, seed))?.state === "finished") continue;
    left -= 1;
    await makeRun(name, seed);
  }
}
for (const seed of seeds) await compareRuns(seed);
process.stdout.write(await writeTables());

/** One run beside a model host, from nothing or from where it was stopped. */
async function makeRun(name, seed) {
  const folder = join(out, `${name}-${seed}`);
  const fresh = !existsSync(folder);
  await mkdir(folder, { recursive: true });
  process.stderr.write(`${name}, seed ${seed}\n`);
  const start = performance.now();
  const log = await open(join(folder, "log.txt"), "a");
  const host = await startHost(seed, join(folder, "host"), log);
  try {
    const file = join(folder, "config.yaml");
    await writeFile(file, await writeConfig(name, seed, host.url));
    const run = spawn(process.execPath, [MAIN, "selftrain", "run", file, "--out", join(folder, "run")], {
      stdio: ["ignore", log.fd, log.fd],
    });
    const [code] = await once(run, "exit");
    if (code !== 0) throw new Error(`${name}, seed ${seed}, ended with status ${code}; see ${folder}/log.txt`);
    // A run that was made in parts took longer than its last part.
    const seconds = fresh ? (performance.now() - start) / 1000 : null;
    await writeFile(join(folder, "wall.json"), JSON.stringify({ seconds }) + "\n");
  } finally {
    await host.stop();
    await log.close();
  }
}

/** Writes the report of a seed's run anew, with its control and its ablations beside it. */
async function compareRuns(seed) {
  const folderOf = (name) => join(out, `${name}-${seed}`);
  const done = [];
  for (const name of configs) if ((await readReport(name, seed))?.state === "finished") done.push(name);
  const [first, ...others] = done;
  if (first === undefined || others.length === 0) return;
  const compare = ["--compare", ...others.map((name) => join(folderOf(name), "run"))];
  const file = join(folderOf(first), "config.yaml");
  const report = spawn(
    process.execPath,
    [MAIN, "selftrain", "report", file, "--out", join(folderOf(first), "run"), ...compare],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const [code] = await once(report, "exit");
  if (code !== 0) throw new Error(`no report of ${folderOf(first)}`);
}

async function readReport(name, seed) {
  return readJson(join(out, `${name}-${seed}`, "run", "report.json"));
}

async function readJson(path) {
  return existsSync(path) ? JSON.parse(await readFile(path, "utf8")) : null;
}

async function writeTables() {
  const rows = [];
  for (const name of configs) {
    for (const seed of seeds) {
      const report = await readReport(name, seed);
      const best = report?.iterations[report.best?.iteration];
      if (report?.state !== "finished" || best === undefined) continue;
      const wall = await readJson(join(out, `${name}-${seed}`, "wall.json"));
      const [base, last] = [report.iterations[0], report.iterations.at(-1)];
      rows.push([
        ...[name, seed, percent(base.test.pass_at_1), percent(best.test.pass_at_1), best.iteration],
        ...[describeGain(best.test.gain), describeGain(last.test.gain)],
        ...[`${percent(base.transfer.pass_at_1)} -> ${percent(best.transfer.pass_at_1)}`],
        report.iterations.flatMap(({ generation }) => generation?.selected ?? []).join(", "),
        wall?.seconds == null ? "" : Math.round(wall.seconds),
      ]);
    }
  }
  const head = [
    "configuration",
    "seed",
    "base, %",
    "best, %",
    "iteration",
    "best - base, points",
    "last - base, points",
  ];
  const line = (cells) => `| ${cells.join(" | ")} |\n`;
  const all = [...head, "transfer, %", "rows learnt from", "seconds"];
  return line(all) + line(all.map(() => "---")) + rows.map(line).join("");
}

function describeGain(gain) {
  if (gain === null) return "0";
  const [low, high] = gain.ci95;
  return `${percent(gain.difference)} (${percent(low)} to ${percent(high)})`;
}

function percent(share) {
  return (100 * share).toFixed(1);
}
