import { clearLogs, collect } from "../collect/collect.js";
import { createJudge } from "../collect/judge.js";
import type { RunContext } from "../context.js";
import type { StepEnd } from "./step-end.js";

/** Where the samples of an iteration and their verdicts are. */
export function generatedPaths({ folder }: Pick<RunContext, "folder">, iteration: number) {
  return { samples: folder.of(iteration, "samples.jsonl.gz"), verdicts: folder.of(iteration, "verdicts.jsonl.gz") };
}

/** The E-step: draws samples of every training problem from `model` and judges them. */
export async function generate(context: RunContext, iteration: number, model: string): Promise<StepEnd> {
  const { config, wires, template, sets, grader, grading, watch, signal, manifest } = context;
  const { temperature, top_p, top_k, repetition_penalty, max_tokens, stop, teacher } = config.generate;
  const paths = generatedPaths(context, iteration);
  return collect({
    ...{ step: "generate", problems: sets.train.problems, watch, signal },
    source: {
      wire: teacher === undefined ? wires.endpoint : wires.teacher,
      endpoint: teacher?.endpoint ?? config.endpoint,
      ...{ model, template, iteration, purpose: "generate" },
      sampling: { temperature, top_p, top_k, repetition_penalty, max_tokens, stop },
      samples: config.generate.samples_per_problem ?? 1,
      ...{ runId: manifest.run_id, runSeed: config.seed },
    },
    judge: createJudge(grader, grading.extraction),
    ...{ jobs: grading.jobs, samplesPath: paths.samples, verdictsPath: paths.verdicts },
  });
}

export async function clearGenerated(context: RunContext, iteration: number): Promise<void> {
  await clearLogs(Object.values(generatedPaths(context, iteration)));
}
