import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CommandDriverConfig } from "../config/drivers.js";
import type { Job } from "../records.js";
import { StoppedError } from "../stopped.js";
import type { Driver, JobNews, Training } from "./driver.js";
import { asEnvironment, fillPlaces, lastLine, runCommand, type CommandEnd } from "./run-command.js";
import { submitOnce } from "./submission.js";

const MOST_SHOWN = 2000;

/** Fine-tuning by commands that submit, look after and cancel a job. */
export function createCommandDriver(config: CommandDriverConfig): Driver {
  const limits = { timeoutMs: config.command_seconds * 1000 };

  const run = (argv: readonly string[], training: Training): Promise<CommandEnd> => {
    const values = valuesOf(config, training);
    const filled = argv.map((text) => fillPlaces(text, values));
    return runCommand(filled, { ...limits, env: { ...config.env, ...asEnvironment(values) }, signal: training.signal });
  };

  const find = async (training: Training, reason: string): Promise<string> => {
    const { tag } = training.job;
    const advice =
      `${reason}; whether there is a job cannot be told from here. Look for one that bears ${tag}: if there is, cancel ` +
      `it. Then remove ${join(training.folder, "job.json")} and run the same command again.`;
    if (config.find === undefined) throw new StoppedError(advice);
    const { problem, stdout } = await run(config.find, training);
    if (problem !== "") throw new StoppedError(`${advice} (find: ${problem})`);
    return lastLine(stdout);
  };

  return {
    async submit(training) {
      const { job, save, folder, signal } = training;
      const submitting = job.state === "intended" ? await save({ state: "submitting" }) : job;
      const values = valuesOf(config, training);
      const argv = config.submit.map((text) => fillPlaces(text, values));
      const env = { ...config.env, ...asEnvironment(values) };
      const end = await submitOnce(attemptFolder(folder, submitting), argv, { ...limits, env, signal });
      if (end.how === "unknown") {
        const found = await find(training, end.reason);
        if (found !== "") return submitted(found);
        return fail(`${end.reason}, and there is no job that bears ${job.tag}`);
      }
      if (end.exitCode !== 0) return fail(`the submit command ended with ${end.exitCode}: ${tail(end.stderr)}`);
      const id = lastLine(end.stdout);
      if (id === "") return fail("the submit command printed no job id as its last line");
      return submitted(id);

      function submitted(id: string): Promise<Job> {
        return save({ state: "submitted", job_id: id, submitted_at: new Date().toISOString() });
      }
      function fail(error: string): Promise<Job> {
        return save({ state: "failed", error, finished_at: new Date().toISOString() });
      }
    },

    async poll(training) {
      const { problem, stdout } = await run(config.poll, training);
      const line = lastLine(stdout);
      if (problem !== "" || line === "") return null;
      const news = readState(config, line);
      if (news.phase !== "succeeded") return news;
      const values = valuesOf(config, training);
      const model = values.output ?? "";
      const lacking = await findLacking(config.expect.map((text) => fillPlaces(text, values)));
      if (lacking === null) return { ...news, model };
      return { ...news, phase: "failed", error: `the job says that it has succeeded, but ${lacking}` };
    },

    async cancel(training) {
      if (config.cancel === undefined) return;
      const { problem } = await run(config.cancel, training);
      if (problem !== "") throw new StoppedError(`job ${training.job.job_id ?? ""} could not be cancelled: ${problem}`);
    },
  };
}

/** `COMPLETED`, or `FAILED for some reason`, or `CANCELLED+` as sacct writes it. */
function readState({ states }: CommandDriverConfig, line: string): JobNews {
  const [word = "", ...rest] = line.split(/\s+/);
  const status = word.replace(/\+$/, "");
  const is = (words: readonly string[]): boolean => words.some((one) => one.toLowerCase() === status.toLowerCase());
  const phase = is(states.succeeded)
    ? "succeeded"
    : is(states.failed)
      ? "failed"
      : is(states.cancelled)
        ? "cancelled"
        : "going_on";
  return { phase, status, model: null, trainedTokens: null, error: rest.length === 0 ? null : rest.join(" ") };
}

/** What the commands can be told, as `{{name}}` and as `ASSAY_NAME`. */
function valuesOf(config: CommandDriverConfig, training: Training): Record<string, string> {
  const { job, dataset, folder, iteration, seed, runName, runId } = training;
  const values = {
    ...{ dataset, folder: attemptFolder(folder, job), init: job.init, tag: job.tag, run: `${runName}-${runId}` },
    ...{ iteration: String(iteration), seed: String(seed), job: job.job_id ?? "" },
  };
  return { ...values, output: fillPlaces(config.output, values) };
}

/** Each attempt has a folder, so that a job which failed leaves nothing that looks like the next one's. */
function attemptFolder(folder: string, { attempt }: Job): string {
  return join(folder, `attempt-${attempt}`);
}

async function findLacking(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (found === null) return `${path} is not there`;
    const isEmpty = found.isDirectory() ? (await readdir(path)).length === 0 : found.size === 0;
    if (isEmpty) return `${path} is empty`;
  }
  return null;
}

function tail(text: string): string {
  const clean = text.trim();
  return clean.length <= MOST_SHOWN ? clean : `…${clean.slice(-MOST_SHOWN)}`;
}
