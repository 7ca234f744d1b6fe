import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request of the fake endpoint may meet instead of an answer. */
export type Mishap = "429" | "500" | "cut" | "truncated" | "fewer" | "silence" | "missing" | "quota" | "refused";

interface FakeJob {
  id: string;
  status: string;
  model: string;
  training_file: string;
  metadata: Record<string, string>;
  fine_tuned_model: string | null;
  error: { code: string; message: string } | null;
  /** Statuses to come, one for each time that somebody asks. */
  readonly ahead: string[];
}

/**
 * An endpoint that speaks completions, files and fine-tuning jobs. Its models are right with a chance that depends on
 * what they were trained on; what they say depends on model, prompt, parameters and seed alone. It remembers answers by
 * `Idempotency-Key`, and counts what it was asked to pay for.
 */
export class FakeEndpoint {
  /** Chance of being right, by model. */
  readonly skills = new Map([["base", 0.3]]);
  readonly jobs: FakeJob[] = [];
  readonly files = new Map<string, { filename: string; rows: Record<string, unknown>[] }>();
  /** Completions drawn, by what was asked: model, prompt and seed of each. */
  readonly paid = new Map<string, number>();
  readonly bodies: Record<string, unknown>[] = [];
  readonly keys: string[] = [];
  /** Decides what happens to a completion request, by its number from 0. */
  mishap: (request: number) => Mishap | null = () => null;
  /** Statuses that a job goes through. */
  jobStatuses = ["validating_files", "queued", "running", "succeeded"];
  /** False: a server that has never heard of idempotency keys. */
  remembers = true;
  /** So many uploads and jobs are made, and the connection is cut before anybody hears of it. */
  answersLost = 0;
  retryAfter = "0.05";
  /** Bodies of requests to load an adapter (vLLM) or weights (SGLang). */
  readonly loads: Record<string, string>[] = [];
  /** Said by a server that does not load what it is told to. */
  loadFault: string | null = null;
  #requests = 0;
  readonly #answers = new Map<string, string>();
  readonly #server = createServer((request, response) => {
    void this.#serve(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get requests(): number {
    return this.#requests;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://fake");
    const key = request.headers["idempotency-key"];
    const send = (value: unknown, status = 200): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    const once = (make: () => unknown): void => {
      const known = typeof key === "string" && this.remembers ? this.#answers.get(key) : undefined;
      const text = known ?? JSON.stringify(make());
      if (typeof key === "string") this.#answers.set(key, text);
      if (!pathname.includes("completions") && this.answersLost-- > 0) {
        response.socket?.destroy();
        return;
      }
      response.writeHead(200, { "content-type": "application/json" }).end(text);
    };
    const page = (all: readonly { readonly id: string }[]): void => {
      const after = searchParams.get("after");
      const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
      // Small pages, so that whoever looks for something has to turn them.
      const data = all.slice(from, from + 2);
      send({ object: "list", data, has_more: from + data.length < all.length });
    };

    if (pathname === "/v1/models") {
      send({ data: [...this.skills.keys()].map((id) => ({ id })) });
      return;
    }
    if (pathname === "/v1/unload_lora_adapter") {
      this.skills.delete((JSON.parse(body.toString()) as { lora_name: string }).lora_name);
      send("Success: LoRA adapter removed successfully.");
      return;
    }
    if (pathname === "/v1/load_lora_adapter" || pathname === "/update_weights_from_disk") {
      this.#load(JSON.parse(body.toString()) as Record<string, string>, send);
      return;
    }
    if (pathname === "/v1/completions" || pathname === "/v1/chat/completions") {
      this.#complete(JSON.parse(body.toString()) as Record<string, unknown>, { response, send, once, key });
      return;
    }
    if (pathname === "/v1/files" && request.method === "GET") {
      page([...this.files].map(([id, { filename }]) => ({ id, filename, object: "file" })));
      return;
    }
    if (pathname === "/v1/files") {
      once(() => this.#upload(body.toString()));
      return;
    }
    if (pathname === "/v1/fine_tuning/jobs" && request.method === "GET") {
      page(this.jobs);
      return;
    }
    if (pathname === "/v1/fine_tuning/jobs") {
      once(() => this.#createJob(JSON.parse(body.toString()) as Record<string, unknown>));
      return;
    }
    const job = this.jobs.find(({ id }) => pathname.startsWith(`/v1/fine_tuning/jobs/${id}`));
    if (job === undefined) {
      send({ error: { message: "no such thing", code: "not_found" } }, 404);
      return;
    }
    if (pathname.endsWith("/cancel")) job.status = "cancelled";
    else this.#advance(job);
    send(job);
  }

  /** As vLLM and SGLang answer, in the words of each. */
  #load(body: Record<string, string>, send: (value: unknown, status?: number) => void): void {
    this.loads.push(body);
    const { lora_name: name, lora_path: path, model_path: weights } = body;
    const refuse = (message: string): void =>
      send(name === undefined ? { success: false, message } : { error: { message, type: "BadRequestError" } }, 400);
    if (this.loadFault !== null) refuse(this.loadFault);
    else if (name !== undefined && this.skills.has(name)) {
      refuse(`The lora adapter '${name}' has already been loaded.`);
    } else {
      // A path that is nobody's model is the base model's.
      this.skills.set(name ?? "base", this.skills.get(path ?? weights ?? "") ?? 0.3);
      send(name === undefined ? { success: true, message: "" } : "Success: LoRA adapter added successfully.");
    }
  }

