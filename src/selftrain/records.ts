import { z } from "zod";
import { VERDICTS } from "../grading/types.js";

/**
 * The records of a run folder. Shares (pass@1 and the like) are from 0 to 1, times are ISO 8601 in UTC, paths are
 * relative to the run folder. `docs/selftrain.md` has the map of the folder.
 */
const share = z.number().min(0).max(1);
const tally = z.int().min(0);
const time = z.iso.datetime();

export const SETS = ["train", "validation", "test", "transfer"] as const;
export type SetName = (typeof SETS)[number];

/** `manifest.json`: what the run is made of. Whatever is named here may not change while it goes on. */
export const manifestRecord = z.strictObject({
  schema: z.literal("assay-selftrain/1"),
  /** Random; in the names of jobs and models, so that those of two runs are never mixed up. */
  run_id: z.string(),
  name: z.string(),
  created_at: time,
  /** With every default filled in, and `${NAME}` where the file has it. */
  config: z.record(z.string(), z.json()),
  config_sha256: z.string(),
  problems: z.partialRecord(
    z.enum(SETS),
    z.strictObject({ path: z.string(), format: z.string(), problems: tally, sha256: z.string() }),
  ),
  prompt_sha256: z.string(),
  /** For instance `assay 0.1.0, python 3.11.2`. */
  grader: z.string(),
});
export type Manifest = z.infer<typeof manifestRecord>;

/** What a step used. Tokens are as the server counted them; null where it did not say. */
export const costRecord = z.strictObject({
  requests: tally,
  prompt_tokens: tally.nullable(),
  completion_tokens: tally.nullable(),
  /** Programs (or answers) judged, those judged once for several equal samples counted once. */
  graded: tally,
  grading_cpu_seconds: z.number().min(0),
  /** From the submission of a fine-tuning job to its end. */
  job_seconds: z.number().min(0),
});
export type Cost = z.infer<typeof costRecord>;

const verdictMix = z.partialRecord(z.enum(VERDICTS), tally);

/** `iterations/<i>/selection.json`: what the generate and select steps came to. */
export const selectionRecord = z.strictObject({
  seed: z.int(),
  rule: z.string(),
  reward: z.enum(["correct", "shuffled"]),
  model: z.string(),
  problems: tally,
  samples: tally,
  /** Samples that ended in `infrastructure_error` or `invalid_problem`: neither scored nor ever selected. */
  unscored: tally,
  accepted: tally,
  /** Mean over problems of the share of accepted samples: pass@1 at the temperature of generation. */
  sampled_pass_at_1: share.nullable(),
  verdicts: verdictMix,
  /** How many problems have 0, 1, 2 … accepted samples. */
  problems_by_accepted: z.record(z.string(), tally),
  /** Accepted samples that are left once equal programs are one. */
  distinct: tally,
  selected: tally,
  problems_selected: tally,
  /** Tells whether two runs trained on the same rows. */
  dataset_sha256: z.string(),
});
export type Selection = z.infer<typeof selectionRecord>;

/**
 * `iterations/<i>/job.json`. It is written before the job is submitted, with a tag that no other job has, and
 * with the job's id as soon as that is known.
 */
export const jobRecord = z.strictObject({
  tag: z.string(),
  driver: z.enum(["openai", "command"]),
  /** From 1; a job that failed is followed by another attempt when the run is started again. */
  attempt: z.int().positive(),
  state: z.enum(["intended", "submitting", "submitted", "succeeded", "failed", "cancelled"]),
  init: z.string(),
  dataset: z.string(),
  dataset_sha256: z.string(),
  rows: tally,
  file_id: z.string().nullable(),
  job_id: z.string().nullable(),
  /** The word that the trainer last used for the job's state. */
  status: z.string().nullable(),
  /** The name that the trainer gave to the new model, or the folder of the new weights. */
  model: z.string().nullable(),
  trained_tokens: tally.nullable(),
  error: z.string().nullable(),
  created_at: time,
  submitted_at: time.nullable(),
  finished_at: time.nullable(),
});
export type Job = z.infer<typeof jobRecord>;

/** `iterations/<i>/model.json`: the model of an iteration, which was seen to answer. Iteration 0 is the base model. */
export const modelRecord = z.strictObject({
  /** The name that requests use. */
  model: z.string(),
  /** What the next fine-tuning starts from where `improve.init` is `previous`. */
  weights: z.string(),
  answered_at: time,
});
export type ModelRecord = z.infer<typeof modelRecord>;

const interval = z.tuple([z.number(), z.number()]);

/** The same for iteration and base model, over the same problems. */
const gain = z.strictObject({ difference: z.number(), ci95: interval });

