import { z } from "zod";

const seconds = z.int().min(0);
const tuning = z.union([z.literal("auto"), z.number(), z.string(), z.boolean()]);

/** `files/<id>.json`; the content is beside it as `<id>.jsonl`. Times are in seconds since 1970. */
export const fileRecord = z.strictObject({
  id: z.string(),
  bytes: z.int().min(0),
  created_at: seconds,
  filename: z.string(),
  purpose: z.string(),
  sha256: z.string(),
  idempotency_key: z.string().nullable(),
});
export type FileRecord = z.infer<typeof fileRecord>;

export const JOB_STATES = ["validating_files", "queued", "running", "succeeded", "failed", "cancelled"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** `jobs/<id>/job.json`. */
export const jobRecord = z.strictObject({
  id: z.string(),
  status: z.enum(JOB_STATES),
  model: z.string(),
  fine_tuned_model: z.string().nullable(),
  training_file: z.string(),
  validation_file: z.string().nullable(),
  hyperparameters: z.record(z.string(), tuning),
  seed: z.int(),
  suffix: z.string().nullable(),
  metadata: z.record(z.string(), z.string()).nullable(),
  trained_tokens: z.int().nullable(),
  error: z.strictObject({ code: z.string(), message: z.string(), param: z.string().nullable() }).nullable(),
  created_at: seconds,
  finished_at: seconds.nullable(),
  idempotency_key: z.string().nullable(),
  /** What was asked, to tell a repeated request from another one with the same key. */
  request_sha256: z.string(),
  last_step: z.strictObject({ step: z.int(), loss: z.number() }).nullable(),
});
export type JobRecord = z.infer<typeof jobRecord>;

/** A line of `jobs/<id>/events.jsonl`. */
export const eventRecord = z.strictObject({
  id: z.string(),
  created_at: seconds,
  level: z.enum(["info", "warn", "error"]),
  message: z.string(),
  type: z.enum(["message", "metrics"]),
  data: z.record(z.string(), z.number()),
});
export type EventRecord = z.infer<typeof eventRecord>;

export function isOver(status: JobState): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}
