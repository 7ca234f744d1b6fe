import { constants } from "node:os";

import type { Ending, JudgeReport, Limits } from "./contract.js";
import { CAUSE, type EndReport } from "./protocol.js";

/** Of what a program wrote last: some runtimes print a page of state behind the reason of their end. */
const LAST_WORDS_BYTES = 16 << 10;

/** The detail of a `time_limit` by the limit of elapsed time. */
export const ELAPSED_TIME = "elapsed time";

/** What is known of a run when it is over. */
export interface Evidence {
  readonly end: EndReport;
  readonly limits: Limits;
  readonly compileError: string | null;
  readonly stderr: Buffer;
  /** What in a failed program's last words says that it ran out of memory, beside what Python says. */
  readonly outOfMemory: readonly RegExp[];
  readonly judged: boolean;
  readonly report: JudgeReport | null;
  /** Why the program could not be loaded as a module: exception families, message, traceback. */
  readonly loadError: readonly [readonly string[], string, string] | null;
}

export interface Classification {
  readonly ending: Ending;
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly detail: string;
}

/** Decides, in this one place, how a run ended. The first cause wins. */
export function classify(evidence: Evidence): Classification {
  const { end, limits } = evidence;
  const signal = (end.status & 0x7f) === 0 ? null : end.status & 0x7f;
  const exitCode = signal === null ? (end.status >> 8) & 0xff : null;
  const ended = (ending: Ending, detail = ""): Classification => ({ ending, exitCode, signal, detail });

  if (evidence.compileError !== null) return ended("compile_error", evidence.compileError);
  // Before the clocks: memory can only have been exceeded while the program still had time.
  if (end.peakMemoryKb > limits.memoryKb) return ended("memory_limit", `${end.peakMemoryKb} KiB were in use`);
  switch (end.cause) {
    case CAUSE.memory:
      return ended("memory_limit", "its processes together took too much memory");
    case CAUSE.cpuTime:
      return ended("time_limit", "CPU time");
    case CAUSE.wallTime:
      return ended("time_limit", ELAPSED_TIME);
    case CAUSE.judgeStuck:
      return ended("time_limit", "the test code did not end on what the program answered");
    case CAUSE.output:
      return ended("output_limit");
  }
  if (evidence.judged) return judgedEnding(evidence, ended, exitCode, signal);
  if (signal === constants.signals.SIGXFSZ) return ended("output_limit", "a file grew too large");
  if (signal === constants.signals.SIGXCPU) return ended("time_limit", "CPU time");
  if (signal === null && exitCode === 0) return ended("finished");
  const tail = evidence.stderr.subarray(-LAST_WORDS_BYTES).toString("utf8");
  const lastWords = lastLine(tail);
  const saysSo = evidence.outOfMemory.find((pattern) => pattern.test(tail));
  if (saysSo !== undefined) return ended("memory_limit", saysSo.exec(tail)?.[0] ?? "");
  if (signal !== null) return ended("runtime_error", `ended by signal ${signal}`);
  return ended(
    isOutOfMemory(lastWords) ? "memory_limit" : "runtime_error",
    lastWords || `exit status ${exitCode ?? 0}`,
  );
}

function judgedEnding(
  { report, loadError }: Evidence,
  ended: (ending: Ending, detail?: string) => Classification,
  exitCode: number | null,
  signal: number | null,
): Classification {
  if (loadError !== null) {
    const [families, message, trace] = loadError;
    const ending = families[0] === "MemoryError" ? "memory_limit" : "runtime_error";
    return ended(ending, trace || `${families[0] ?? "error"}: ${message}`);
  }
  if (report?.firstFailure?.outcome !== "died") return ended("finished");
  if (signal === constants.signals.SIGXFSZ) return ended("output_limit", "a file grew too large");
  const how = signal === null ? `with exit status ${exitCode ?? 0}` : `by signal ${signal}`;
  return ended("runtime_error", `the program ended ${how} before it answered`);
}

/** Whether the last line of a traceback says that memory ran out (numpy has an exception of its own for it). */
export function isOutOfMemory(line: string): boolean {
  return /^(\S*\.)?_?(Array)?MemoryError\b|^OSError: \[Errno 12\]/.test(line);
}

export function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