  #upload(body: string): unknown {
    const filename = /filename="([^"]+)"/.exec(body)?.[1] ?? "";
    const lines = body.split(/\r?\n/).filter((line) => line.startsWith("{"));
    const id = `file-${this.files.size + 1}`;
    this.files.set(id, { filename, rows: lines.map((line) => JSON.parse(line) as Record<string, unknown>) });
    return { id, object: "file", filename, purpose: "fine-tune", status: "uploaded" };
  }

  #createJob(body: Record<string, unknown>): FakeJob {
    this.bodies.push(body);
    const [first = "queued", ...ahead] = this.jobStatuses;
    const job: FakeJob = {
      ...{ id: `ftjob-${this.jobs.length + 1}`, status: first, ahead, fine_tuned_model: null, error: null },
      model: String(body.model),
      training_file: String(body.training_file),
      metadata: (body.metadata ?? {}) as Record<string, string>,
    };
    this.jobs.push(job);
    return job;
  }

  #advance(job: FakeJob): void {
    job.status = job.ahead.shift() ?? job.status;
    if (job.status === "failed") job.error = { code: "bad_data", message: "row 3 is too long" };
    if (job.status !== "succeeded" || job.fine_tuned_model !== null) return;
    const rows = this.files.get(job.training_file)?.rows ?? [];
    job.fine_tuned_model = `ft:${job.model}:${job.id}`;
    const prompts = new Set(rows.map((row) => JSON.stringify(row.prompt ?? row.messages)));
    this.skills.set(job.fine_tuned_model, 0.3 + 0.02 * prompts.size);
  }

  #complete(
    body: Record<string, unknown>,
    { response, send, once, key }: Answering & { key: string | string[] | undefined },
  ): void {
    const number = this.#requests++;
    this.bodies.push(body);
    if (typeof key === "string") this.keys.push(key);
    const mishap = this.mishap(number);
    const model = String(body.model);
    const chat = Array.isArray(body.messages);
    switch (mishap) {
      case "429":
        response.setHeader("retry-after", this.retryAfter);
        {
          send({ error: { message: "slow down", code: "rate_limit_exceeded" } }, 429);
          return;
        }
      case "quota": {
        send({ error: { message: "You exceeded your current quota", code: "insufficient_quota" } }, 429);
        return;
      }
      case "refused": {
        send({ error: { message: "top_k is not supported", code: "unsupported_parameter" } }, 400);
        return;
      }
      case "500": {
        send({ error: { message: "out of memory" } }, 500);
        return;
      }
      case "silence":
        return;
      case "cut":
        response.socket?.destroy();
        return;
      case "missing": {
        send({ error: { message: `The model ${model} does not exist.`, code: "model_not_found" } }, 404);
        return;
      }
      default:
    }
    const skill = this.skills.get(model);
    if (skill === undefined) {
      send({ error: { message: `model ${model} not found` } }, 404);
      return;
    }
    const asked = Number(body.n);
    const n = mishap === "fewer" ? Math.ceil(asked / 3) : asked;
    const make = (): unknown => this.#draw(body, { n, skill, chat });
    if (mishap === "truncated") {
      response.writeHead(200).end(JSON.stringify(make()).slice(0, 40));
      return;
    }
    once(make);
  }

  #draw(body: Record<string, unknown>, { n, skill, chat }: { n: number; skill: number; chat: boolean }): unknown {
    const prompt = JSON.stringify(body.messages ?? body.prompt);
    const texts = Array.from({ length: n }, (_, at) => {
      const seed = Number(body.seed) + at;
      const name = JSON.stringify([body.model, prompt, body.temperature, seed]);
      this.paid.set(name, (this.paid.get(name) ?? 0) + 1);
      return write(prompt, Number(body.temperature) === 0 ? 0 : seed, skill);
    });
    return {
      choices: texts.map((text, index) => ({
        ...(chat ? { message: { role: "assistant", content: text } } : { text }),
        ...{ index, finish_reason: "stop" },
      })),
      usage: { prompt_tokens: 10, completion_tokens: 5 * n },
    };
  }
}

interface Answering {
  readonly response: ServerResponse;
  readonly send: (value: unknown, status?: number) => void;
  readonly once: (make: () => unknown) => void;
}

/** A program for `Print A + B.`: right with the chance `skill`, in one of a few wordings. */
function write(prompt: string, seed: number, skill: number): string {
  const draw = (what: string): number =>
    createHash("sha256")
      .update(JSON.stringify([what, prompt, seed]))
      .digest()
      .readUInt32BE(0) /
    2 ** 32;
  const [, a = "0", b = "0"] = /Print (\d+) \+ (\d+)/.exec(prompt) ?? [];
  const wording = Math.floor(draw("wording") * 3);
  if (draw("right") >= skill) return `print(${Number(a) + Number(b) + 1 + wording})`;
  return [`print(${a} + ${b})`, `print(${a} + ${b})  # the sum`, `value = ${a} + ${b}\nprint(value)`][wording] ?? "";
}
