import { z } from "zod";
import type { RunContext } from "../context.js";
import { asEnvironment, fillPlaces, runCommand } from "../drivers/run-command.js";
import { modelRecord, type Job, type ModelRecord } from "../records.js";
import { StoppedError } from "../stopped.js";
import { complete } from "../wire/completions.js";
import { readJson } from "../wire/wire.js";

const MINUTE = 60_000;
const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });

/** What is to answer: the base model, or what a job has made. */
interface Wanted {
  readonly iteration: number;
  readonly model: string;
  readonly weights: string;
}

/** Makes models answer at the endpoint, one after the other. */
export class Serving {
  /** The weights that this process has put into the server last; null when it has not. */
  #loaded: string | null = null;

  constructor(private readonly context: RunContext) {}

  /**
   * Hands an iteration's weights to the server, has the model answer once, and writes that down. Does nothing where
   * that has been done and nothing else was loaded since.
   *
   * @throws StoppedError when it does not answer within `serve.ready_minutes`
   */
  async ensure(iteration: number, job: Job | null): Promise<ModelRecord> {
    const { folder } = this.context;
    const path = folder.of(iteration, "model.json");
    const known = await folder.read(path, modelRecord);
    const wanted = this.#describe(iteration, job);
    const changed = await this.#load(wanted);
    if (known !== null && !changed) return known;
    await this.#prove(wanted);
    const { model, weights } = wanted;
    const record = known ?? { model, weights, answered_at: new Date().toISOString() };
    if (known === null) await folder.write(path, modelRecord, record);
    return record;
  }

  /** The name that a model answers to, or will. */
  name(iteration: number, job: Job | null): string {
    return this.#describe(iteration, job).model;
  }

  #describe(iteration: number, job: Job | null): Wanted {
    const { config, manifest } = this.context;
    const { serve, model: base } = config;
    if (job === null) return { iteration, model: base.base, weights: base.train_from ?? base.base };
    const weights = job.model ?? "";
    const run = `${config.name}-${manifest.run_id}`;
    switch (serve.how) {
      case "name":
        return { iteration, model: weights, weights };
      case "vllm_lora":
        return { iteration, model: `${run}-m${iteration}`, weights };
      case "sglang":
        return { iteration, model: base.base, weights };
      case "command":
        return { iteration, model: fillPlaces(serve.model, { run, iteration: String(iteration) }), weights };
    }
  }

  /** True when the server was told something new. */
  async #load(wanted: Wanted): Promise<boolean> {
    const { serve } = this.context.config;
    switch (serve.how) {
      case "name":
        return false;
      case "vllm_lora":
        if (wanted.iteration === 0 || (await this.#isListed(wanted.model))) return false;
        await this.#post(serve.admin, "/v1/load_lora_adapter", { lora_name: wanted.model, lora_path: wanted.weights });
        return true;
      case "sglang": {
        const path = wanted.iteration === 0 ? serve.base_path : wanted.weights;
        // Which weights an SGLang server holds, its list of models does not tell.
        if (this.#loaded === path) return false;
        const text = await this.#post(serve.admin, "/update_weights_from_disk", { model_path: path });
        const answer = z.object({ success: z.boolean(), message: z.string().default("") }).safeParse(readJson(text));
        if (answer.data?.success === false)
          throw new StoppedError(`SGLang did not load ${path}: ${answer.data.message}`);
        this.#loaded = path;
        return true;
      }
      case "command": {
        const path = wanted.iteration === 0 ? serve.base_path : wanted.weights;
        if (this.#loaded === path) return false;
        if (this.#loaded === null && (await this.#isListed(wanted.model))) {
          this.#loaded = path;
          return false;
        }
        await this.#runCommand(serve, path, wanted);
        this.#loaded = path;
        return true;
      }
    }
  }

  async #runCommand(
    serve: { readonly command: readonly string[]; readonly command_seconds: number },
    path: string,
    { model, iteration }: Wanted,
  ): Promise<void> {
    const values = { path, model, iteration: String(iteration) };
    const argv = serve.command.map((text) => fillPlaces(text, values));
    const timeoutMs = serve.command_seconds * 1000;
    const { problem, stderr } = await runCommand(argv, {
      ...{ env: asEnvironment(values), timeoutMs, signal: this.context.signal },
    });
    if (problem !== "") throw new StoppedError(`serve.command: ${problem}\n${stderr.trim().slice(-2000)}`);
  }

  #post(admin: string | undefined, path: string, body: unknown): Promise<string> {
    const root = (admin ?? this.context.config.endpoint.url).replace(/\/+$/, "").replace(/\/v1$/, "");
    const { signal, wires } = this.context;
    return wires.endpoint.call({ method: "POST", path: root + path, body, read: (text) => text, signal });
  }

  /** Whether the server lists the model now; a server that is not up lists none. */
  async #isListed(model: string): Promise<boolean> {
    const { wires, signal } = this.context;
    try {
      const read = (text: string) => modelList.parse(readJson(text));
      const { data } = await wires.endpoint.attempt({ method: "GET", path: "/models", read, signal });
      return data.some(({ id }) => id === model);
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }

  /** One token of one problem: a model that is listed may still fail to load. */
  async #prove({ iteration, model }: Wanted): Promise<void> {
    const { config, sets, template, wires, signal, manifest } = this.context;
    const [problem] = sets.train.problems;
    if (problem === undefined) return;
    await complete(wires.endpoint, config.endpoint, {
      ...{ model, prompt: template.render(problem), n: 1, seed: 0, signal },
      sampling: { temperature: 0, top_p: 1, top_k: 0, repetition_penalty: 1, max_tokens: 1, stop: [] },
      key: `${manifest.run_id}/${iteration}/answers`,
      patienceMs: config.serve.ready_minutes * MINUTE,
    });
  }
}
