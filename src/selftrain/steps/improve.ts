import { setTimeout as pause } from "node:timers/promises";
import { NO_COST, type RunContext } from "../context.js";
import { createCommandDriver } from "../drivers/command.js";
import type { Driver, JobNews, Training } from "../drivers/driver.js";
import { createOpenaiDriver } from "../drivers/openai.js";
import { jobRecord, type Job, type Selection } from "../records.js";
import { StoppedError } from "../stopped.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * The M-step: fine-tunes `init` on the selected rows and waits for the end. A job that an earlier process submitted is
 * found again and waited for; one that failed is followed by another attempt.
 *
 * @throws StoppedError when the job failed, was cancelled or cannot be followed
 */
export async function improve(context: RunContext, iteration: number, init: string, facts: Dataset): Promise<Job> {
  const { config, folder } = context;
  const path = folder.of(iteration, "job.json");
  let job = await folder.read(path, jobRecord);
  if (job?.state === "succeeded") return job;
  const over = job?.state === "failed" || job?.state === "cancelled";
  if (job === null || over) {
    job = intend(context, iteration, { init, attempt: (job?.attempt ?? 0) + 1, ...facts });
    await folder.write(path, jobRecord, job);
  }
  const driver = createDriver(context);
  const training: Training = {
    ...{ dataset: folder.of(iteration, "dataset.jsonl"), folder: folder.of(iteration), iteration },
    ...{ seed: config.seed, runName: config.name, runId: context.manifest.run_id, signal: context.signal },
    get job() {
      return job as Job;
    },
    async save(change) {
      job = { ...(job as Job), ...change };
      await folder.write(path, jobRecord, job);
      return job;
    },
  };
  if (job.state === "intended" || job.state === "submitting") {
    await driver.submit(training);
    if (training.job.state === "submitted") {
      context.watch.say(`iteration ${iteration}: job ${training.job.job_id ?? ""} submitted`);
    }
  }
  if (training.job.state === "submitted") await follow(context, driver, training);
  return settle(training.job, path);
}

export interface Dataset {
  readonly dataset_sha256: Selection["dataset_sha256"];
  readonly rows: number;
}

function intend(
  { config, manifest }: RunContext,
  iteration: number,
  { init, attempt, dataset_sha256, rows }: Dataset & { init: string; attempt: number },
): Job {
  return {
    tag: `assay-${manifest.run_id}-m${iteration}-${attempt}`,
    ...{ driver: config.improve.driver.kind, attempt, state: "intended", init },
    ...{ dataset: `iterations/${iteration}/dataset.jsonl`, dataset_sha256, rows },
    ...{ file_id: null, job_id: null, status: null, model: null, trained_tokens: null, error: null },
    ...{ created_at: new Date().toISOString(), submitted_at: null, finished_at: null },
  };
}

function createDriver({ config, wires }: RunContext): Driver {
  const { driver } = config.improve;
  return driver.kind === "openai" ? createOpenaiDriver(driver, wires.trainer) : createCommandDriver(driver);
}

/** Asks after the job until it is over. */
async function follow(context: RunContext, driver: Driver, training: Training): Promise<void> {
  const { driver: config } = context.config.improve;
  const { iteration } = training;
  const stop = context.watch.begin(() => ({
    ...{ iteration, step: "improve", doing: `job ${training.job.job_id ?? ""}: ${training.job.status ?? "submitted"}` },
    ...{ done: 0, total: null, accepted: 0, resumed: 0 },
  }));
  const since = Date.parse(training.job.submitted_at ?? training.job.created_at);
  try {
    for (let heard = performance.now(); ;) {
      const news = await driver.poll(training);
      if (news !== null) {
        heard = performance.now();
        if (await take(context, training, news)) return;
      } else if (performance.now() - heard > config.patience_minutes * MINUTE) {
        throw new StoppedError(
          `nothing was heard of job ${training.job.job_id ?? ""} for ${config.patience_minutes} min; it may well go on. ` +
            "Run the same command again once its state can be asked for.",
        );
      }
      if (Date.now() - since > config.limit_hours * HOUR) {
        await driver.cancel(training);
        await training.save({
          ...{ state: "cancelled", finished_at: new Date().toISOString() },
          error: `it took longer than limit_hours (${config.limit_hours}) and was cancelled`,
        });
        return;
      }
      await pause(config.poll_seconds * 1000, undefined, { signal: context.signal });
    }
  } finally {
    await stop();
  }
}

/** Writes news down; true when the job is over. */
async function take(context: RunContext, training: Training, news: JobNews): Promise<boolean> {
  const { status, model, trainedTokens, error, phase } = news;
  if (status !== training.job.status) {
    context.watch.say(`iteration ${training.iteration}: job ${training.job.job_id ?? ""} is ${status}`);
    await training.save({ status });
  }
  if (phase === "going_on") return false;
  const finished_at = new Date().toISOString();
  await training.save({ state: phase, model, trained_tokens: trainedTokens, error, finished_at });
  return true;
}

function settle(job: Job, path: string): Job {
  if (job.state === "succeeded") return job;
  const why = job.error ?? job.status ?? "no reason was given";
  throw new StoppedError(
    `job ${job.job_id ?? job.tag} ${job.state === "cancelled" ? "was cancelled" : "failed"}: ${why}\n` +
      `See ${path}. Mend what went wrong and run the same command again: it submits another job on the same rows.`,
  );
}

/** What the step used; seconds from submission to end. */
export function costOf({ submitted_at: from, finished_at: to }: Job) {
  const seconds = from === null || to === null ? 0 : (Date.parse(to) - Date.parse(from)) / 1000;
  return { ...NO_COST, job_seconds: Math.max(0, seconds) };
}
