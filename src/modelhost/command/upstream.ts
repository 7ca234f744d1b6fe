import { setTimeout } from "node:timers/promises";

import { Agent, request, type Dispatcher } from "undici";
import { JobError } from "../contract.js";
import type { CommandConfig } from "./config.js";

const POLL_MS = 1000;
/** For a question that needs no computing, milliseconds. */
const SHORT_MS = 10_000;

type Answer = Dispatcher.ResponseData;

/** The inference server: asked as a client, and told of new weights. */
export class Upstream {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #readyMs: number;
  readonly #agent: Agent;

  constructor({ url, api_key: key, answer_minutes, ready_minutes }: CommandConfig["upstream"]) {
    this.#url = url.replace(/\/+$/, "");
    this.#headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    this.#readyMs = ready_minutes * 60_000;
    const wait = answer_minutes * 60_000;
    this.#agent = new Agent({ headersTimeout: wait, bodyTimeout: wait });
  }

  /** Sends a request on; the answer is not read yet. `path` is below the address with `/v1`. */
  async forward(path: string, body: object, signal?: AbortSignal): Promise<Answer> {
    return request(`${this.#url}${path}`, {
      method: "POST",
      headers: { ...this.#headers, "content-type": "application/json" },
      body: JSON.stringify(body),
      dispatcher: this.#agent,
      signal: signal ?? null,
    });
  }

  /** POST to the server itself. `path` is below its root. @throws JobError unless it agrees */
  async tell(path: string, body: object, signal: AbortSignal): Promise<void> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#readyMs)]);
    let status: number;
    let text: string;
    try {
      const root = this.#url.replace(/\/v1$/, "");
      const answer = await request(`${root}${path}`, {
        method: "POST",
        headers: { ...this.#headers, "content-type": "application/json" },
        body: JSON.stringify(body),
        dispatcher: this.#agent,
        signal: within,
      });
      status = answer.statusCode;
      text = (await answer.body.text()).slice(0, 500);
    } catch (error) {
      signal.throwIfAborted();
      throw new JobError(`the inference server did not answer ${path}: ${messageOf(error)}`, "upstream_failed");
    }
    if (status !== 200)
      throw new JobError(`the inference server refused ${path} (${status}): ${text}`, "upstream_failed");
  }

  /** Waits until the server lists the model. @throws JobError when that takes too long */
  async awaitModel(name: string, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + this.#readyMs;
    for (;;) {
      if (await this.#lists(name, signal)) return;
      if (performance.now() > deadline) {
        throw new JobError(
          `the inference server does not serve ${name} after ${this.#readyMs / 60_000} minutes`,
          "upstream_failed",
        );
      }
      await setTimeout(POLL_MS, undefined, { signal });
    }
  }

  async #lists(name: string, signal: AbortSignal): Promise<boolean> {
    try {
      const answer = await request(`${this.#url}/models`, {
        headers: this.#headers,
        signal: AbortSignal.any([signal, AbortSignal.timeout(SHORT_MS)]),
      });
      const models = (await answer.body.json()) as { data?: { id?: unknown }[] };
      return answer.statusCode === 200 && models.data?.some(({ id }) => id === name) === true;
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
