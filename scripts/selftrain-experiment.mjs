// The experiment of docs/selftrain.md: self-training with the tiny model, its control with shuffled rewards and the
// ablations, each with several seeds. Needs a build. Runs that are finished are not made again, one that was stopped
// goes on; at the end a table is printed as Markdown. Each run has a model host of its own.
//   node scripts/selftrain-experiment.mjs [--out folder] [--seeds 1,2,3,4,5] [--configs tiny,tiny-shuffled] [--most n]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { parse, stringify } from "yaml";

const NAMES = ["tiny", "tiny-shuffled", "tiny-previous", "tiny-cap1", "tiny-nocap", "tiny-one-large"];
const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: "runs/experiment" },
    seeds: { type: "string", default: "1,2,3,4,5" },
    configs: { type: "string", default: NAMES.join(",") },
    most: { type: "string", default: "1000" },
  },
});
const MAIN = fileURLToPath(import.meta.resolve("../dist/cli/main.js"));
const FIXTURES = fileURLToPath(import.meta.resolve("../fixtures/selftrain/"));
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
process.stdout.write(await writeTables());

/** One run beside a model host, from nothing or from where it was stopped. */
async function makeRun(name, seed) {
  const folder = join(out, `${name}-${seed}`);
  const fresh = !existsSync(folder);
  await mkdir(folder, { recursive: true });
  process.stderr.write(`${name}, seed ${seed}\n`);
  const start = performance.now();
  const log = await open(join(folder, "log.txt"), "a");
  const host = spawn(
    process.execPath,
    [MAIN, "model-host", "--backend", "tiny", "--port", "0", "--seed", String(seed), "--state", join(folder, "host")],
    { stdio: ["ignore", "pipe", log.fd] },
  );
  const ended = once(host, "exit");
  try {
    const url = await readAddress(host, ended);
    const file = join(folder, "config.yaml");
    await writeFile(file, await writeConfig(name, seed, url));
    const run = spawn(process.execPath, [MAIN, "selftrain", "run", file, "--out", join(folder, "run")], {
      stdio: ["ignore", log.fd, log.fd],
    });
    const [code] = await once(run, "exit");
    if (code !== 0) throw new Error(`${name}, seed ${seed}, ended with status ${code}; see ${folder}/log.txt`);
    // A run that was made in parts took longer than its last part.
    const seconds = fresh ? (performance.now() - start) / 1000 : null;
    await writeFile(join(folder, "wall.json"), JSON.stringify({ seconds }) + "\n");
  } finally {
    host.kill("SIGTERM");
    await ended;
    await log.close();
  }
}

/** The configuration of fixtures/selftrain with another seed and the address of this run's host. */
async function writeConfig(name, seed, url) {
  const file = join(FIXTURES, `${name}.yaml`);
  const config = parse(await readFile(file, "utf8"));
  const absolute = (path) => resolve(dirname(file), path);
  const problems = Object.fromEntries(Object.entries(config.problems).map(([set, path]) => [set, absolute(path)]));
  return stringify({
    ...{ ...config, seed, problems, prompt: { template: absolute(config.prompt.template) } },
    endpoint: { ...config.endpoint, url: `${url}/v1` },
  });
}

async function readAddress(host, ended) {
  for await (const line of createInterface({ input: host.stdout })) {
    const [, url] = /^listening on (\S+)$/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  await ended;
  throw new Error("the model host did not start");
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
