import type { Router } from "express";
import type { JobRecord } from "./state/records.js";

/** What a job is given to learn from. */
export interface TrainTask {
  readonly job: JobRecord;
  /** The training file, rows of JSON. */
  readonly trainingFile: string;
  readonly validationFile: string | null;
  /** Where to begin: a base model's name, or the folder of an earlier job's weights. */
  readonly init: { readonly base: string } | { readonly folder: string };
  /** Where the new weights go; it is there, and empty. */
  readonly output: string;
}

export interface Checkpoint {
  readonly step: number;
  readonly loss: number;
}

/** What a job tells while it runs. */
export interface JobLog {
  message(text: string): void;
  metrics(step: number, data: Readonly<Record<string, number>>): void;
}

export interface Trained {
  /** Tokens that were learned, of all epochs together; null where the trainer does not say. */
  readonly tokens: number | null;
  readonly last: Checkpoint | null;
}

/** A model that requests may name. */
export interface ModelEntry {
  readonly name: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** The weights of a fine-tuned model; null for a base model. */
  readonly folder: string | null;
}

/** The models that are there now. */
export interface ModelList {
  list(): readonly ModelEntry[];
  find(name: string): ModelEntry | undefined;
}

/** What trains and serves models. */
export interface Backend {
  /** Jobs that may train at the same time. */
  readonly slots: number;
  /** Names of the models that jobs and requests may begin from. */
  readonly bases: readonly string[];
  /** Rejects with `JobError` for what the job's owner has to know, and as `signal` says when that is aborted. */
  train(task: TrainTask, log: JobLog, signal: AbortSignal): Promise<Trained>;
  /** Makes a new model answer. Rejects with `JobError` when it does not. */
  admit(model: ModelEntry, signal: AbortSignal): Promise<void>;
  /** Answers `/v1/completions` and `/v1/chat/completions`. */
  inference(models: ModelList): Router;
}

/** Why a job failed, as its owner may read it. */
export class JobError extends Error {
  override readonly name = "JobError";
  constructor(
    message: string,
    /** A word for programs, such as `invalid_training_file`. */
    readonly code: string,
    readonly param: string | null = null,
  ) {
    super(message);
  }
}
