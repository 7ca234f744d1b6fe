import { join } from "node:path";

import { JobError, type ModelEntry } from "../contract.js";
import { fillIn, type CommandConfig } from "./config.js";
import { runCommand } from "./process.js";
import type { Upstream } from "./upstream.js";

/** Brings models onto the inference server. */
export class Weights {
  readonly #config: CommandConfig;
  readonly #upstream: Upstream;
  /** Adapters that the server was given since this host started. */
  readonly #adapters = new Set<string>();
  /** The one model that the server has, where it has one at a time; null: not known. */
  #current: string | null = null;
  #users = 0;
  #idle: (() => void) | null = null;
  /** Changes of weights, one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(config: CommandConfig, upstream: Upstream) {
    this.#config = config;
    this.#upstream = upstream;
  }

  /**
   * Does `work` while the server has the model. Where it has one at a time, a change waits until nobody uses the old one,
   * and who asks for the old one meanwhile comes behind.
   */
  async withModel<T>(model: ModelEntry, signal: AbortSignal, work: (servedAs: string) => Promise<T>): Promise<T> {
    if (this.#config.weights.how === "vllm_lora") {
      if (model.folder !== null && !this.#adapters.has(model.name))
        await this.#inTurn(() => this.#addAdapter(model, signal));
      return work(model.name);
    }
    await this.#inTurn(async () => {
      if (this.#current !== model.name) {
        if (this.#users > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
        this.#current = null;
        await this.#replace(model, signal);
        this.#current = model.name;
      }
      this.#users += 1;
    });
    try {
      return await work(this.#config.weights.served_as ?? model.name);
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#idle?.();
    }
  }

  /** The server was started again: what it was given is gone. */
  forget(model: ModelEntry): void {
    this.#adapters.delete(model.name);
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    await mine;
  }

  async #addAdapter({ name, folder }: ModelEntry, signal: AbortSignal): Promise<void> {
    if (this.#adapters.has(name)) return;
    const load = () => this.#upstream.tell("/v1/load_lora_adapter", { lora_name: name, lora_path: folder }, signal);
    try {
      await load();
    } catch (error) {
      if (!(error instanceof JobError) || !/already been loaded/.test(error.message)) throw error;
      // This host was started again since. What the server holds may be of a training that was broken off.
      await this.#upstream.tell("/v1/unload_lora_adapter", { lora_name: name }, signal);
      await load();
    }
    this.#adapters.add(name);
  }

  async #replace({ name, folder }: ModelEntry, signal: AbortSignal): Promise<void> {
    const { weights, models, upstream } = this.#config;
    const path = folder ?? models[name]?.path ?? name;
    if (weights.how === "sglang") {
      await this.#upstream.tell("/update_weights_from_disk", { model_path: path }, signal);
    } else if (weights.how === "command") {
      const argv = weights.command.map((part) => fillIn(part, { path, model: name }));
      const logFile = join(folder ?? process.cwd(), folder === null ? "weights.log" : "../weights.log");
      await runCommand({ argv, env: {}, logFile, limitMs: upstream.ready_minutes * 60_000, signal });
      await this.#upstream.awaitModel(weights.served_as ?? name, signal);
    }
  }
}
