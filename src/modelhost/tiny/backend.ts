import { join } from "node:path";

import type { Router } from "express";
import {
  JobError,
  type Backend,
  type JobLog,
  type ModelEntry,
  type ModelList,
  type Trained,
  type TrainTask,
} from "../contract.js";
import { readTrainingRows, type TrainingRow } from "../rows.js";
import { prepareBase, type TinyConfig } from "./base.js";
import { makeBreath } from "./breath.js";
import { inferenceRouter } from "./inference.js";
import type { TinyModel } from "./model.js";
import { train } from "./train.js";
import { loadModel, saveModel } from "./weights-file.js";

const BASE = "tiny";
/** What `auto` means. */
const EPOCHS = 4;
const RATE = 0.1;
/** Fine-tuned models held in memory, 12 MB each. */
const MOST_LOADED = 8;

/** The small language model of this folder, trained and served in this process, on the CPU. */
export class TinyBackend implements Backend {
  readonly slots = 1;
  readonly bases = [BASE];
  readonly #base: TinyModel;
  /** By folder, the one that was used last at the end. */
  readonly #loaded = new Map<string, Promise<TinyModel>>();

  private constructor(base: TinyModel) {
    this.#base = base;
  }

  /** Pre-trains the base model where `folder` does not hold it yet. */
  static async start(
    config: TinyConfig,
    folder: string,
    say: (message: string) => void,
    signal: AbortSignal,
  ): Promise<TinyBackend> {
    return new TinyBackend(await prepareBase(config, folder, say, signal));
  }

  async train(task: TrainTask, log: JobLog, signal: AbortSignal): Promise<Trained> {
    const rows = await readTrainingRows(task.trainingFile);
    const held = task.validationFile === null ? [] : await readTrainingRows(task.validationFile, "validation_file");
    const { epochs, rate } = readHyperparameters(task.job.hyperparameters);
    const model = ("base" in task.init ? this.#base : await this.#load(task.init.folder)).clone();
    const breath = makeBreath(signal);
    const steps = train(model, rows, { epochs, rate, seed: task.job.seed });
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) {
      if (step.value !== null) log.metrics(step.value.step, { train_loss: step.value.loss });
      await breath();
    }
    const validLoss = held.length === 0 ? {} : { valid_loss: await lossOf(model, held, breath) };
    log.metrics(step.value.step, { train_loss: step.value.loss, ...validLoss });
    await saveModel(weightsFile(task.output), model);
    return { tokens: step.value.tokens, last: { step: step.value.step, loss: step.value.loss } };
  }

  async admit({ folder }: ModelEntry): Promise<void> {
    if (folder !== null) await this.#load(folder);
  }

  inference(models: ModelList): Router {
    return inferenceRouter(models, ({ folder }) =>
      folder === null ? Promise.resolve(this.#base) : this.#load(folder),
    );
  }

  #load(folder: string): Promise<TinyModel> {
    const model = this.#loaded.get(folder) ?? loadModel(weightsFile(folder));
    this.#loaded.delete(folder);
    this.#loaded.set(folder, model);
    model.catch(() => this.#loaded.delete(folder));
    const oldest = this.#loaded.keys().next().value;
    if (this.#loaded.size > MOST_LOADED && oldest !== undefined) this.#loaded.delete(oldest);
    return model;
  }
}

function weightsFile(folder: string): string {
  return join(folder, "weights.bin.gz");
}

async function lossOf(model: TinyModel, rows: readonly TrainingRow[], breath: () => Promise<void>): Promise<number> {
  let [sum, tokens] = [0, 0];
  for (const row of rows) {
    const likelihood = model.logLikelihood(row.prompt, row.completion);
    sum -= likelihood.sum;
    tokens += likelihood.tokens;
    await breath();
  }
  return sum / tokens;
}

function readHyperparameters(given: Readonly<Record<string, unknown>>): { epochs: number; rate: number } {
  const read = (name: string, usual: number, most: number): number => {
    const value = given[name] ?? "auto";
    if (value === "auto") return usual;
    if (typeof value === "number" && value > 0 && value <= most) return value;
    throw new JobError(`${name}: expected "auto" or a number above 0, at most ${most}`, "invalid_hyperparameter", name);
  };
  return { epochs: Math.ceil(read("n_epochs", EPOCHS, 100)), rate: RATE * read("learning_rate_multiplier", 1, 100) };
}
