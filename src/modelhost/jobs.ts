import { mkdir, rm } from "node:fs/promises";

import PQueue from "p-queue";
import { JobError, type Backend, type ModelEntry, type ModelList } from "./contract.js";
import { isOver, type EventRecord, type JobRecord } from "./state/records.js";
import { newId, nowSeconds, type Store } from "./state/store.js";

/** Runs fine-tuning jobs in the order in which they came, as many at once as the back end has slots. */
export class Jobs implements ModelList {
  readonly #store: Store;
  readonly #backend: Backend;
  readonly #queue: PQueue;
  readonly #running = new Map<string, AbortController>();
  readonly #started = nowSeconds();
  readonly #stopping = new AbortController();

  constructor(store: Store, backend: Backend) {
    this.#store = store;
    this.#backend = backend;
    this.#queue = new PQueue({ concurrency: backend.slots });
  }

  /** Goes on with jobs that were not over when the host ended; one that was training begins again. */
  resume(): void {
    const open = [...this.#store.jobs.values()].filter(({ status }) => !isOver(status));
    for (const job of open.sort((a, b) => a.created_at - b.created_at)) this.#enqueue(job.id);
  }

  async submit(job: JobRecord): Promise<void> {
    await this.#store.putJob(job);
    this.#tell(job.id, `Created fine-tuning job: ${job.id}`);
    this.#enqueue(job.id);
  }

  async cancel(job: JobRecord): Promise<JobRecord> {
    // Cancelled before it is stopped, so that stopping does not count as a failure.
    const cancelled = this.#change(job.id, { status: "cancelled", finished_at: nowSeconds() });
    this.#running.get(job.id)?.abort();
    await cancelled;
    this.#tell(job.id, "The job was cancelled");
    return cancelled;
  }

  /** Stops what is training; it begins again when the host does. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#queue.clear();
    for (const controller of this.#running.values()) controller.abort();
    await this.#queue.onIdle();
  }

  list(): readonly ModelEntry[] {
    const bases = this.#backend.bases.map((name) => ({ name, created: this.#started, folder: null }));
    const tuned = [...this.#store.jobs.values()].flatMap((job) => {
      if (job.status !== "succeeded" || job.fine_tuned_model === null) return [];
      return [this.#entry(job, job.fine_tuned_model)];
    });
    return [...bases, ...tuned];
  }

  find(name: string): ModelEntry | undefined {
    return this.list().find((model) => model.name === name);
  }

  #entry(job: JobRecord, name: string): ModelEntry {
    return { name, created: job.finished_at ?? job.created_at, folder: this.#store.weightsPath(job.id) };
  }

  #enqueue(id: string): void {
    void this.#queue.add(() => this.#run(id));
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(id: string): Promise<void> {
    const job = this.#store.jobs.get(id);
    if (this.#isStopping() || job === undefined || isOver(job.status)) return;
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      await this.#train(job, controller.signal);
    } catch (error) {
      if (!this.#isStopping()) await this.#fail(id, error);
    } finally {
      this.#running.delete(id);
    }
  }

  async #train(job: JobRecord, signal: AbortSignal): Promise<void> {
    const output = this.#store.weightsPath(job.id);
    await rm(output, { recursive: true, force: true });
    await mkdir(output, { recursive: true });
    signal.throwIfAborted();
    const running = await this.#change(job.id, { status: "running" });
    this.#tell(job.id, "Fine-tuning job started");
    const start = this.find(job.model);
    if (start === undefined) throw new JobError(`there is no model ${job.model}`, "model_not_found", "model");
    const task = {
      job: running,
      trainingFile: this.#store.contentPath(job.training_file),
      validationFile: job.validation_file === null ? null : this.#store.contentPath(job.validation_file),
      init: start.folder === null ? { base: start.name } : { folder: start.folder },
      output,
    };
    const log = {
      message: (text: string) => this.#tell(job.id, text),
      metrics: (step: number, data: Readonly<Record<string, number>>) =>
        this.#tell(job.id, `Step ${step}`, { step, ...data }),
    };
    const trained = await this.#backend.train(task, log, signal);
    const name = `ft:${baseOf(job.model)}:assay:${job.suffix ?? ""}:${job.id.slice(-8)}`;
    await this.#backend.admit(this.#entry(job, name), signal);
    if (signal.aborted) return;
    this.#tell(job.id, `New fine-tuned model created: ${name}`);
    this.#tell(job.id, "The job has successfully completed");
    await this.#change(job.id, {
      status: "succeeded",
      fine_tuned_model: name,
      trained_tokens: trained.tokens,
      last_step: trained.last,
      finished_at: nowSeconds(),
    });
  }

  async #fail(id: string, error: unknown): Promise<void> {
    if (isOver(this.#store.jobs.get(id)?.status ?? "cancelled")) return;
    const known = error instanceof JobError;
    const message = known ? error.message : "an error of the host's own";
    await this.#change(id, {
      status: "failed",
      finished_at: nowSeconds(),
      error: { code: known ? error.code : "server_error", message, param: known ? error.param : null },
    });
    this.#tell(id, `The job failed: ${message}`, {}, "error");
    if (!known) throw error;
  }

  async #change(id: string, change: Partial<JobRecord>): Promise<JobRecord> {
    const job = this.#store.jobs.get(id);
    if (job === undefined) throw new Error(`no job ${id}`);
    const changed = { ...job, ...change };
    await this.#store.putJob(changed);
    return changed;
  }

  #tell(
    id: string,
    message: string,
    data: Readonly<Record<string, number>> = {},
    level: EventRecord["level"] = "info",
  ): void {
    const type = Object.keys(data).length > 0 ? "metrics" : "message";
    this.#store.addEvent(id, { id: newId("ftevent"), created_at: nowSeconds(), level, message, type, data });
  }
}

/** `ft:base:…` is a model that was made of `base`. */
function baseOf(model: string): string {
  return /^ft:([^:]*):/.exec(model)?.[1] ?? model;
}
