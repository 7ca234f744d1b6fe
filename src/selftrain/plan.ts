import type { Grader } from "../grading/grader.js";
import type { LoadedConfig } from "./config/read.js";
import type { RunSets } from "./context.js";
import type { PromptTemplate } from "./prompts.js";
import { SETS } from "./records.js";

/** What a run would ask for, at most: early stopping and answers that end early make it less. */
export interface Plan {
  readonly iterations: number;
  readonly jobs: number;
  readonly stages: readonly Stage[];
  readonly requests: number;
  readonly completions: number;
  /** About four characters are taken for a token. */
  readonly prompt_tokens: number;
  /** At most: every completion as long as max_tokens. */
  readonly completion_tokens: number;
  readonly grading_seconds: number;
  /** Seconds of one program, and where that is from. */
  readonly seconds_a_program: number;
  readonly measured_on: number;
}

interface Stage {
  readonly name: string;
  readonly times: number;
  readonly requests: number;
  readonly completions: number;
}

const CHARACTERS_A_TOKEN = 4;
const MEASURED = 20;
/** Taken where the problems bring no solution that could be timed. */
const ASSUMED_SECONDS = 0.1;

export async function makePlan(
  { config }: LoadedConfig,
  sets: RunSets,
  template: PromptTemplate,
  { grader, cells }: { readonly grader: Grader; readonly cells: number },
): Promise<Plan> {
  const { generate, evaluate, improve, endpoint, iterations } = config;
  const stages: Stage[] = [];
  let tokens = { prompt: 0, completion: 0 };
  const add = (
    name: string,
    set: keyof RunSets,
    samples: number,
    times: number,
    maxTokens: number,
    most: number,
  ): void => {
    const problems = sets[set]?.problems ?? [];
    const each = Math.ceil(samples / most);
    const characters = problems.reduce((sum, problem) => sum + JSON.stringify(template.render(problem)).length, 0);
    stages.push({ name, times, requests: each * problems.length, completions: samples * problems.length });
    tokens = {
      prompt: tokens.prompt + Math.round((characters / CHARACTERS_A_TOKEN) * each * times),
      completion: tokens.completion + samples * problems.length * maxTokens * times,
    };
  };

  if (improve.data === "model") {
    const most = (generate.teacher?.endpoint ?? endpoint).max_n;
    add("generate on train", "train", generate.samples_per_problem ?? 1, iterations, generate.max_tokens, most);
  }
  for (const set of SETS.filter((name) => sets[name] !== undefined)) {
    if (!evaluate.greedy_on.includes(set)) continue;
    add(`greedy on ${set}`, set, 1, iterations + 1, evaluate.max_tokens, endpoint.max_n);
    for (const kind of ["pass_at_k", "majority"] as const) {
      const sampled = evaluate[kind];
      if (sampled === null || set === "train" || !sampled.on.includes(set)) continue;
      const times = sampled.when === "every" ? iterations + 1 : 2;
      add(`${kind} on ${set}`, set, sampled.samples, times, evaluate.max_tokens, endpoint.max_n);
    }
  }
  const total = (field: "requests" | "completions"): number =>
    stages.reduce((sum, stage) => sum + stage[field] * stage.times, 0);
  const { seconds, measured } = await timePrograms(sets, grader);
  return {
    ...{ iterations, jobs: iterations, stages },
    ...{ requests: total("requests"), completions: total("completions") },
    ...{ prompt_tokens: tokens.prompt, completion_tokens: tokens.completion },
    grading_seconds: (total("completions") * seconds) / cells,
    ...{ seconds_a_program: seconds, measured_on: measured },
  };
}

/** Times a few of the problems' own solutions, which run all tests: longer than most samples take. */
async function timePrograms(sets: RunSets, grader: Grader): Promise<{ seconds: number; measured: number }> {
  const some = sets.train.problems.filter(({ references }) => references.length > 0).slice(0, MEASURED);
  if (some.length === 0) return { seconds: ASSUMED_SECONDS, measured: 0 };
  const start = performance.now();
  for (const problem of some) {
    const solution = problem.references[0] ?? "";
    await grader.grade(problem, { taskId: problem.id, completion: null, solution, row: {} });
  }
  return { seconds: (performance.now() - start) / 1000 / some.length, measured: some.length };
}
