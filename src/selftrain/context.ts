import type { Grader } from "../grading/grader.js";
import type { OutputOptions } from "../grading/outputs.js";
import type { Problem } from "../grading/types.js";
import type { Sandbox } from "../sandbox/contract.js";
import type { Cost, Manifest, SetName } from "./records.js";
import type { LoadedConfig } from "./config/read.js";
import type { RunFolder } from "./folder/run-folder.js";
import type { PromptTemplate } from "./prompts.js";
import type { Watch } from "./watch.js";
import type { Wire } from "./wire/wire.js";

/** Problems that a run uses, and where they came from. */
export interface RunSet {
  readonly problems: readonly Problem[];
  readonly find: (taskId: string) => Problem | undefined;
  readonly source: { readonly path: string; readonly format: string };
}
export type RunSets = { readonly train: RunSet } & { readonly [Name in Exclude<SetName, "train">]?: RunSet };

/** Everything that the steps of a run share. */
export interface RunContext extends LoadedConfig {
  readonly folder: RunFolder;
  readonly manifest: Manifest;
  readonly sets: RunSets;
  readonly template: PromptTemplate;
  readonly sandbox: Sandbox;
  readonly grader: Grader;
  readonly grading: Grading;
  /** To the endpoint; `teacher` to where the teacher is, and `trainer` to the fine-tuning service. */
  readonly wires: { readonly endpoint: Wire; readonly teacher: Wire; readonly trainer: Wire };
  readonly watch: Watch;
  readonly signal: AbortSignal;
}

/** How completions are judged, settled. */
export interface Grading extends OutputOptions {
  readonly jobs: number;
}

export const NO_COST: Cost = {
  requests: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  graded: 0,
  grading_cpu_seconds: 0,
  job_seconds: 0,
};

/** The sum; tokens are unknown where those of a part are. */
export function addCosts(costs: readonly Cost[]): Cost {
  const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
  return costs.reduce(
    (sum, cost) => ({
      requests: sum.requests + cost.requests,
      prompt_tokens: plus(sum.prompt_tokens, cost.prompt_tokens),
      completion_tokens: plus(sum.completion_tokens, cost.completion_tokens),
      graded: sum.graded + cost.graded,
      grading_cpu_seconds: sum.grading_cpu_seconds + cost.grading_cpu_seconds,
      job_seconds: sum.job_seconds + cost.job_seconds,
    }),
    NO_COST,
  );
}
