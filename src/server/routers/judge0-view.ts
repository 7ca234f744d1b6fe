import { isUtf8 } from "node:buffer";

import { statusOf, type Outcome } from "./judge0-outcome.js";
import type { Order } from "./judge0-submission.js";

/** A submission that is held: what was asked, and what came of it once that is known. */
export interface Submission {
  readonly token: string;
  readonly order: Order;
  /** Dates in ISO 8601. */
  readonly createdAt: string;
  finishedAt: string | null;
  outcome: Outcome | null;
}

type Value = Buffer | string | number | boolean | null | object;

/** Every field of Judge0 1.13.1 that can be asked for. Buffers are texts, in base64 where that is asked for. */
const FIELDS: Readonly<Record<string, (submission: Submission) => Value>> = {
  source_code: ({ order }) => order.sourceCode,
  language_id: ({ order }) => order.languageId,
  stdin: ({ order }) => order.stdin,
  expected_output: ({ order }) => order.expectedOutput,
  stdout: ({ outcome }) => outcome?.stdout ?? null,
  status_id: ({ outcome }) => (outcome?.status ?? PROCESSING).id,
  created_at: ({ createdAt }) => createdAt,
  finished_at: ({ finishedAt }) => finishedAt,
  time: ({ outcome }) => seconds(outcome?.time),
  memory: ({ outcome }) => (typeof outcome?.memory === "number" ? Math.round(outcome.memory) : null),
  stderr: ({ outcome }) => outcome?.stderr ?? null,
  token: ({ token }) => token,
  number_of_runs: ({ order }) => order.numbers.number_of_runs,
  cpu_time_limit: ({ order }) => decimal(order.numbers.cpu_time_limit),
  cpu_extra_time: ({ order }) => decimal(order.numbers.cpu_extra_time),
  wall_time_limit: ({ order }) => decimal(order.numbers.wall_time_limit),
  memory_limit: ({ order }) => order.numbers.memory_limit,
  stack_limit: ({ order }) => order.numbers.stack_limit,
  max_processes_and_or_threads: ({ order }) => order.numbers.max_processes_and_or_threads,
  enable_per_process_and_thread_time_limit: () => false,
  enable_per_process_and_thread_memory_limit: () => false,
  max_file_size: ({ order }) => order.numbers.max_file_size,
  compile_output: ({ outcome }) => outcome?.compileOutput ?? null,
  exit_code: ({ outcome }) => outcome?.exitCode ?? null,
  exit_signal: ({ outcome }) => outcome?.exitSignal ?? null,
  message: ({ outcome }) => (typeof outcome?.message === "string" ? Buffer.from(outcome.message) : null),
  wall_time: ({ outcome }) => seconds(outcome?.wallTime),
  compiler_options: () => null,
  command_line_arguments: ({ order }) => order.commandLineArguments,
  redirect_stderr_to_stdout: ({ order }) => order.redirectStderr,
  callback_url: () => null,
  additional_files: () => null,
  enable_network: () => false,
  status: ({ outcome }) => outcome?.status ?? PROCESSING,
  language: ({ order }) => ({ id: order.languageId, name: order.languageName }),
};

const PROCESSING = statusOf(2);
const DEFAULT_FIELDS = ["token", "time", "memory", "stdout", "stderr", "compile_output", "message", "status"];

/** The fields that a query asks for; `*` is all of them, none is Judge0's eight. */
export function readFields(asked: string): { readonly fields: readonly string[] } | { readonly invalid: string[] } {
  const names = asked.split(",").filter((name) => name !== "");
  const invalid = names.filter((name) => name !== "*" && !Object.hasOwn(FIELDS, name));
  if (invalid.length > 0) return { invalid };
  if (names.includes("*")) return { fields: Object.keys(FIELDS) };
  return { fields: names.length === 0 ? DEFAULT_FIELDS : names };
}

/** A submission as it is answered; null where a text is not UTF-8 and so cannot be written without base64. */
export function describeSubmission(
  submission: Submission,
  fields: readonly string[],
  base64: boolean,
): Record<string, unknown> | null {
  const described: Record<string, unknown> = {};
  for (const field of fields) {
    const value = FIELDS[field]?.(submission) ?? null;
    if (!Buffer.isBuffer(value)) described[field] = value;
    else if (base64) described[field] = encodeBase64(value);
    else if (isUtf8(value)) described[field] = value.toString("utf8");
    else return null;
  }
  return described;
}

/** Bytes that a submission takes while it is held. */
export function sizeOf({ order, outcome }: Submission): number {
  const texts = [order.sourceCode, order.stdin, order.expectedOutput];
  texts.push(outcome?.stdout ?? null, outcome?.stderr ?? null, outcome?.compileOutput ?? null);
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 1024);
}

/** As Ruby's Base64.encode64 writes it: lines of 60 characters, each with an end. */
function encodeBase64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/.{1,60}/g, "$&\n");
}

function seconds(value: number | null | undefined): string | null {
  return typeof value === "number" ? value.toFixed(3) : null;
}

/** A decimal column of Judge0's is written as a text, with at least one digit after the point. */
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
