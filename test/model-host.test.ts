import { createHash } from "node:crypto";

import OpenAI, { toFile } from "openai";
import { describe, expect, it } from "vitest";
import { startHost, startTiny, temporaryFolder } from "./model-host.js";

const PROMPT = "Write solve(xs), which does this with a list of whole numbers:\n- return the sum\n";
const ROWS = Array.from({ length: 30 }, () => ({ prompt: PROMPT, completion: "def solve(xs):\n    return sum(xs)\n" }));

function clientOf(url: string, apiKey = "none"): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

async function upload(client: OpenAI, rows: readonly unknown[] | string, headers: Record<string, string> = {}) {
  const text = typeof rows === "string" ? rows : rows.map((row) => JSON.stringify(row)).join("\n");
  const file = await toFile(Buffer.from(text), "rows.jsonl");
  return client.files.create({ file, purpose: "fine-tune" }, { headers });
}

/** Asks until the job is over. */
async function awaitJob(client: OpenAI, id: string) {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id);
    if (["succeeded", "failed", "cancelled"].includes(job.status)) return job;
  }
}

describe("the model host answers the openai client", () => {
  it("through files, a fine-tuning job, and completions of the new model", async () => {
    const folder = await temporaryFolder();
    const { url } = await startHost(folder, await startTiny(folder));
    const client = clientOf(url);
    const file = await upload(client, ROWS);
    expect(await client.files.retrieve(file.id)).toEqual(file);
    expect(await (await client.files.content(file.id)).text()).toBe(ROWS.map((row) => JSON.stringify(row)).join("\n"));
    expect((await client.files.list({ purpose: "fine-tune" })).data.map(({ id }) => id)).toEqual([file.id]);

    const created = await client.fineTuning.jobs.create({
      model: "tiny",
      training_file: file.id,
      seed: 7,
      suffix: "sums",
      metadata: { run: "a" },
      method: { type: "supervised", supervised: { hyperparameters: { n_epochs: 3 } } },
    });
    expect(created).toMatchObject({ object: "fine_tuning.job", model: "tiny", seed: 7, fine_tuned_model: null });
    const job = await awaitJob(client, created.id);
    expect(job).toMatchObject({ status: "succeeded", error: null, metadata: { run: "a" } });
    expect(job.fine_tuned_model).toMatch(/^ft:tiny:assay:sums:[0-9a-f]{8}$/);
    expect(job.trained_tokens).toBeGreaterThan(3 * 30 * 10);

    const events = await client.fineTuning.jobs.listEvents(job.id);
    expect(events.data[0]?.message).toBe("The job has successfully completed");
    expect(events.data.some(({ type, data }) => type === "metrics" && typeof data === "object")).toBe(true);
    const checkpoints = await client.fineTuning.jobs.checkpoints.list(job.id);
    expect(checkpoints.data).toMatchObject([{ fine_tuned_model_checkpoint: job.fine_tuned_model, step_number: 90 }]);
    const listed: string[] = [];
    for await (const model of client.models.list()) listed.push(model.id);
    expect(listed).toEqual(["tiny", job.fine_tuned_model]);

    const model = job.fine_tuned_model ?? "";
    const answer = await client.completions.create({ model, prompt: PROMPT, temperature: 0, max_tokens: 64 });
    expect(answer.choices[0]).toMatchObject({ text: ROWS[0]?.completion, finish_reason: "stop", index: 0 });
    expect(answer.usage?.completion_tokens).toBeGreaterThan(10);
    const messages = [{ role: "user" as const, content: PROMPT }];
    const chat = await client.chat.completions.create({ model, messages, temperature: 0 });
    expect(chat.choices[0]?.message.content).toBe(ROWS[0]?.completion);
  });

  it("streams what it would answer whole", async () => {
    const folder = await temporaryFolder();
    const { url } = await startHost(folder, await startTiny(folder));
    const client = clientOf(url);
    const ask = { model: "tiny", prompt: PROMPT, max_tokens: 40, seed: 3, n: 2, stop: ["sum", "("] };
    const whole = await client.completions.create(ask);
    const texts = ["", ""];
    for await (const part of await client.completions.create({ ...ask, stream: true })) {
      const { index, text } = part.choices[0] ?? { index: 0, text: "" };
      texts[index] = (texts[index] ?? "") + text;
    }
    expect(texts).toEqual(whole.choices.map(({ text }) => text));
    const messages = [{ role: "user" as const, content: PROMPT }];
    let content = "";
    for await (const part of await client.chat.completions.create({
      model: "tiny",
      messages,
      temperature: 0,
      stream: true,
    }))
      content += part.choices[0]?.delta.content ?? "";
    const chat = await client.chat.completions.create({ model: "tiny", messages, temperature: 0 });
    expect(content).toBe(chat.choices[0]?.message.content);
  });

  it("draws each sample by its own seed, however requests are split", async () => {
    const folder = await temporaryFolder();
    const { url } = await startHost(folder, await startTiny(folder));
    const client = clientOf(url);
    const draw = async (n: number, seed: number) => {
      const { choices } = await client.completions.create({ model: "tiny", prompt: PROMPT, max_tokens: 40, n, seed });
      return choices.map(({ text }) => text);
    };
    const together = await draw(6, 100);
    expect([...(await draw(2, 100)), ...(await draw(4, 102))]).toEqual(together);
    expect(new Set(together).size).toBeGreaterThan(1);
  });
});

