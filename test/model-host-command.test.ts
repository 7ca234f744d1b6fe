import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";
import { describe, expect, it, onTestFinished } from "vitest";
import { CommandBackend } from "../src/modelhost/command/backend.js";
import { commandConfig } from "../src/modelhost/command/config.js";
import { startHost, temporaryFolder } from "./model-host.js";
import { listProcesses } from "./processes.js";
import { FakeEndpoint } from "./selftrain-endpoint.js";

const ROWS = [{ prompt: "Print 1 + 2.", completion: "print(1 + 2)" }];
const HOUR_SECONDS = 3600;

/** Stands for a trainer: what it does is said by the job's suffix. */
const TRAINER = `
mode=$1; data=$2; output=$3; init=$4
case $mode in
  ok) echo '{"step": 1, "loss": 0.5}'; echo not json; echo '{"trained_tokens": 42}'; cp "$data" "$output/weights"; echo "$init" >"$output/init" ;;
  fails) echo "step 3"; echo "CUDA out of memory" >&2; exit 7 ;;
  nothing) ;;
  hangs) sleep 1000 & echo $! >"$output/../child"; echo '{"step": 0, "loss": 1}'; wait ;;
  pair)
    mkdir -p "$output/../../started"; touch "$output/../../started/$CUDA_VISIBLE_DEVICES"
    for i in $(seq 200); do [ "$(ls "$output/../../started" | wc -l)" = 2 ] && break; sleep 0.05; done
    ls "$output/../../started" >"$output/seen" ;;
esac`;

async function startAll(changes: { trainer?: object; weights?: object } = {}) {
  const folder = await temporaryFolder();
  const upstream = new FakeEndpoint();
  const url = await upstream.start();
  onTestFinished(() => upstream.stop());
  const script = join(folder, "trainer.sh");
  await writeFile(script, TRAINER);
  const command = ["sh", script, "{{suffix}}", "{{training_file}}", "{{output}}", "{{init}}"];
  const config = commandConfig.parse({
    upstream: { url },
    models: { base: { path: "hub/base" } },
    trainer: { command, expect: ["weights"], ...changes.trainer },
    weights: changes.weights ?? { how: "vllm_lora" },
  });
  const start = () => startHost(folder, new CommandBackend(config));
  const host = await start();
  return { folder, upstream, host, start, client: clientOf(host.url) };
}

function clientOf(url: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
}

async function submit(client: OpenAI, suffix: string, model = "base") {
  const text = ROWS.map((row) => JSON.stringify(row)).join("\n");
  const file = await client.files.create({ file: await toFile(Buffer.from(text), "rows.jsonl"), purpose: "fine-tune" });
  return client.fineTuning.jobs.create({ model, training_file: file.id, suffix });
}

async function awaitJob(client: OpenAI, id: string) {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id);
    if (["succeeded", "failed", "cancelled"].includes(job.status)) return job;
  }
}

const train = async (client: OpenAI, suffix: string, model?: string) =>
  awaitJob(client, (await submit(client, suffix, model)).id);

const complete = (client: OpenAI, model: string, key = "") =>
  client.completions.create(
    { model, prompt: "Print 1 + 2.", seed: 1, n: 1, temperature: 0, max_tokens: 9, ...{ top_k: 7 } },
    key === "" ? {} : { headers: { "Idempotency-Key": key } },
  );

describe("a trainer command of the model host", () => {
  it("trains a model, which answers by its name; the next one begins from its weights", async () => {
    const { client, folder, upstream } = await startAll();
    const job = await train(client, "ok");
    expect(job).toMatchObject({ status: "succeeded", trained_tokens: 42, error: null });
    const name = job.fine_tuned_model ?? "";
    const weights = join(folder, "jobs", job.id, "model");
    expect(upstream.loads).toEqual([{ lora_name: name, lora_path: weights }]);
    expect(JSON.parse(await readFile(join(weights, "weights"), "utf8"))).toEqual(ROWS[0]);
    expect(await readFile(join(weights, "init"), "utf8")).toBe("hub/base\n");
    const events = (await client.fineTuning.jobs.listEvents(job.id)).data;
    expect(events.find(({ type }) => type === "metrics")?.data).toMatchObject({ step: 1, train_loss: 0.5 });
    expect(await readFile(join(folder, "jobs", job.id, "trainer.log"), "utf8")).toContain("not json");

    expect((await complete(client, name)).choices).toHaveLength(1);
    expect(upstream.bodies.at(-1)).toMatchObject({ model: name, top_k: 7, max_tokens: 9 });
    const next = await train(client, "ok", name);
    expect(await readFile(join(folder, "jobs", next.id, "model/init"), "utf8")).toBe(`${weights}\n`);
  });

  it.each([
    ["fails", /exit code 7\nstep 3\nCUDA out of memory/],
    ["nothing", /left nothing in \{\{output\}\}/],
  ])("that %s fails the job and says why; no weights are handed over", async (suffix, message) => {
    const { client, upstream } = await startAll();
    const job = await train(client, suffix);
    expect(job.status).toBe("failed");
    expect(job.error?.message).toMatch(message);
    expect(upstream.loads).toEqual([]);
    expect((await train(client, "ok")).status).toBe("succeeded");
  });

  it("that cannot be started, or leaves out what it should leave, fails the job", async () => {
    const missing = await startAll({ trainer: { command: ["no-such-trainer"] } });
    expect((await train(missing.client, "ok")).error?.message).toMatch(/no-such-trainer/);
    const partial = await startAll({ trainer: { expect: ["adapter_config.json"] } });
    expect((await train(partial.client, "ok")).error?.message).toMatch(/left no adapter_config.json/);
  });

  it("that takes longer than it may is ended with all its processes", async () => {
    const { client, folder } = await startAll({ trainer: { limit_hours: 0.5 / HOUR_SECONDS } });
    const job = await train(client, "hangs");
    expect(job).toMatchObject({ status: "failed", error: { code: "time_limit" } });
    expect(job.error?.message).toMatch(/took longer than 0.5 s/);
    expect(await isChildAlive(folder, job.id)).toBe(false);
  });

  it("is ended with all its processes when the job is cancelled", async () => {
    const { client, folder, upstream } = await startAll();
    const { id } = await submit(client, "hangs");
    while (!(await client.fineTuning.jobs.listEvents(id)).data.some(({ type }) => type === "metrics"));
    expect((await client.fineTuning.jobs.cancel(id)).status).toBe("cancelled");
    // The next job is begun once the one before has ended.
    expect((await train(client, "ok")).status).toBe("succeeded");
    expect(await isChildAlive(folder, id)).toBe(false);
    expect(await client.fineTuning.jobs.retrieve(id)).toMatchObject({ status: "cancelled", fine_tuned_model: null });
    expect(upstream.loads).toHaveLength(1);
  });

  it("runs on each GPU at the same time, with a GPU of its own", async () => {
    const { client, folder } = await startAll({ trainer: { gpus: ["3", "5"], expect: [] } });
    const [one, other] = [await submit(client, "pair"), await submit(client, "pair")];
    for (const { id } of [one, other]) {
      expect((await awaitJob(client, id)).status).toBe("succeeded");
      expect(await readFile(join(folder, "jobs", id, "model/seen"), "utf8")).toBe("3\n5\n");
    }
  });
});

