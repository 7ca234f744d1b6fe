import { SymbolicCheck } from "../../grading/mathematics/symbolic.js";
import { createOutputReader, type OutputReader } from "../../grading/outputs.js";
import type { Problem, Sample } from "../../grading/types.js";
import { clearLogs, collect, readJudged } from "../collect/collect.js";
import type { SelftrainConfig } from "../config/schema.js";
import { addCosts, type RunContext } from "../context.js";
import { createJudge, type Judge } from "../collect/judge.js";
import { metricsRecord, SETS, type Cost, type Metrics, type SetName } from "../records.js";
import { createRandom } from "../seeds.js";
import type { Sampling } from "../wire/completions.js";
import { evaluationPaths, type EvaluationKind, type Paths } from "./evaluation-paths.js";
import { measureGreedy, measurePassAtK, readGreedy, type Greedy } from "./measure.js";
import { scoreMajority } from "./vote.js";

export interface Evaluated {
  readonly metrics: Metrics;
  readonly cost: Cost;
}

/**
 * Measures a model: greedy pass@1, and after every iteration or only of the base model and the last one pass@k and the
 * majority vote. What was drawn and judged before is not drawn again.
 *
 * @param isLast told the greedy figures; says whether no iteration will follow
 */
export async function evaluate(
  context: RunContext,
  iteration: number,
  model: string,
  isLast: (greedy: Metrics) => boolean,
): Promise<Evaluated> {
  const { config, folder } = context;
  const judges = new Map<SetName, Judge>();
  const costs: Cost[] = [];
  const draw = async (set: SetName, kind: EvaluationKind, sampling: Sampling, samples: number): Promise<Paths> => {
    const judge = judges.get(set) ?? createJudge(context.grader, context.grading.extraction);
    judges.set(set, judge);
    const { paths, cost } = await drawSet(context, { iteration, model, set, kind, sampling, samples, judge });
    costs.push(cost);
    return paths;
  };

  const metrics: Metrics = { iteration, model };
  const used = SETS.filter((set) => context.sets[set] !== undefined);
  for (const set of used.filter((set) => config.evaluate.greedy_on.includes(set))) {
    await draw(set, "greedy", greedySampling(config), 1);
    metrics[set] = await measureSet(context, iteration, set);
  }
  const last = iteration === 0 || isLast(metrics);
  const { pass_at_k: curve, majority } = config.evaluate;
  for (const set of used) {
    const known = metrics[set];
    if (known === undefined || set === "train") continue;
    let measured = known;
    if (curve !== null && curve.on.includes(set) && (last || curve.when === "every")) {
      const paths = await draw(set, "pass_at_k", sampledSampling(config, curve), curve.samples);
      measured = { ...measured, ...(await measurePassAtK(context, iteration, set, paths, curve.k)) };
    }
    if (majority !== null && majority.on.includes(set) && (last || majority.when === "every")) {
      const paths = await draw(set, "majority", sampledSampling(config, majority), majority.samples);
      const score = await voteOn(context, iteration, set, paths);
      measured = { ...measured, majority: score, majority_samples: score === null ? null : majority.samples };
    }
    metrics[set] = measured;
  }
  await folder.write(folder.of(iteration, "metrics.json"), metricsRecord, metrics);
  return { metrics, cost: addCosts(costs) };
}

async function measureSet(context: RunContext, iteration: number, set: SetName) {
  const read = (of: number): Promise<Greedy> => readGreedy(evaluationPaths(context, of, set, "greedy"));
  const now = await read(iteration);
  const base = iteration === 0 ? null : await read(0);
  const before = iteration === 0 ? null : iteration === 1 ? base : await read(iteration - 1);
  const { config, sets } = context;
  return measureGreedy(
    { now, base, before },
    {
      problems: sets[set]?.problems ?? [],
      resamples: config.evaluate.bootstrap,
      random: createRandom(config.seed, iteration, "bootstrap", set),
    },
  );
}

interface Draw {
  readonly iteration: number;
  readonly model: string;
  readonly set: SetName;
  readonly kind: EvaluationKind;
  readonly sampling: Sampling;
  readonly samples: number;
  readonly judge: Judge;
}

async function drawSet(context: RunContext, draw: Draw): Promise<{ paths: Paths; cost: Cost }> {
  const { iteration, model, set, kind, sampling, samples, judge } = draw;
  const { folder, config, wires, template, grading, watch, signal, manifest } = context;
  const paths = evaluationPaths(context, iteration, set, kind);
  const mark = folder.of(iteration, "evaluation", `${set}.${kind}`);
  const done = await folder.readDone(mark);
  if (done !== null) return { paths, cost: done.cost };
  const { cost, files } = await collect({
    ...{ step: "evaluate", problems: context.sets[set]?.problems ?? [], judge, watch, signal },
    source: {
      ...{ wire: wires.endpoint, endpoint: config.endpoint, model, template, sampling, samples, iteration },
      ...{ runId: manifest.run_id, runSeed: config.seed, purpose: `${kind} on ${set}` },
    },
    ...{ jobs: grading.jobs, samplesPath: paths.samples, verdictsPath: paths.verdicts },
  });
  await folder.markDone(mark, "evaluate", cost, files);
  await clearLogs(files.keys());
  return { paths, cost };
}

async function voteOn(context: RunContext, iteration: number, set: SetName, paths: Paths): Promise<number | null> {
  const { sandbox, grading, config, watch, sets } = context;
  const problems = sets[set];
  if (problems === undefined) return null;
  let done = 0;
  const stop = watch.begin(() => ({
    ...{ iteration, step: "evaluate", doing: `majority on ${set}: outputs`, done, accepted: 0, resumed: 0 },
    total: problems.problems.length * (config.evaluate.majority?.samples ?? 0),
  }));
  try {
    return await scoreMajority(readJudged(paths.samples, paths.verdicts), problems.find, {
      policy: config.grading.equivalence,
      symbolic: SymbolicCheck.over(sandbox),
      outputs: remember(createOutputReader(sandbox, grading)),
      onProgram: () => (done += 1),
    });
  } finally {
    await stop();
  }
}

/** Equal completions of a problem are run once. */
function remember(read: OutputReader): OutputReader {
  let known = new Map<string, string | null>();
  let of = "";
  return async (problem: Problem, sample: Sample) => {
    // Samples come problem by problem.
    if (of !== problem.id) known = new Map<string, string | null>();
    of = problem.id;
    const text = sample.completion ?? "";
    const found = known.get(text);
    if (found !== undefined) return found;
    const output = await read(problem, sample);
    known.set(text, output);
    return output;
  };
}

function greedySampling({ evaluate, generate }: SelftrainConfig): Sampling {
  const greedy = { temperature: 0, top_p: 1, top_k: 0, repetition_penalty: generate.repetition_penalty };
  return { ...greedy, max_tokens: evaluate.max_tokens, stop: generate.stop };
}

function sampledSampling(
  { evaluate, generate }: SelftrainConfig,
  { temperature, top_p, top_k }: { temperature: number; top_p: number; top_k: number },
): Sampling {
  const { repetition_penalty, stop } = generate;
  return { temperature, top_p, top_k, repetition_penalty, max_tokens: evaluate.max_tokens, stop };
}
