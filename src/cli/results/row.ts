import { createHash } from "node:crypto";
import { z } from "zod";
import { VERDICTS, type VerdictRecord } from "../../grading/types.js";

/** One line of a results file: the sample's fields and, before them in rank, those of the Verdict record. */
export type ResultRow = VerdictRecord & Readonly<Record<string, unknown>>;

const number = z.number();
const text = z.string();

/** What a results file must hold on each line to be one; further fields are the sample's. */
const resultRow = z.looseObject({
  task_id: text,
  verdict: z.enum(VERDICTS),
  passed: z.boolean(),
  reward: number,
  tests: z.looseObject({ total: number, run: number, passed: number }),
  first_failure: z
    .looseObject({
      index: number,
      verdict: z.enum(VERDICTS),
      input: text,
      expected: text,
      actual: text,
      stderr: text,
    })
    .nullable(),
  groups: z.record(text, z.boolean()).optional(),
  usage: z.looseObject({ cpu_ms: number, wall_ms: number, peak_memory_kb: number, queue_ms: number }),
  extraction: z.looseObject({
    rule: text,
    version: number,
    language: text,
    truncated: z.boolean(),
    blocks: number,
  }),
  equivalence: z.looseObject({ policy: text, tier: number.nullable(), answer: text.nullable() }).optional(),
  integrity: z.enum(["isolated", "shared_process"]),
  isolation: z.enum(["namespaces", "unprivileged", "none"]),
  comparator: text,
  policy: text.optional(),
  cached: z.boolean(),
  grader: text,
  runtime: text.optional(),
  time_multiplier: number.optional(),
} satisfies Record<keyof VerdictRecord, z.ZodType>);

const RECORD_FIELDS: ReadonlySet<string> = new Set(Object.keys(resultRow.shape));

/** Reads one line of a results file; otherwise says what is wrong with it, and in which field. */
export function parseResultRow(line: string): { row: ResultRow } | { field: string | undefined; problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { field: undefined, problem: "not JSON" };
  }
  const parsed = resultRow.safeParse(value);
  // The value itself and not zod's copy of it: fields keep their order, which their fingerprint depends on.
  if (parsed.success) return { row: value as ResultRow };
  const issue = parsed.error.issues[0];
  return { field: issue?.path.join(".") || undefined, problem: issue?.message ?? "not a result row" };
}

/**
 * Result row of a sample: its fields, then the record's. A field of the sample that has the name of one of the
 * record's is kept as `sample_<name>`, save a `task_id` that says the same.
 */
export function joinRow(sample: Readonly<Record<string, unknown>>, record: VerdictRecord): ResultRow {
  return { ...Object.fromEntries(carryFields(sample, record.task_id)), ...record };
}

/** Fingerprint of a sample, the same as that of its result row. `taskId` is the problem's id. */
export function fingerprintSample(sample: Readonly<Record<string, unknown>>, taskId: string): string {
  return fingerprint(taskId, carryFields(sample, taskId));
}

/** Fingerprint of the sample that a result row came from. */
export function fingerprintRow(row: ResultRow): string {
  return fingerprint(
    row.task_id,
    Object.entries(row).filter(([name]) => !RECORD_FIELDS.has(name)),
  );
}

function carryFields(sample: Readonly<Record<string, unknown>>, taskId: string): [string, unknown][] {
  const carried: [string, unknown][] = [];
  for (const [name, value] of Object.entries(sample)) {
    if (name === "task_id" && value === taskId) continue;
    let free = name;
    while (RECORD_FIELDS.has(free) || (free !== name && Object.hasOwn(sample, free))) free = `sample_${free}`;
    carried.push([free, value]);
  }
  return carried;
}

function fingerprint(taskId: string, fields: [string, unknown][]): string {
  // Names that look like whole numbers move to the front when an object is made of them, hence the sorting.
  const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([taskId, sorted]))
    .digest("base64")
    .slice(0, 22);
}