describe("a job", () => {
  it("fails for rows that cannot be used, and says which", async () => {
    const folder = await temporaryFolder();
    const { url } = await startHost(folder, await startTiny(folder));
    const client = clientOf(url);
    const file = await upload(client, '{"prompt": "a", "completion": "b"}\n{"prompt": "a"}\n');
    const job = await awaitJob(
      client,
      (await client.fineTuning.jobs.create({ model: "tiny", training_file: file.id })).id,
    );
    expect(job.status).toBe("failed");
    expect(job.error).toMatchObject({ code: "invalid_training_file", param: "training_file" });
    expect(job.error?.message).toMatch(/^line 2: expected/);
  });

  it("that is cancelled makes no model, and cannot be cancelled again", async () => {
    const folder = await temporaryFolder();
    const { url } = await startHost(folder, await startTiny(folder));
    const client = clientOf(url);
    const file = await upload(client, ROWS);
    const long = { type: "supervised" as const, supervised: { hyperparameters: { n_epochs: 100 } } };
    const { id } = await client.fineTuning.jobs.create({ model: "tiny", training_file: file.id, method: long });
    expect((await client.fineTuning.jobs.cancel(id)).status).toBe("cancelled");
    await expect(client.fineTuning.jobs.cancel(id)).rejects.toMatchObject({ status: 400 });
    // The next job runs only once the cancelled one has stopped.
    const next = await client.fineTuning.jobs.create({ model: "tiny", training_file: file.id });
    expect((await awaitJob(client, next.id)).status).toBe("succeeded");
    expect(await client.fineTuning.jobs.retrieve(id)).toMatchObject({ status: "cancelled", fine_tuned_model: null });
  });

  it("goes on after the host was stopped, and the files and models are still there", async () => {
    const folder = await temporaryFolder();
    const first = await startHost(folder, await startTiny(folder));
    const file = await upload(clientOf(first.url), ROWS);
    const done = await clientOf(first.url).fineTuning.jobs.create({ model: "tiny", training_file: file.id });
    const { fine_tuned_model: model } = await awaitJob(clientOf(first.url), done.id);
    const { id } = await clientOf(first.url).fineTuning.jobs.create({ model: model ?? "", training_file: file.id });
    await first.stop();
    const second = clientOf((await startHost(folder, await startTiny(folder))).url);
    expect((await awaitJob(second, id)).status).toBe("succeeded");
    const answer = await second.completions.create({
      model: model ?? "",
      prompt: PROMPT,
      temperature: 0,
      max_tokens: 64,
    });
    expect(answer.choices[0]?.text).toBe(ROWS[0]?.completion);
    const jobs = await second.fineTuning.jobs.list({ limit: 1 });
    expect(jobs.data.length).toBe(1);
    expect(jobs.hasNextPage()).toBe(true);
  });
});

describe("an Idempotency-Key", () => {
  it("has files, jobs and completions made once", async () => {
    const folder = await temporaryFolder();
    const { url, store } = await startHost(folder, await startTiny(folder));
    const client = clientOf(url);
    const headers = { "idempotency-key": "one" };
    const files = await Promise.all([upload(client, ROWS, headers), upload(client, ROWS, headers)]);
    expect((await upload(client, ROWS, headers)).id).toBe(files[1].id);
    await expect(upload(client, ROWS.slice(1), headers)).rejects.toMatchObject({ status: 400 });
    const body = { model: "tiny", training_file: files[0].id };
    const jobs = await Promise.all([0, 1].map(() => client.fineTuning.jobs.create(body, { headers })));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    expect([store.files.size, store.jobs.size]).toEqual([1, 1]);
    const ask = { model: "tiny", prompt: PROMPT, max_tokens: 20 };
    const answers = await Promise.all([0, 1].map(() => client.completions.create(ask, { headers })));
    expect(answers[1]).toEqual(answers[0]);
    await expect(client.completions.create({ ...ask, n: 2 }, { headers })).rejects.toMatchObject({ status: 400 });
  });
});

describe("what cannot be answered", () => {
  it("is refused in the published words", async () => {
    const folder = await temporaryFolder();
    const { url } = await startHost(folder, await startTiny(folder));
    const client = clientOf(url);
    const refused = (promise: Promise<unknown>) =>
      promise.then(
        () => null,
        (error: unknown) => error,
      );
    expect(await refused(client.completions.create({ model: "huge", prompt: "a" }))).toMatchObject({
      status: 404,
      code: "model_not_found",
      type: "invalid_request_error",
    });
    expect(await refused(client.fineTuning.jobs.retrieve("ftjob-none"))).toMatchObject({ status: 404 });
    expect(await refused(client.fineTuning.jobs.create({ model: "tiny", training_file: "file-none" }))).toMatchObject({
      status: 400,
      param: "training_file",
    });
    const bad = { model: "tiny", prompt: "a", temperature: -1 };
    expect(await refused(client.completions.create(bad))).toMatchObject({ status: 400, param: "temperature" });
    const nothing = await fetch(`${url}/v1/nothing`);
    expect([nothing.status, await nothing.json()]).toMatchObject([404, { error: { type: "invalid_request_error" } }]);
  });

  it("is refused without a token where tokens are asked for", async () => {
    const folder = await temporaryFolder();
    const tokens = new Map([["me", createHash("sha256").update("a-long-enough-token").digest()]]);
    const { url } = await startHost(folder, await startTiny(folder), tokens);
    await expect(clientOf(url).models.list()).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
    const listed = await clientOf(url, "a-long-enough-token").models.list();
    expect(listed.data.map(({ id }) => id)).toEqual(["tiny"]);
  });
});
