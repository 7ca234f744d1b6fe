import { addCosts } from "./context.js";
import { findReasonToStop, pickBest } from "./early-stop.js";
import { writeWhole } from "./folder/files.js";
import type { RunFolder } from "./folder/run-folder.js";
import {
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
  SETS,
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
  };
}

/** Writes `report.json` and `report.csv`. */
export async function writeReport(folder: RunFolder, report: Report): Promise<void> {
  await folder.write(folder.file("report.json"), reportRecord, report);
  await writeWhole(folder.file("report.csv"), renderCsv(report));
}

/** One line for each iteration and set; shares from 0 to 1. */
export function renderCsv({ name, iterations }: Report): string {
  const ks = [
    ...new Set(iterations.flatMap((one) => SETS.flatMap((set) => Object.keys(one[set]?.pass_at_k ?? {})))),
  ].sort((a, b) => Number(a) - Number(b));
  const head = [
    ...["run", "iteration", "model", "set", "problems", "scored", "pass_at_1", "ci95_low", "ci95_high"],
    ...["gain", "gain_ci95_low", "gain_ci95_high", "majority", ...ks.map((k) => `pass_at_${k}_sampled`)],
    ...["samples", "accepted", "selected", "prompt_tokens", "completion_tokens", "job_seconds", "grading_cpu_seconds"],
  ];
  const rows = iterations.flatMap((one) => {
    const cost = addCosts(Object.values(one.cost));
    return SETS.flatMap((set) => {
      const at = one[set];
      if (at === undefined) return [];
      return [
        [
          ...[name, one.iteration, one.model, set, at.problems, at.scored, at.pass_at_1, ...at.ci95],
          ...[at.gain?.difference, at.gain?.ci95[0], at.gain?.ci95[1], at.majority],
          ...ks.map((k) => at.pass_at_k?.[k]),
          ...[one.generation?.samples, one.generation?.accepted, one.generation?.selected],
          ...[cost.prompt_tokens, cost.completion_tokens, cost.job_seconds, cost.grading_cpu_seconds],
        ],
      ];
    });
  });
  return [head, ...rows].map((row) => row.map(writeCell).join(",") + "\n").join("");
}

function writeCell(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
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
