import { findReasonToStop, pickBest } from "./early-stop.js";
import { compareManifests } from "./manifest.js";
import { renderReport } from "./page/page.js";
import { renderCsv } from "./report-csv.js";
import type { RunFolder } from "./folder/run-folder.js";
import {
  type ComparedRun,
  type Cost,
  type IterationReport,
  jobRecord,
  type Manifest,
  manifestRecord,
  metricsRecord,
  modelRecord,
  type Report,
  reportRecord,
  selectionRecord,
  STEPS,
} from "./records.js";
import { configSchema } from "./config/schema.js";

/** Gathers what is in a run folder into one record. Null where there is no run. */
export async function gatherReport(folder: RunFolder): Promise<Report | null> {
  const manifest = await folder.read(folder.file("manifest.json"), manifestRecord);
  if (manifest === null) return null;
  const iterations: IterationReport[] = [];
  for (let iteration = 0; ; iteration += 1) {
    const metrics = await folder.read(folder.of(iteration, "metrics.json"), metricsRecord);
    if (metrics === null) break;
    iterations.push({
      ...metrics,
      generation: await folder.read(folder.of(iteration, "selection.json"), selectionRecord),
      job: await folder.read(folder.of(iteration, "job.json"), jobRecord),
      cost: await readCosts(folder, iteration),
    });
  }
  const best = pickBest(iterations);
  const model = best === null ? null : await folder.read(folder.of(best.iteration, "model.json"), modelRecord);
  const planned = readIterations(manifest);
  const reason = findReasonToStop(iterations, readEarlyStop(manifest));
  const done = iterations.length - 1;
  return {
    schema: "assay-selftrain-report/1",
    ...{ name: manifest.name, run_id: manifest.run_id, written_at: new Date().toISOString() },
    state: done >= planned || reason !== null ? "finished" : "going_on",
    stopped_early: done < planned ? reason : null,
    best:
      best === null || model === null
        ? null
        : { iteration: best.iteration, model: model.model, weights: model.weights },
    ...{ config: manifest.config, problems: manifest.problems, grader: manifest.grader, iterations },
    compared: [],
  };
}

/** Another run as a report shows it beside `folder`'s own. Null where there is no run in one of the two. */
export async function gatherCompared(folder: RunFolder, other: RunFolder): Promise<ComparedRun | null> {
  const [here, there] = await Promise.all(
    [folder, other].map((one) => one.read(one.file("manifest.json"), manifestRecord)),
  );
  const report = await gatherReport(other);
  if (here == null || there == null || report === null) return null;
  return {
    ...{ name: report.name, run_id: report.run_id, state: report.state, best: report.best?.iteration ?? null },
    differences: compareManifests(here, there).map(({ field, was, is }) => ({ field, here: was, there: is })),
    iterations: report.iterations.map((one) => metricsRecord.strip().parse(one)),
  };
}

/** Writes `report.json`, `report.csv` and `report.html`. */
export async function writeReport(folder: RunFolder, report: Report): Promise<void> {
  await folder.write(folder.file("report.json"), reportRecord, report);
  await folder.writeText(folder.file("report.csv"), renderCsv(report));
  await folder.writeText(folder.file("report.html"), renderReport(report));
}

async function readCosts(folder: RunFolder, iteration: number): Promise<Record<string, Cost>> {
  const costs: Record<string, Cost> = {};
  for (const step of STEPS) {
    const done = await folder.readDone(folder.of(iteration, step));
    if (done !== null && (done.cost.requests > 0 || done.cost.job_seconds > 0)) costs[step] = done.cost;
  }
  return costs;
}

function readIterations({ config }: Manifest): number {
  return configSchema.shape.iterations.parse(config.iterations);
}

function readEarlyStop({ config }: Manifest) {
  return configSchema.shape.early_stop.parse(config.early_stop);
}
