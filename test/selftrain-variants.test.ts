import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Report } from "../src/selftrain/records.js";
import { FakeEndpoint } from "./selftrain-endpoint.js";
import { runSelftrain } from "./selftrain-run.js";
import { makeProblems, readJson, writeRun } from "./selftrain-world.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();
let endpoint: FakeEndpoint;
let url: string;
beforeEach(async () => {
  endpoint = new FakeEndpoint();
  url = await endpoint.start();
});
afterEach(() => endpoint.stop());

const out = () => join(folder.path, "out");
const run = async (changes: Record<string, unknown>) =>
  runSelftrain("run", await writeRun(folder.path, url, changes), "--out", out());

interface Row {
  readonly task_id: string;
  readonly sample: number;
  readonly completion: string;
  readonly model?: string;
  readonly verdict?: string;
}

async function readRows(...path: readonly string[]): Promise<Row[]> {
  const text = gunzipSync(await readFile(join(out(), ...path))).toString("utf8");
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Row]));
}

const sampled = (from: FakeEndpoint) => from.bodies.filter(({ temperature }) => temperature === 0.7);
const greedy = (from: FakeEndpoint) => from.bodies.filter(({ temperature }) => temperature === 0);

/** A trainer on this machine that is done at once. */
const trainer = {
  ...{ kind: "command", poll: ["echo", "COMPLETED"], cancel: ["true"], poll_seconds: 0.02 },
  submit: [
    "sh",
    "-c",
    'mkdir -p "$ASSAY_OUTPUT"; echo x >"$ASSAY_OUTPUT/weights"; echo >>"$0"; echo job',
    "{{folder}}/../jobs",
  ],
};
const weightsOf = (iteration: number) => join(out(), `iterations/${iteration}/attempt-1/model`);
const improve = { driver: trainer };

describe("new weights", () => {
  it("are loaded into vLLM as an adapter of each iteration, once, and answer by its name", async () => {
    const first = await run({ improve, serve: { how: "vllm_lora" } });
    expect(first.code, first.stderr).toBe(0);
    const { run_id: id } = await readJson<{ run_id: string }>(out(), "manifest.json");
    expect(endpoint.loads).toEqual([
      { lora_name: `small-${id}-m1`, lora_path: weightsOf(1) },
      { lora_name: `small-${id}-m2`, lora_path: weightsOf(2) },
    ]);
    expect(new Set(sampled(endpoint).map(({ model }) => model))).toEqual(new Set(["base", `small-${id}-m1`]));
    expect(new Set(greedy(endpoint).map(({ model }) => model)).size).toBe(3);
    expect((await run({ improve, serve: { how: "vllm_lora" } })).code).toBe(0);
    expect(endpoint.loads).toHaveLength(2);
  });

  it("take the place of the old ones in SGLang, before anything is asked of them", async () => {
    const serve = { how: "sglang", base_path: "hub/base", admin: url.replace("/v1", "") };
    const { code, stderr } = await run({ improve, serve });
    expect(code, stderr).toBe(0);
    const paths = endpoint.loads.map(({ model_path: path }) => path);
    expect(paths).toEqual(["hub/base", weightsOf(1), weightsOf(2)]);
    const { iterations } = await readJson<Report>(out(), "report.json");
    expect(iterations.map(({ model }) => model)).toEqual(["base", "base", "base"]);
  });

  it.each([
    ["vllm_lora", { how: "vllm_lora" }],
    ["sglang", { how: "sglang", base_path: "hub/base" }],
  ])("that are not loaded stop the run with the server's words, and it goes on later (%s)", async (_, serve) => {
    endpoint.loadFault = "out of memory on rank 0";
    const stopped = await run({ improve, serve, iterations: 1 });
    expect(stopped).toMatchObject({ code: 2 });
    expect(stopped.stderr).toContain("out of memory on rank 0");
    endpoint.loadFault = null;
    expect((await run({ improve, serve, iterations: 1 })).code).toBe(0);
    expect(await readFile(join(out(), "iterations/1/jobs"), "utf8")).toBe("\n");
  });
});