describe("weights of the model host", () => {
  it("that the server does not load fail the job with the server's words", async () => {
    const { client, upstream } = await startAll();
    upstream.loadFault = "rank 256 is greater than max_lora_rank 16";
    const job = await train(client, "ok");
    expect(job).toMatchObject({ status: "failed", error: { code: "upstream_failed" } });
    expect(job.error?.message).toContain("max_lora_rank");
  });

  it("are loaded again into vLLM when it was started again, and anew when the host was", async () => {
    const { client, upstream, host, start } = await startAll();
    const { fine_tuned_model: name } = await train(client, "ok");
    upstream.skills.delete(name ?? "");
    expect((await complete(client, name ?? "")).choices).toHaveLength(1);
    expect(upstream.loads).toHaveLength(2);

    await host.stop();
    const again = await start();
    expect((await complete(clientOf(again.url), name ?? "")).choices).toHaveLength(1);
    expect(upstream.loads).toHaveLength(4);
  });

  it("take turns in SGLang, which has one model at a time", async () => {
    const { client, folder, upstream } = await startAll({ weights: { how: "sglang", served_as: "base" } });
    const job = await train(client, "ok");
    const [tuned, weights] = [job.fine_tuned_model ?? "", join(folder, "jobs", job.id, "model")];
    // All at once: neither model answers for the other.
    await Promise.all([tuned, tuned, "base", "base", tuned].map((model) => complete(client, model)));
    const order = upstream.loads.map(({ model_path: path }) => path);
    expect(new Set(order)).toEqual(new Set([weights, "hub/base"]));
    expect(order.every((path, at) => path !== order[at - 1])).toBe(true);
    expect(upstream.bodies.every(({ model }) => model === "base")).toBe(true);
  });

  it("are served by a command that may start the server again", async () => {
    const served = join(await temporaryFolder(), "served");
    const weights = { how: "command", command: ["sh", "-c", `echo "$0 $1" >>${served}`, "{{path}}", "{{model}}"] };
    const { client, folder } = await startAll({ weights: { ...weights, served_as: "base" } });
    const job = await train(client, "ok");
    expect(job).toMatchObject({ status: "succeeded" });
    expect(await readFile(served, "utf8")).toBe(
      `${join(folder, "jobs", job.id, "model")} ${job.fine_tuned_model ?? ""}\n`,
    );
  });
});

describe("completions that the model host passes on", () => {
  it("are paid for once under one Idempotency-Key", async () => {
    const { client, upstream } = await startAll();
    const [one, other] = await Promise.all([complete(client, "base", "k"), complete(client, "base", "k")]);
    expect(other).toEqual(one);
    expect(upstream.requests).toBe(1);
  });

  it("keep the server's refusals, which are not remembered", async () => {
    const { client, upstream } = await startAll();
    upstream.retryAfter = "7";
    upstream.mishap = (request) => (request === 0 ? "429" : null);
    const refused = await complete(client, "base", "k").catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 429 });
    expect((refused as InstanceType<typeof OpenAI.APIError>).headers?.get("retry-after")).toBe("7");
    expect((await complete(client, "base", "k")).choices).toHaveLength(1);
  });

  it("say so when the server is not there", async () => {
    const { client, upstream } = await startAll();
    await upstream.stop();
    await expect(complete(client, "base")).rejects.toMatchObject({ status: 502 });
  });
});

/** A process that was killed may take a moment to be gone. */
async function isChildAlive(folder: string, job: string): Promise<boolean> {
  const child = Number(await readFile(join(folder, "jobs", job, "child"), "utf8"));
  const isThere = () => listProcesses().some(({ pid }) => pid === child);
  for (let tries = 0; isThere() && tries < 100; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  return isThere();
}
