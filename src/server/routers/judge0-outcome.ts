import { constants } from "node:os";

import type { Compilation } from "../../sandbox/contract.js";
import { RefusedError, type Caller, type RunAnswer, type Service } from "../contract.js";
import { describeAsIsolate, stderrOf } from "./isolate-words.js";
import { STATUSES, type Status } from "./judge0-config.js";
import { limitsOf, splitArguments, type Order } from "./judge0-submission.js";

/** What became of a submission. Times in seconds, memory in kB. */
export interface Outcome {
  readonly status: Status;
  readonly stdout: Buffer | null;
  readonly stderr: Buffer | null;
  readonly compileOutput: Buffer | null;
  readonly message: string | null;
  readonly exitCode: number | null;
  readonly exitSignal: number | null;
  readonly time: number | null;
  readonly wallTime: number | null;
  readonly memory: number | null;
}

/**
 * Runs a submission as often as it says, until a run is not accepted; time and memory are the mean of the runs.
 * Rejects with a RefusedError only.
 */
export async function carryOut(service: Service, order: Order, caller: Caller): Promise<Outcome> {
  const runs: RunAnswer[] = [];
  let outcome: Outcome;
  const times = Math.floor(order.numbers.number_of_runs);
  do {
    const answer = await service.run(
      {
        language: order.language.id,
        source: order.sourceCode.toString("utf8"),
        stdin: order.stdin ?? Buffer.alloc(0),
        args: splitArguments(order.commandLineArguments),
        limits: limitsOf(order),
        // Several runs are asked for to see several.
        ...(times > 1 ? { cache: false } : {}),
      },
      caller,
    );
    runs.push(answer);
    outcome = judge(order, answer);
  } while (outcome.status.id === ACCEPTED && runs.length < times);
  if (outcome.time === null) return outcome;
  const mean = (pick: (usage: RunAnswer["usage"]) => number): number =>
    runs.reduce((sum, { usage }) => sum + pick(usage), 0) / runs.length;
  return { ...outcome, time: mean(({ cpuMs }) => cpuMs) / 1000, memory: mean(({ peakMemoryKb }) => peakMemoryKb) };
}

/** The outcome of a submission that could not be carried out, by no fault of the program. */
export function failedOutcome(error: unknown): Outcome {
  const message = error instanceof RefusedError ? error.message : "an error of the service's own";
  return { ...NOTHING, status: statusOf(INTERNAL_ERROR), message };
}

const [ACCEPTED, WRONG_ANSWER, TIME_LIMIT, COMPILATION_ERROR, NZEC, OTHER, INTERNAL_ERROR] = [3, 4, 5, 6, 11, 12, 13];

const NOTHING = {
  stdout: null,
  stderr: null,
  compileOutput: null,
  message: null,
  exitCode: null,
  exitSignal: null,
  time: null,
  wallTime: null,
  memory: null,
} as const;

function judge(order: Order, answer: RunAnswer): Outcome {
  const { status, exitCode, signal, message } = describeAsIsolate(answer);
  if (status === "XX") return { ...NOTHING, status: statusOf(INTERNAL_ERROR), message };
  const compileOutput = answer.compilation === undefined ? null : sayCompiler(answer.compilation);
  if (answer.ending === "compile_error" && answer.compilation !== undefined) {
    return { ...NOTHING, status: statusOf(COMPILATION_ERROR), compileOutput };
  }
  const stderr = stderrOf(answer);
  // Which of the two streams was written first is not known.
  const stdout = order.redirectStderr ? Buffer.concat([answer.stdout, stderr]) : answer.stdout;
  const isRight = order.expectedOutput === null || strip(order.expectedOutput) === strip(stdout);
  return {
    status: statusOf(
      { TO: TIME_LIMIT, SG: SIGNALS.get(signal) ?? OTHER, RE: NZEC, none: isRight ? ACCEPTED : WRONG_ANSWER }[
        status ?? "none"
      ],
    ),
    stdout: emptyToNull(stdout),
    stderr: order.redirectStderr ? null : emptyToNull(stderr),
    compileOutput,
    message,
    exitCode: exitCode ?? 0,
    exitSignal: signal,
    time: answer.usage.cpuMs / 1000,
    wallTime: answer.usage.wallMs / 1000,
    memory: answer.usage.peakMemoryKb,
  };
}

/** All that a compiler wrote, as Judge0 keeps it: warnings too. */
function sayCompiler({ ending, stdout, stderr }: Compilation): Buffer | null {
  if (ending === "time_limit") return Buffer.from("Compilation time limit exceeded.");
  return emptyToNull(Buffer.concat([stdout, stderr]));
}

const { SIGSEGV, SIGXFSZ, SIGFPE, SIGABRT } = constants.signals;
const SIGNALS: ReadonlyMap<number | null, number> = new Map([
  [SIGSEGV, 7],
  [SIGXFSZ, 8],
  [SIGFPE, 9],
  [SIGABRT, 10],
]);

export function statusOf(id: number): Status {
  const status = STATUSES.find((one) => one.id === id);
  if (status === undefined) throw new RangeError(`no status ${id}`);
  return status;
}

/** Judge0's comparison: without white space (and NUL) at the ends of lines and of the text. Bytes, as Latin-1. */
function strip(text: Buffer): string {
  return stripEnd(text.toString("latin1").split("\n").map(stripEnd).join("\n"));
}

function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && "\0\t\n\v\f\r ".includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function emptyToNull(text: Buffer): Buffer | null {
  return text.length === 0 ? null : text;
}