describe("distillation", () => {
  it("has another model generate in each iteration, at an endpoint of its own; the student is trained and measured", async () => {
    const teacher = new FakeEndpoint();
    teacher.skills.set("big", 0.95);
    const to = { url: await teacher.start(), max_n: 4 };
    const { code, stderr } = await run({ generate: { teacher: { model: "big", endpoint: to } } });
    expect(code, stderr).toBe(0);
    expect(new Set(teacher.bodies.map(({ model }) => model))).toEqual(new Set(["big"]));
    expect(sampled(teacher)).toHaveLength(24);
    expect(sampled(endpoint)).toEqual([]);
    expect(endpoint.jobs.map(({ model }) => model)).toEqual(["base", "base"]);
    expect((await readRows("iterations/2/samples.jsonl.gz")).every(({ model }) => model === "big")).toBe(true);
    const { iterations } = await readJson<Report>(out(), "report.json");
    expect(iterations[2]).toMatchObject({ model: "ft:base:ftjob-2", generation: { model: "big" } });
    await teacher.stop();
  });
});

describe("human solutions", () => {
  const solve = (at: number) => [`print(${at + 501})`, `total = ${at + 501}\nprint(total)`, `print(int(${at + 501}))`];

  it("are learnt from as the set has them, at most the cap for each problem, without a sample drawn", async () => {
    const path = await writeRun(folder.path, url, {
      ...{ iterations: 1, improve: { data: "human" }, select: { max_per_problem: 2 } },
    });
    const problems = makeProblems("train", 6).trim().split("\n");
    const solved = problems.map((line, at) => ({
      ...(JSON.parse(line) as object),
      solutions: at === 5 ? [] : solve(at),
    }));
    await writeFile(join(folder.path, "train.jsonl"), solved.map((row) => JSON.stringify(row) + "\n").join(""));
    const { code, stderr } = await runSelftrain("run", path, "--out", out());
    expect(code, stderr).toBe(0);
    expect(sampled(endpoint)).toEqual([]);
    const rows = await readRows("iterations/1/train.jsonl.gz");
    expect(rows.map(({ task_id, sample, completion }) => [task_id, sample, completion])).toEqual(
      [0, 1, 2, 3, 4].flatMap((at) => [0, 1].map((sample) => [`train/${at}`, sample, solve(at)[sample]])),
    );
    expect([...endpoint.files.values()][0]?.rows).toHaveLength(10);
    expect(await readJson(out(), "iterations/1/job.json")).toMatchObject({ state: "succeeded", rows: 10 });
    const { iterations } = await readJson<Report>(out(), "report.json");
    expect(iterations[1]).toMatchObject({ generation: null, job: { rows: 10 } });
  });

  it("that no problem has stop the run, which says so", async () => {
    const { code, stderr } = await run({ iterations: 1, improve: { data: "human" } });
    expect(code).toBe(2);
    expect(stderr).toContain("no training problem has a solution of its own to learn from");
  });
});

describe("difficulty bins", () => {
  it("learn only from problems that the base model solves so often, in later iterations too", async () => {
    const { code, stderr } = await run({ select: { difficulty_bins: ["hard", "medium"] } });
    expect(code, stderr).toBe(0);
    const accepted = new Map<string, number>();
    for (const { task_id: id, verdict } of await readRows("iterations/1/verdicts.jsonl.gz")) {
      accepted.set(id, (accepted.get(id) ?? 0) + (verdict === "accepted" ? 1 : 0));
    }
    // Of 8 samples: hard from 25 %, medium from 50 %, easy from 75 %.
    const wanted = [...accepted].filter(([, count]) => count >= 2 && count < 6).map(([id]) => id);
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.length).toBeLessThan(accepted.size);
    const learnt = async (iteration: number) =>
      new Set((await readRows(`iterations/${iteration}/train.jsonl.gz`)).map(({ task_id: id }) => id));
    expect(await learnt(1)).toEqual(new Set(wanted));
    expect([...(await learnt(2))].every((id) => wanted.includes(id))).toBe(true);
  });
});
