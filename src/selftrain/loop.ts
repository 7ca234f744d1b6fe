import { readLines } from "../grading/input/lines.js";
import type { RunContext } from "./context.js";
import { NO_COST } from "./context.js";
import { findReasonToStop } from "./early-stop.js";
import { jobRecord, metricsRecord, type Job, type Metrics, type Report, type StepName } from "./records.js";
import { gatherReport, writeReport } from "./report.js";
import { evaluate } from "./steps/evaluate.js";
import { clearGenerated, generate } from "./steps/generate.js";
import { costOf, improve } from "./steps/improve.js";
import { Serving } from "./steps/serve.js";
import type { StepEnd } from "./steps/step-end.js";
import { writeDataset } from "./steps/write-dataset.js";

/**
 * ReST-EM (Singh et al. 2023, arXiv:2312.06585): in each iteration the latest model generates, what is correct is
 * selected, and the base model is fine-tuned on it. Steps that are marked as done are not done again.
 *
 * @throws StoppedError and InputError, whose messages say what to do; the signal's reason
 */
export async function runLoop(context: RunContext): Promise<Report> {
  const { config, signal } = context;
  const serving = new Serving(context);
  const metrics: Metrics[] = [];
  for (let iteration = 0; iteration <= config.iterations; iteration += 1) {
    signal.throwIfAborted();
    await context.folder.makeIteration(iteration);
    if (iteration > 0) await learn(context, serving, iteration);
    metrics.push(await measure(context, serving, iteration, metrics));
    const report = await gatherReport(context.folder);
    if (report !== null) await writeReport(context.folder, report);
    if (findReasonToStop(metrics, config.early_stop) !== null) break;
  }
  const report = await gatherReport(context.folder);
  if (report === null) throw new Error("the run has no manifest");
  return report;
}

/** One iteration up to the new model: generate, select, improve, serve. */
async function learn(context: RunContext, serving: Serving, iteration: number): Promise<void> {
  const { config } = context;
  const { teacher } = config.generate;
  if (config.improve.data === "model") {
    await step(context, iteration, "generate", async () => {
      const model =
        teacher?.model ?? (await serving.ensure(iteration - 1, await readJob(context, iteration - 1))).model;
      return generate(context, iteration, model);
    });
    await clearGenerated(context, iteration);
  }
  await step(context, iteration, "select", async () => {
    const model = teacher?.model ?? serving.name(iteration - 1, await readJob(context, iteration - 1));
    return writeDataset(context, iteration, model);
  });
  await step(context, iteration, "improve", async () => {
    const init = await chooseInit(context, iteration);
    const job = await improve(context, iteration, init, await describeDataset(context, iteration));
    return { cost: costOf(job), files: new Map() };
  });
  await step(context, iteration, "serve", async () => {
    await serving.ensure(iteration, await readJob(context, iteration));
    return { cost: NO_COST, files: new Map() };
  });
  context.watch.say(`iteration ${iteration}: ${serving.name(iteration, await readJob(context, iteration))} answers`);
}

async function measure(
  context: RunContext,
  serving: Serving,
  iteration: number,
  before: readonly Metrics[],
): Promise<Metrics> {
  const { config, folder } = context;
  const isLast = (now: Metrics): boolean =>
    iteration >= config.iterations || findReasonToStop([...before, now], config.early_stop) !== null;
  await step(context, iteration, "evaluate", async () => {
    const { model } = await serving.ensure(iteration, await readJob(context, iteration));
    const { cost } = await evaluate(context, iteration, model, isLast);
    return { cost, files: new Map() };
  });
  const metrics = await folder.read(folder.of(iteration, "metrics.json"), metricsRecord);
  if (metrics === null) throw new Error(`iteration ${iteration} is evaluated and has no metrics`);
  return metrics;
}

/** Does a step unless it is marked as done, and marks it. */
async function step(
  { folder, signal }: RunContext,
  iteration: number,
  name: StepName,
  work: () => Promise<StepEnd>,
): Promise<void> {
  signal.throwIfAborted();
  const mark = folder.of(iteration, name);
  if ((await folder.readDone(mark)) !== null) return;
  const { cost, files } = await work();
  await folder.markDone(mark, name, cost, files);
}

/** What made an iteration's model; null for the base model. */
async function readJob({ folder }: RunContext, iteration: number): Promise<Job | null> {
  return iteration === 0 ? null : folder.read(folder.of(iteration, "job.json"), jobRecord);
}

/** The M-step starts from the base model (the paper's choice), or from the last one (ReST). */
async function chooseInit(context: RunContext, iteration: number): Promise<string> {
  const { model, improve: how } = context.config;
  const base = model.train_from ?? model.base;
  if (how.init === "base") return base;
  return (await readJob(context, iteration - 1))?.model ?? base;
}

async function describeDataset({ folder }: RunContext, iteration: number) {
  const done = await folder.readDone(folder.of(iteration, "select"));
  const [, facts] = Object.entries(done?.files ?? {}).find(([name]) => name.endsWith("dataset.jsonl")) ?? [];
  const lines = readLines(folder.of(iteration, "dataset.jsonl"));
  let rows = 0;
  while ((await lines.next()).done !== true) rows += 1;
  return { dataset_sha256: facts?.sha256 ?? "", rows };
}
