import type { EndpointConfig } from "../config/endpoint.js";
import type { Problem } from "../../grading/types.js";
import type { PromptTemplate } from "../prompts.js";
import { seedOfProblem } from "../seeds.js";
import { complete, type Answer, type Sampling } from "../wire/completions.js";
import { WireFault } from "../wire/faults.js";
import type { Wire } from "../wire/wire.js";
import type { AnswerRow } from "./rows.js";

/** Who is asked, what for, and how. */
export interface Source {
  readonly wire: Wire;
  readonly endpoint: EndpointConfig;
  readonly model: string;
  readonly template: PromptTemplate;
  readonly sampling: Sampling;
  /** Samples of each problem. */
  readonly samples: number;
  readonly runId: string;
  readonly runSeed: number;
  readonly iteration: number;
  /** For instance `generate` or `greedy on test`: keeps the seeds of two uses of a problem apart. */
  readonly purpose: string;
}

/** Consecutive samples of one problem. */
export interface Range {
  readonly problem: Problem;
  readonly first: number;
  readonly count: number;
}

/** Asks for the samples of a range. The answer may hold fewer, but at least one. */
export async function ask(
  source: Source,
  { problem, first, count }: Range,
  signals: { readonly signal: AbortSignal; readonly draining: AbortSignal },
): Promise<AnswerRow> {
  const { wire, endpoint, model, template, sampling, runId, runSeed, iteration, purpose } = source;
  const seed = seedOfProblem(runSeed, iteration, purpose, problem.id) + first;
  const key = [runId, iteration, purpose, problem.id, first, count].map(String).map(encodeURIComponent).join("/");
  const row = { task_id: problem.id, first, seed, model };
  try {
    const prompt = template.render(problem);
    const answer = await complete(wire, endpoint, { model, prompt, n: count, seed, sampling, key, ...signals });
    return { ...row, ...answer, choices: [...answer.choices] };
  } catch (error) {
    if (!(error instanceof WireFault) || error.kind !== "too_long") throw error;
    // No model that cannot read the problem solves it; the other problems go on.
    const none: Answer["choices"] = Array.from({ length: count }, () => ({
      text: "",
      finish_reason: "prompt_too_long",
    }));
    return { ...row, choices: [...none], prompt_tokens: 0, completion_tokens: 0 };
  }
}
