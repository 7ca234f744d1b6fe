import type { Problem } from "../../grading/types.js";
import { readJudged } from "../collect/collect.js";
import { NO_COST, type RunContext } from "../context.js";
import { writeRows, type FileFacts } from "../folder/files.js";
import { selectionRecord, type Selection } from "../records.js";
import { StoppedError } from "../stopped.js";
import { formatLesson, type DatasetFormat } from "./dataset.js";
import { generatedPaths } from "./generate.js";
import { readCounts } from "./measure.js";
import { Selector } from "./select.js";
import type { StepEnd } from "./step-end.js";

/** A completion to learn, and where it came from. */
interface Chosen {
  readonly problem: Problem;
  /** The number of the sample, or of the human solution. */
  readonly sample: number;
  readonly completion: string;
}

/**
 * Writes what the M-step learns from: `train.jsonl.gz` for people, with the origin of each row, and `dataset.jsonl` in
 * the trainer's format.
 *
 * @param model who generated the samples
 * @throws StoppedError where nothing is left to learn from
 */
export async function writeDataset(context: RunContext, iteration: number, model: string): Promise<StepEnd> {
  const { config, folder } = context;
  if (config.improve.data === "human") return write(context, iteration, humanSolutions(context));
  const selector = await openSelector(context, iteration, model);
  const chosen = async function* (): AsyncGenerator<Chosen> {
    for await (const { task_id, sample, completion } of selector.rows()) {
      const problem = context.sets.train.find(task_id);
      if (problem !== undefined) yield { problem, sample, completion };
    }
  };
  const end = await write(context, iteration, chosen());
  const dataset = end.files.get(folder.of(iteration, "dataset.jsonl"));
  const selection: Selection = { ...selector.counts, dataset_sha256: dataset?.sha256 ?? "" };
  await folder.write(folder.of(iteration, "selection.json"), selectionRecord, selection);
  if (selection.selected === 0) {
    throw new StoppedError(
      `iteration ${iteration}: of ${selection.samples} samples ${selection.accepted} are correct and none is selected: there is nothing to learn from.\n` +
        "Start another run (another --out) with more samples for each problem, easier problems or a prompt with examples.",
    );
  }
  return end;
}

async function openSelector(context: RunContext, iteration: number, model: string): Promise<Selector> {
  const { config, sets, grading } = context;
  const { samples, verdicts } = generatedPaths(context, iteration);
  const bins = config.select.difficulty_bins;
  return Selector.open({
    ...{ select: config.select, seed: config.seed, iteration, model, extraction: grading.extraction },
    find: sets.train.find,
    read: () => readJudged(samples, verdicts),
    baseRates: bins === undefined ? null : await readBaseRates(context),
  });
}

/** In iteration 1 the base model generates, so its success rates are known without another sample. */
async function readBaseRates(context: RunContext): Promise<Map<string, number>> {
  const counts = await readCounts(generatedPaths(context, 1));
  return new Map([...counts].map(([id, { scored, accepted }]) => [id, scored === 0 ? 0 : accepted / scored]));
}

async function* humanSolutions({ config, sets }: RunContext): AsyncGenerator<Chosen> {
  for (const problem of sets.train.problems) {
    const cap = config.select.max_per_problem ?? Infinity;
    for (const [sample, completion] of problem.references.slice(0, cap).entries()) {
      yield { problem, sample, completion };
    }
  }
  await Promise.resolve();
}

async function write(context: RunContext, iteration: number, chosen: AsyncIterable<Chosen>): Promise<StepEnd> {
  const { config, folder, template } = context;
  const format = config.improve.format ?? defaultFormat(config.endpoint.api);
  const paths = { train: folder.of(iteration, "train.jsonl.gz"), dataset: folder.of(iteration, "dataset.jsonl") };
  const { completion_suffix: suffix } = config.improve;
  const rows = async function* () {
    for await (const { problem, sample, completion } of chosen) {
      const lesson = { prompt: template.render(problem), completion: completion + suffix };
      yield { task_id: problem.id, sample, ...lesson };
    }
  };
  // Selection reads its files twice as it is, so the rows are kept: no more than a trainer keeps of them.
  const all: (typeof rows extends () => AsyncGenerator<infer Row> ? Row : never)[] = [];
  for await (const row of rows()) all.push(row);
  if (all.length === 0 && config.improve.data === "human") {
    throw new StoppedError("no training problem has a solution of its own to learn from");
  }
  const files = new Map<string, FileFacts>();
  files.set(paths.train, await writeRows(paths.train, all));
  files.set(
    paths.dataset,
    await writeRows(
      paths.dataset,
      all.map((row) => formatLesson(row, format)),
    ),
  );
  return { cost: NO_COST, files };
}

function defaultFormat(api: "completions" | "chat"): DatasetFormat {
  return api === "chat" ? "chat" : "prompt_completion";
}