/** How a model does on one set. */
export const setMetrics = z.strictObject({
  problems: tally,
  /** Problems whose greedy sample was scored. */
  scored: tally,
  /** Of one greedy sample for each problem. */
  pass_at_1: share,
  /** 95 % bootstrap interval, problems resampled. */
  ci95: interval,
  /** Against iteration 0, problems paired; null in iteration 0. */
  gain: gain.nullable(),
  /** By k, unbiased; absent where it was not measured. */
  pass_at_k: z.record(z.string(), share).optional(),
  /** Share of problems whose most frequent answer (or output) is right; null where it was not measured. */
  majority: share.nullable(),
  /** Samples that vote for each problem; null where none vote. */
  majority_samples: tally.nullable(),
  verdicts: verdictMix,
  /** Problems solved now and not by the model of the iteration before, and the other way round. */
  newly_solved: z.array(z.string()),
  newly_lost: z.array(z.string()),
  /** pass@1 by difficulty, as the set states it. */
  by_difficulty: z.record(z.string(), z.strictObject({ problems: tally, pass_at_1: share })),
  /** pass@1 by success rate of the base model's samples at temperature 1; only with `evaluate.pass_at_k`. */
  by_base_success: z.record(z.string(), z.strictObject({ problems: tally, pass_at_1: share })).optional(),
});
export type SetMetrics = z.infer<typeof setMetrics>;

/** `iterations/<i>/metrics.json`. */
export const metricsRecord = z.strictObject({
  iteration: tally,
  model: z.string(),
  train: setMetrics.optional(),
  validation: setMetrics.optional(),
  test: setMetrics.optional(),
  transfer: setMetrics.optional(),
});
export type Metrics = z.infer<typeof metricsRecord>;

const iterationReport = z.strictObject({
  ...metricsRecord.shape,
  /** Null in iteration 0, and where human solutions are the data. */
  generation: selectionRecord.nullable(),
  job: jobRecord.nullable(),
  /** By step: generate, improve, evaluate; what has not ended is absent. */
  cost: z.record(z.string(), costRecord),
});
export type IterationReport = z.infer<typeof iterationReport>;

/** Another run that the report shows beside this one, such as the control with shuffled rewards. */
const comparedRun = z.strictObject({
  name: z.string(),
  run_id: z.string(),
  state: z.enum(["going_on", "finished"]),
  best: z.int().min(0).nullable(),
  /** What it was given that this run was not; paths and addresses aside. */
  differences: z.array(z.strictObject({ field: z.string(), here: z.string(), there: z.string() })),
  iterations: z.array(metricsRecord),
});
export type ComparedRun = z.infer<typeof comparedRun>;

/** `report.json`: everything that a report shows, in one file; made anew after each iteration. */
export const reportRecord = z.strictObject({
  schema: z.literal("assay-selftrain-report/1"),
  name: z.string(),
  run_id: z.string(),
  written_at: time,
  state: z.enum(["going_on", "finished"]),
  /** Why there are fewer iterations than were asked for, or null. */
  stopped_early: z.string().nullable(),
  /** The iteration with the best pass@1 on validation (without validation: the last); null before the first. */
  best: z.strictObject({ iteration: tally, model: z.string(), weights: z.string() }).nullable(),
  config: manifestRecord.shape.config,
  problems: manifestRecord.shape.problems,
  grader: z.string(),
  iterations: z.array(iterationReport),
  /** Those that `assay selftrain report --compare` was given. */
  compared: z.array(comparedRun),
});
export type Report = z.infer<typeof reportRecord>;

export const STEPS = ["generate", "select", "improve", "serve", "evaluate"] as const;
export type StepName = (typeof STEPS)[number];

/** `iterations/<i>/<step>.done.json`: the step is whole; what it wrote, so that a file that was cut is noticed. */
export const doneRecord = z.strictObject({
  step: z.enum(STEPS),
  finished_at: time,
  cost: costRecord,
  files: z.record(z.string(), z.strictObject({ bytes: tally, sha256: z.string() })),
});
export type Done = z.infer<typeof doneRecord>;

/** `progress.json`: what the run is at, written about once a second while it works. */
export const progressRecord = z.strictObject({
  pid: z.int(),
  host: z.string(),
  started_at: time,
  updated_at: time,
  iteration: tally,
  step: z.enum(STEPS),
  /** For instance `greedy on test` or the state of the job. */
  doing: z.string(),
  done: tally,
  total: tally.nullable(),
  accepted: tally,
  /** Why the run stopped, once it has; null while it works. */
  ended: z.string().nullable(),
});
export type ProgressRecord = z.infer<typeof progressRecord>;

/** A row of `iterations/<i>/samples.jsonl.gz` and of the samples under `iterations/<i>/evaluation/`. */
export const sampleRow = z.strictObject({
  task_id: z.string(),
  /** From 0, within its problem. */
  sample: tally,
  completion: z.string(),
  finish_reason: z.string().nullable(),
  model: z.string(),
  seed: z.int(),
});
export type SampleRow = z.infer<typeof sampleRow>;
