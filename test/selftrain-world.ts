import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { stringify } from "yaml";

/** Problems `Print A + B.` that the fake endpoint can solve. */
export function makeProblems(set: string, count: number): string {
  const rows = Array.from({ length: count }, (_, at) => {
    const [a, b] = [at + 1, set.length * 100 + at];
    const tests = [{ input: "", output: `${a + b}\n` }];
    return { schema: "assay-problem/1", id: `${set}/${at}`, prompt: `Print ${a} + ${b}.`, tests };
  });
  return rows.map((row) => JSON.stringify(row) + "\n").join("");
}

type Tree = Record<string, unknown>;

export interface Sizes {
  readonly train?: number;
  readonly test?: number;
}

/** Writes problem sets and a configuration into a folder, and gives the configuration's path. */
export async function writeRun(folder: string, url: string, changes: Tree = {}, sizes: Sizes = {}): Promise<string> {
  const { train = 6, test = 4 } = sizes;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "train.jsonl"), makeProblems("train", train));
  await writeFile(join(folder, "validation.jsonl"), makeProblems("validation", test));
  await writeFile(join(folder, "test.jsonl"), makeProblems("test", test));
  const config = merge(
    {
      name: "small",
      iterations: 2,
      problems: { train: "train.jsonl", validation: "validation.jsonl", test: "test.jsonl" },
      model: { base: "base" },
      endpoint: {
        ...{ url, max_n: 4, concurrency: 3, timeout_seconds: 20 },
        retry: { first_seconds: 0.02, most_seconds: 0.1, patience_minutes: 0.5 },
      },
      generate: { samples_per_problem: 8, max_tokens: 32 },
      improve: { driver: { kind: "openai", poll_seconds: 0.02 } },
      evaluate: { bootstrap: 200 },
    },
    changes,
  );
  const path = join(folder, "run.yaml");
  await writeFile(path, stringify(config));
  return path;
}

function merge(base: Tree, changes: Tree): Tree {
  const merged = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const old = merged[key];
    // A driver is one of several kinds: its fields are not those of another.
    merged[key] = isTree(old) && isTree(value) && !("kind" in value) ? merge(old, value) : value;
  }
  return merged;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a run must come to however often it was interrupted: metrics and rows, without names, times and costs. */
export async function readOutcome(out: string): Promise<Record<string, unknown>> {
  const outcome: Record<string, unknown> = {};
  const iterations = (await readdir(join(out, "iterations"))).sort();
  for (const iteration of iterations) {
    const folder = join(out, "iterations", iteration);
    for (const name of (await readdir(folder, { recursive: true })).sort()) {
      if (!/metrics\.json$|selection\.json$|dataset\.jsonl$|\.jsonl\.gz$/.test(name)) continue;
      const bytes = await readFile(join(folder, name));
      const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
      outcome[`${iteration}/${name}`] = name.includes("verdicts")
        ? text.replace(/(?<="verdict":"\w+").*/g, "")
        : text.replace(/"model": ?"[^"]*"/g, "");
    }
  }
  return outcome;
}

export async function readJson<T>(...path: readonly string[]): Promise<T> {
  return JSON.parse(await readFile(join(...path), "utf8")) as T;
}
