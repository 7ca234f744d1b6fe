import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeEndpoint, type Mishap } from "./selftrain-endpoint.js";
import { runSelftrain } from "./selftrain-run.js";
import { readJson, readOutcome, writeRun } from "./selftrain-world.js";
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
const run = async (changes: Record<string, unknown> = {}) =>
  runSelftrain("run", await writeRun(folder.path, url, { iterations: 1, ...changes }), "--out", out());

async function undisturbed(): Promise<Record<string, unknown>> {
  const calm = new FakeEndpoint();
  const path = await writeRun(join(folder.path, "calm"), await calm.start(), { iterations: 1 });
  await runSelftrain("run", path, "--out", join(folder.path, "calm", "out"));
  await calm.stop();
  return readOutcome(join(folder.path, "calm", "out"));
}

describe("an endpoint that misbehaves", () => {
  it.each<Mishap>(["429", "500", "cut", "truncated", "fewer", "missing"])(
    "with %s now and then changes nothing",
    async (mishap) => {
      endpoint.mishap = (request) => (request % 3 === 1 ? mishap : null);
      const { code, stderr } = await run();
      expect(code, stderr).toBe(0);
      expect(await readOutcome(out())).toEqual(await undisturbed());
    },
  );

  it("with silence is asked again once timeout_seconds are over", async () => {
    endpoint.mishap = (request) => (request === 5 ? "silence" : null);
    const { code, stderr } = await run({ endpoint: { timeout_seconds: 0.3 } });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/POST http.*completions: no answer for 300 ms; trying again in/);
    expect(await readOutcome(out())).toEqual(await undisturbed());
  });

  it("is not asked by anybody before its Retry-After is over", async () => {
    endpoint.retryAfter = "1";
    endpoint.mishap = (request) => (request === 3 ? "429" : null);
    const { code, stderr } = await run();
    expect(code).toBe(0);
    expect(stderr).toMatch(/429 slow down; trying again in 1\.0 s/);
  });

  it.each<[Mishap, RegExp]>([
    ["quota", /quota is used up: raise it or wait, then run the same command again/],
    ["refused", /top_k is not supported\nChange what it does not like in the configuration/],
  ])("with %s stops the run at once with what to do, and keeps what was paid for", async (mishap, message) => {
    endpoint.mishap = (request) => (request >= 9 ? mishap : null);
    const stopped = await run();
    expect(stopped.code).toBe(2);
    expect(stopped.stderr).toMatch(message);
    endpoint.mishap = () => null;
    const { code, stderr } = await run();
    expect(code, stderr).toBe(0);
    expect([...endpoint.paid.values()].every((times) => times === 1)).toBe(true);
    expect(await readOutcome(out())).toEqual(await undisturbed());
  });

  it("that is down for longer than the patience allows stops the run, which goes on later", async () => {
    endpoint.mishap = (request) => (request >= 9 ? "500" : null);
    const impatient = { endpoint: { retry: { first_seconds: 0.01, most_seconds: 0.02, patience_minutes: 0.005 } } };
    const stopped = await run(impatient);
    expect(stopped.code).toBe(2);
    expect(stopped.stderr).toMatch(/out of memory\nTried for .* run the same command again; it goes on from here/);
    endpoint.mishap = () => null;
    expect((await run(impatient)).code).toBe(0);
    expect(await readOutcome(out())).toEqual(await undisturbed());
  });

  it("sees every parameter of sampling, with seeds that no two samples of a problem share", async () => {
    expect((await run()).code).toBe(0);
    const drawn = endpoint.bodies.filter(({ temperature }) => temperature === 0.7);
    expect(drawn).toHaveLength(12);
    for (const body of drawn) {
      expect(body).toMatchObject({ n: 4, top_k: 40, top_p: 1, repetition_penalty: 1, max_tokens: 32 });
    }
    const [first, second] = drawn.filter(({ prompt }) => prompt === "Print 1 + 500.").map(({ seed }) => Number(seed));
    expect(Math.abs((first ?? 0) - (second ?? 0))).toBe(4);
  });
});

