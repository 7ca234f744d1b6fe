import { z } from "zod";
import { VERDICTS, type VerdictRecord } from "../../grading/types.js";
import type { SampleRow } from "../records.js";

/** One answer of a server, as it is kept while a step is at work. */
export const answerRow = z.object({
  task_id: z.string(),
  /** The number of its first sample within the problem. */
  first: z.int().min(0),
  seed: z.int(),
  model: z.string(),
  choices: z.array(z.object({ text: z.string(), finish_reason: z.string().nullable() })),
  prompt_tokens: z.int().nullable(),
  completion_tokens: z.int().nullable(),
});
export type AnswerRow = z.infer<typeof answerRow>;

/** The verdict on a sample: a row of `verdicts.jsonl.gz`. The record's further fields are kept as they are. */
export const verdictRow = z.looseObject({
  task_id: z.string(),
  sample: z.int().min(0),
  verdict: z.enum(VERDICTS),
  cached: z.boolean(),
  usage: z.looseObject({ cpu_ms: z.number() }),
  equivalence: z.looseObject({ answer: z.string().nullable() }).optional(),
});
export type VerdictRow = z.infer<typeof verdictRow>;

export function toVerdictRow(sample: number, record: VerdictRecord): VerdictRow {
  const { task_id, ...rest } = record;
  return verdictRow.parse({ task_id, sample, ...rest });
}

/** A sample beside its verdict. */
export interface Judged {
  readonly sample: SampleRow;
  readonly verdict: VerdictRow;
}

/** Whether a verdict says anything about the sample. */
export function isScored({ verdict }: Pick<VerdictRow, "verdict">): boolean {
  return verdict !== "infrastructure_error" && verdict !== "invalid_problem";
}
