// What the scripts about self-training share: a model host of their own, and the configurations of fixtures/selftrain.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { parse, stringify } from "yaml";

export const MAIN = fileURLToPath(import.meta.resolve("../../dist/cli/main.js"));
const FIXTURES = fileURLToPath(import.meta.resolve("../../fixtures/selftrain/"));

/** Starts `assay model-host --backend tiny` on a free port. `log` is a file that is open; stop() waits for the end. */
export async function startHost(seed, state, log) {
  const host = spawn(
    process.execPath,
    [MAIN, "model-host", "--backend", "tiny", "--port", "0", "--seed", String(seed), "--state", state],
    { stdio: ["ignore", "pipe", log.fd] },
  );
  const ended = once(host, "exit");
  const stop = async () => {
    host.kill("SIGTERM");
    await ended;
  };
  for await (const line of createInterface({ input: host.stdout })) {
    const [, url] = /^listening on (\S+)$/.exec(line) ?? [];
    if (url !== undefined) return { url, stop };
  }
  await ended;
  throw new Error("the model host did not start");
}

/** A configuration of fixtures/selftrain with another seed, and the address of a host. */
export async function writeConfig(name, seed, url) {
  const file = join(FIXTURES, `${name}.yaml`);
  const config = parse(await readFile(file, "utf8"));
  const absolute = (path) => resolve(dirname(file), path);
  const problems = Object.fromEntries(Object.entries(config.problems).map(([set, path]) => [set, absolute(path)]));
  return stringify({
    ...{ ...config, seed, problems, prompt: { template: absolute(config.prompt.template) } },
    endpoint: { ...config.endpoint, url: `${url}/v1` },
  });
}
