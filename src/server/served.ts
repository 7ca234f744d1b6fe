import type { VerdictRecord } from "../grading/types.js";
import type { Caller, RunAnswer, RunTask } from "./contract.js";
import type { Served } from "./events.js";

export function describeGrading(record: VerdictRecord, { client }: Caller): Served {
  const { verdict, usage, cached, first_failure: failure } = record;
  return {
    kind: "grade",
    at: Date.now(),
    taskId: record.task_id,
    client,
    language: record.extraction.language,
    outcome: verdict,
    cached,
    queueMs: usage.queue_ms,
    usage: { cpuMs: usage.cpu_ms, wallMs: usage.wall_ms, peakMemoryKb: usage.peak_memory_kb },
    detail: failure === null ? "" : failure.stderr || `expected ${failure.expected}, got ${failure.actual}`,
  };
}

export function describeRun(answer: RunAnswer, { language }: RunTask, { client }: Caller): Served {
  const { ending, usage, cached, queueMs, detail } = answer;
  return { kind: "run", at: Date.now(), taskId: "", client, language, outcome: ending, cached, queueMs, usage, detail };
}

/** What clients are told of a fault of ours: what really happened can hold paths of this machine. */
const FAULT = "the sandbox failed; the service's log says how";

/** The record without the inside of a fault, and that inside for the log (null where there is none). */
export function hideFault(record: VerdictRecord): { record: VerdictRecord; detail: string | null } {
  if (record.verdict !== "infrastructure_error") return { record, detail: null };
  const failure = record.first_failure;
  const detail = failure === null ? "" : [failure.actual, failure.stderr].filter((text) => text !== "").join(": ");
  const told = failure === null ? null : { ...failure, actual: "", stderr: FAULT };
  return { record: { ...record, first_failure: told }, detail };
}

/** The same for a run. */
export function hideRunFault(answer: RunAnswer): { answer: RunAnswer; detail: string | null } {
  if (answer.ending !== "infrastructure_error") return { answer, detail: null };
  return { answer: { ...answer, detail: FAULT }, detail: answer.detail };
}