describe("fine-tuning by the API", () => {
  it("goes on through statuses that nobody knows", async () => {
    endpoint.jobStatuses = ["validating_files", "paused", "warming_up", "succeeded"];
    const { code, stderr } = await run();
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("job ftjob-1 is warming_up");
  });

  it("whose answer is lost is looked for and not submitted again, on a server that heeds no keys", async () => {
    endpoint.remembers = false;
    endpoint.answersLost = 1;
    const uploaded = await run();
    expect(uploaded.code, uploaded.stderr).toBe(0);
    expect([endpoint.files.size, endpoint.jobs.length]).toEqual([1, 1]);
    // As if the process had been killed between the server's answer and its own record, and again while it asked.
    const iteration = join(out(), "iterations", "1");
    const job = await readJson<Record<string, unknown>>(iteration, "job.json");
    const unknown = { state: "submitting", job_id: null, model: null, submitted_at: null, finished_at: null };
    await writeFile(join(iteration, "job.json"), JSON.stringify({ ...job, ...unknown }));
    for (const step of ["improve", "serve", "evaluate"]) await rm(join(iteration, `${step}.done.json`));
    expect((await run()).code).toBe(0);
    expect(await readJson(iteration, "job.json")).toMatchObject({ job_id: "ftjob-1", attempt: 1 });
    expect(endpoint.jobs).toHaveLength(1);
  });

  it("that lost the answers to both its requests makes one file and one job", async () => {
    endpoint.remembers = false;
    endpoint.answersLost = 2;
    expect((await run()).code).toBe(0);
    expect([endpoint.files.size, endpoint.jobs.length]).toEqual([1, 1]);
  });

  it("that failed stops the run with the server's reason; running again submits another job on the same rows", async () => {
    endpoint.jobStatuses = ["queued", "failed"];
    const failed = await run();
    expect(failed.code).toBe(2);
    expect(failed.stderr).toMatch(/job ftjob-1 failed: row 3 is too long\nSee .*job\.json/);
    endpoint.jobStatuses = ["queued", "succeeded"];
    expect((await run()).code).toBe(0);
    expect(endpoint.jobs).toHaveLength(2);
    expect(await readJson(out(), "iterations/1/job.json")).toMatchObject({ attempt: 2, job_id: "ftjob-2" });
    expect(await readOutcome(out())).toEqual(await undisturbed());
  });

  it("that is cancelled stops the run", async () => {
    endpoint.jobStatuses = ["queued", "cancelled"];
    expect((await run()).stderr).toMatch(/job ftjob-1 was cancelled/);
  });

  it("that takes longer than it may is cancelled there", async () => {
    endpoint.jobStatuses = ["queued", ...Array<string>(1000).fill("running")];
    const { stderr } = await run({ improve: { driver: { kind: "openai", poll_seconds: 0.02, limit_hours: 0.00001 } } });
    expect(stderr).toMatch(/was cancelled: it took longer than limit_hours/);
    expect(endpoint.jobs[0]?.status).toBe("cancelled");
  });

  it.each(["base", "previous"])("starts from %s where init says so", async (init) => {
    const driver = { kind: "openai", poll_seconds: 0.02 };
    expect((await run({ iterations: 2, improve: { init, driver } })).code).toBe(0);
    expect(endpoint.jobs.map(({ model }) => model)).toEqual(["base", init === "base" ? "base" : "ft:base:ftjob-1"]);
  });
});

describe("a run", () => {
  it("with another configuration is refused with the difference, and goes on with another address", async () => {
    expect((await run()).code).toBe(0);
    const changed = await run({ generate: { temperature: 0.9 }, select: { max_per_problem: 3 } });
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain("generate.temperature: 0.7 -> 0.9");
    expect(changed.stderr).toContain("select.max_per_problem: 10 -> 3");
    const moved = await run({ endpoint: { concurrency: 2 } });
    expect(moved).toMatchObject({ code: 0 });
    expect(moved.stderr).toContain("endpoint.concurrency is 2 now");
  });

  it("keeps what came from the environment out of its folder and its messages", async () => {
    process.env.ASSAY_TEST_KEY = "sesame-open-9";
    endpoint.mishap = (request) => (request === 2 ? "refused" : null);
    const stopped = await run({ endpoint: { api_key: "${ASSAY_TEST_KEY}" } });
    delete process.env.ASSAY_TEST_KEY;
    expect(stopped.code).toBe(2);
    const manifest = await readFile(join(out(), "manifest.json"), "utf8");
    expect(manifest).toContain("${ASSAY_TEST_KEY}");
    expect(manifest + stopped.stderr).not.toContain("sesame");
  });

  it("stops early once validation does not rise, and names the best iteration", async () => {
    endpoint.skills.set("base", 1);
    const { code, stdout } = await run({ iterations: 5, early_stop: { patience: 1 } });
    expect(code).toBe(0);
    expect(endpoint.jobs).toHaveLength(1);
    expect(stdout).toMatch(/stopped early +pass@1 on validation has not risen above 100\.0 %/);
    expect(stdout).toMatch(/best +iteration 0, base/);
  });

  it("speaks chat, and writes chat rows to train on", async () => {
    const template = '- {role: system, content: Be brief.}\n- {role: user, content: "{{prompt}}"}\n';
    await folder.write(template, "prompt.yaml");
    const { code, stderr } = await run({ endpoint: { api: "chat" }, prompt: { template: "prompt.yaml" } });
    expect(code, stderr).toBe(0);
    const [line = ""] = (await readFile(join(out(), "iterations/1/dataset.jsonl"), "utf8")).split("\n");
    const { messages } = JSON.parse(line) as { messages: { role: string }[] };
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant"]);
  });

  it("--dry-run prints the plan, asks for nothing and leaves nothing", async () => {
    const path = await writeRun(folder.path, url);
    const { code, stdout } = await runSelftrain("run", path, "--out", out(), "--dry-run");
    expect(code).toBe(0);
    // 6 problems of 8 samples twice, and 14 greedy samples three times.
    expect(stdout).toMatch(/completions +138\b/);
    expect(stdout).toMatch(/requests +66\b/);
    expect(endpoint.requests).toBe(0);
  });

  it("status and report say how far it is", async () => {
    endpoint.jobStatuses = ["queued", "failed"];
    await run();
    const path = join(folder.path, "run.yaml");
    const status = await runSelftrain("status", path, "--out", out());
    expect(status.stdout).toMatch(/state +stopped/);
    expect(status.stdout).toMatch(/1 +generate select +ftjob-1: failed/);
    const report = await runSelftrain("report", path, "--out", out(), "--json");
    expect(JSON.parse(report.stdout)).toMatchObject({
      state: "going_on",
      iterations: [{ iteration: 0, test: { problems: 4 } }],
    });
  });
});
