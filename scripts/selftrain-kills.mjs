// Kills a run of fixtures/selftrain/tiny.yaml with SIGKILL at random moments, starts it again with the same command each
// time, and compares what it came to with a run that was left alone. Needs a build, and the undisturbed run:
//   node scripts/selftrain-experiment.mjs --seeds 1 --configs tiny --out runs/experiment
//   node scripts/selftrain-kills.mjs --calm runs/experiment/tiny-1 --kills 20
// Exit code 1 when metrics or datasets differ, a job was submitted twice, or a completion was asked for under two keys
// (under one the host computes it once: test/model-host.test.ts).
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import console from "node:console";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request as ask } from "node:http";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";

import { MAIN, startHost, writeConfig } from "./selftrain/host.mjs";

const { values: options } = parseArgs({
  options: {
    calm: { type: "string", default: "runs/experiment/tiny-1" },
    out: { type: "string", default: "runs/kills" },
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    // Seconds between a start and its kill, at most.
    within: { type: "string", default: "15" },
  },
});
const [seed, kills, within] = [options.seed, options.kills, options.within].map(Number);
const out = resolve(options.out);
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const log = await open(join(out, "log.txt"), "a");
const host = await startHost(seed, join(out, "host"), log);
const counter = await startCounter(host.url);
const start = performance.now();
try {
  const config = join(out, "config.yaml");
  await writeFile(config, await writeConfig("tiny", seed, counter.url));
  const moments = await runAndKill(config);
  const seconds = Math.round((performance.now() - start) / 1000);
  const report = {
    kills: moments.length,
    seconds,
    killedAfterSeconds: moments,
    ...counter.count(),
    ...(await compare()),
  };
  console.log(JSON.stringify(report, null, 2));
  const met = report.different.length === 0 && report.samplesAskedTwice === 0 && report.jobs === report.iterations;
  process.exitCode = met ? 0 : 1;
} finally {
  counter.stop();
  await host.stop();
  await log.close();
}

/** Seconds after which each attempt was killed. The last attempt is left alone, if one before it did not get to the end. */
async function runAndKill(config) {
  const moments = [];
  for (;;) {
    const run = spawn(process.execPath, [MAIN, "selftrain", "run", config, "--out", join(out, "run")], {
      stdio: ["ignore", log.fd, log.fd],
    });
    const ended = once(run, "exit");
    const after = Math.random() * within;
    const timer = moments.length < kills ? setTimeout(() => run.kill("SIGKILL"), after * 1000) : undefined;
    const [code, signal] = await ended;
    clearTimeout(timer);
    if (signal === "SIGKILL") moments.push(Number(after.toFixed(1)));
    else if (code !== 0) throw new Error(`the run ended with status ${code}; see ${out}/log.txt`);
    else return moments;
  }
}

/** Passes requests on, breaks them off where the client does, and counts completions and jobs by what they ask for. */
async function startCounter(target) {
  const keys = new Map();
  const keysOfSample = new Map();
  let requests = 0;
  let keyless = 0;
  const server = createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const key = req.headers["idempotency-key"];
    if (req.method === "POST" && req.url.endsWith("/completions")) {
      requests += 1;
      if (key === undefined) keyless += 1;
      const { n, seed: first, ...rest } = JSON.parse(body.toString());
      keys.set(key, n);
      for (let at = 0; at < n; at += 1) {
        const sample = JSON.stringify([rest, first + at]);
        keysOfSample.set(sample, (keysOfSample.get(sample) ?? new Set()).add(key));
      }
    }
    const onward = ask(target + req.url, { method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.headers);
      answer.pipe(res);
    });
    onward.on("error", () => res.destroy());
    res.on("close", () => onward.destroy());
    onward.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    count: () => ({
      ...{ completionRequests: requests, requestsWithoutKey: keyless, keys: keys.size },
      ...{ samples: keysOfSample.size },
      samplesAskedTwice: [...keysOfSample.values()].filter((some) => some.size > 1).length,
    }),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Files of the two runs that differ, and the jobs that the host was given. */
async function compare() {
  const [calm, killed] = await Promise.all([hashRun(join(resolve(options.calm), "run")), hashRun(join(out, "run"))]);
  const names = [...new Set([...calm.keys(), ...killed.keys()])];
  const jobs = (await readdir(join(out, "host"), { recursive: true })).filter((name) =>
    /jobs\/[^/]+\/job\.json$/.test(name),
  );
  return {
    iterations: names.filter((name) => /^[1-9]\d*\/metrics\.json$/.test(name)).length,
    ...{ jobs: jobs.length, filesCompared: names.length },
    different: names.filter((name) => calm.get(name) !== killed.get(name)),
  };
}

/** Metrics, selections, datasets, samples and verdicts, without the names of models and the times of programs. */
async function hashRun(run) {
  const hashes = new Map();
  const iterations = join(run, "iterations");
  for (const name of (await readdir(iterations, { recursive: true })).sort()) {
    if (!/metrics\.json$|selection\.json$|dataset\.jsonl$|\.jsonl\.gz$/.test(name)) continue;
    const bytes = await readFile(join(iterations, name));
    const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
    const same = name.includes("verdicts")
      ? text.replace(/(?<="verdict":"\w+").*/g, "")
      : text.replace(/"model": ?"[^"]*"/g, "");
    hashes.set(name, createHash("sha256").update(same).digest("hex"));
  }
  return hashes;
}
