import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import type { Router } from "express";
import { z } from "zod";
import {
  JobError,
  type Backend,
  type Checkpoint,
  type JobLog,
  type ModelEntry,
  type ModelList,
  type Trained,
  type TrainTask,
} from "../contract.js";
import { readTrainingRows } from "../rows.js";
import { fillIn, type CommandConfig } from "./config.js";
import { runCommand } from "./process.js";
import { passThrough } from "./proxy.js";
import { Upstream } from "./upstream.js";
import { Weights } from "./weights.js";

/** A line of a trainer's output that says how far it is. */
const progressLine = z.looseObject({
  step: z.int().min(0).optional(),
  loss: z.number().optional(),
  trained_tokens: z.int().min(0).optional(),
});

/** Trains by a command for each job, and serves by an inference server that is told of the new weights. */
export class CommandBackend implements Backend {
  readonly bases: readonly string[];
  readonly slots: number;
  readonly #config: CommandConfig;
  readonly #upstream: Upstream;
  readonly #weights: Weights;
  readonly #freeGpus: string[];

  constructor(config: CommandConfig) {
    this.#config = config;
    this.bases = Object.keys(config.models);
    this.#freeGpus = [...(config.trainer.gpus ?? [])];
    this.slots = Math.max(1, this.#freeGpus.length);
    this.#upstream = new Upstream(config.upstream);
    this.#weights = new Weights(config, this.#upstream);
  }

  async train(task: TrainTask, log: JobLog, signal: AbortSignal): Promise<Trained> {
    // Before a GPU is kept busy with it.
    await readTrainingRows(task.trainingFile);
    if (task.validationFile !== null) await readTrainingRows(task.validationFile, "validation_file");
    const { command, env, limit_hours, expect } = this.#config.trainer;
    const values = this.#valuesOf(task);
    const gpu = this.#freeGpus.pop();
    const trained: { tokens: number | null; last: Checkpoint | null } = { tokens: null, last: null };
    try {
      await runCommand({
        argv: command.map((part) => fillIn(part, values)),
        env: { ...env, ...(gpu === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpu }) },
        logFile: join(task.output, "../trainer.log"),
        limitMs: limit_hours * 3_600_000,
        signal,
        onLine: (line) => readProgress(line, trained, log),
      });
    } finally {
      if (gpu !== undefined) this.#freeGpus.push(gpu);
    }
    await checkOutput(task.output, expect);
    return trained;
  }

  async admit(model: ModelEntry, signal: AbortSignal): Promise<void> {
    await this.#weights.withModel(model, signal, () => Promise.resolve());
  }

  inference(models: ModelList): Router {
    return passThrough(models, this.#upstream, this.#weights);
  }

  #valuesOf({ job, trainingFile, validationFile, init, output }: TrainTask): Record<string, string> {
    const given = Object.entries(job.hyperparameters).map(([name, value]) => [name, String(value)] as const);
    return {
      n_epochs: "auto",
      batch_size: "auto",
      learning_rate_multiplier: "auto",
      ...Object.fromEntries(given),
      job: job.id,
      suffix: job.suffix ?? "",
      seed: String(job.seed),
      training_file: trainingFile,
      validation_file: validationFile ?? "",
      init: "base" in init ? (this.#config.models[init.base]?.path ?? init.base) : init.folder,
      output,
    };
  }
}

function readProgress(line: string, trained: { tokens: number | null; last: Checkpoint | null }, log: JobLog): void {
  if (!line.startsWith("{")) return;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return;
  }
  const { data } = progressLine.safeParse(value);
  if (data?.trained_tokens !== undefined) trained.tokens = data.trained_tokens;
  if (data?.step === undefined || data.loss === undefined) return;
  trained.last = { step: data.step, loss: data.loss };
  log.metrics(data.step, { train_loss: data.loss });
}

/** @throws JobError where a trainer that says it has succeeded left nothing, or not what it should */
async function checkOutput(output: string, expect: readonly string[]): Promise<void> {
  if ((await readdir(output)).length === 0) throw new JobError("the trainer left nothing in {{output}}", "no_weights");
  for (const name of expect) {
    const found = await stat(join(output, name)).catch(() => null);
    if (found === null || (found.isFile() && found.size === 0)) {
      throw new JobError(`the trainer left no ${name} in {{output}}`, "no_weights");
    }
  }
}
