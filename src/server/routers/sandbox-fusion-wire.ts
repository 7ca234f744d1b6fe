import { z } from "zod";

import type { Compilation, Ending, Limits } from "../../sandbox/contract.js";
import { checkTask } from "../check-task.js";
import type { RunAnswer, RunFile, RunTask } from "../contract.js";
import { BadRequestError } from "../http.js";
import { findBySandboxFusion, type Language } from "../languages.js";
import { describeAsIsolate, stderrOf } from "./isolate-words.js";
import { checkPath } from "./paths.js";

/** SandboxFusion's names of languages (`sandbox/runners/types.py`), the installed ones and the others. */
export const LANGUAGE_NAMES = [
  ...["python", "cpp", "nodejs", "go", "go_test", "java", "php", "csharp", "bash", "typescript", "sql", "rust"],
  ...["cuda", "lua", "R", "perl", "D_ut", "ruby", "scala", "julia", "pytest", "junit", "kotlin_script", "jest"],
  ...["verilog", "python_gpu", "lean", "swift", "racket"],
] as const;

/** The language that a name of SandboxFusion's means, or undefined where it is not installed. */
export function findLanguage(name: string): Language | undefined {
  return findBySandboxFusion(name);
}

const SECONDS = z
  .number()
  .positive()
  .max(24 * 3600);

/** `sandbox/server/sandbox_api.py`, RunCodeRequest. Times are in seconds; a memory limit of 0 or less is none. */
export const runCodeSchema = z.object({
  compile_timeout: SECONDS.optional(),
  run_timeout: SECONDS.default(10),
  memory_limit_MB: z
    .int()
    .max(1 << 20)
    .default(-1),
  code: z.string(),
  stdin: z.string().nullish(),
  language: z.enum(LANGUAGE_NAMES),
  files: z.record(z.string(), z.base64().nullable()).default({}),
  fetch_files: z.array(z.string()).max(256).default([]),
});
export type RunCodeRequest = z.output<typeof runCodeSchema>;

/** Seconds that a compiler has where a request does not say; in `run_code` it is as its language has it. */
export const COMPILE_SECONDS = 10;

export interface CommandRunResult {
  readonly status: "Finished" | "Error" | "TimeLimitExceeded";
  /** Seconds. */
  readonly execution_time: number | null;
  readonly return_code: number | null;
  readonly stdout: string | null;
  readonly stderr: string | null;
}

export interface RunCodeResponse {
  readonly status: "Success" | "Failed" | "SandboxError";
  readonly message: string;
  readonly compile_result: CommandRunResult | null;
  readonly run_result: CommandRunResult | null;
  readonly executor_pod_name: string | null;
  /** Base64 by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** What nothing can be done about by asking again: a language that is not here. */
export function sandboxError(message: string): RunCodeResponse {
  return { status: "SandboxError", message, ...NOTHING_RAN };
}

const NOTHING_RAN = { compile_result: null, run_result: null, executor_pod_name: null, files: {} } as const;

/** @throws BadRequestError for files that no run can have, and for a path that leads out of the working folder */
export function toRunTask(wanted: RunCodeRequest, language: Language): RunTask {
  const milliseconds = wanted.run_timeout * 1000;
  const task = {
    language: language.id,
    source: wanted.code,
    stdin: Buffer.from(wanted.stdin ?? "", "utf8"),
    files: Object.entries(wanted.files).flatMap(([path, content]) =>
      content === null ? [] : [{ path: inside(path, "files"), content: Buffer.from(content, "base64") }],
    ),
    fetch: wanted.fetch_files.map((path) => inside(path, "fetch_files")),
    limits: {
      // Elapsed time is what it limits, see `limitSeconds`.
      cpuMs: milliseconds,
      wallMs: milliseconds,
      ...(wanted.memory_limit_MB > 0 ? { memoryKb: wanted.memory_limit_MB * 1024 } : {}),
    },
    compilerLimits: limitCompiler(wanted.compile_timeout),
  };
  return checkTask(task, "files", 422);
}

/** Elapsed time for the compiler, in seconds. One whose threads work at the same time may take more on the processors. */
export function limitCompiler(seconds: number | undefined): Partial<Limits> {
  return seconds === undefined ? {} : { wallMs: Math.ceil(seconds * 1000) };
}

/** Its clients write `./data.txt` too. */
function inside(path: string, field: string): string {
  try {
    return checkPath(path.replace(/^(?:\.\/)+/, ""), field);
  } catch (error) {
    throw error instanceof BadRequestError ? new BadRequestError(error.message, field, 422) : error;
  }
}

/** The answer to a run that the grader carried out, whatever the program did. */
export function toRunCodeResponse(answer: RunAnswer, asked: readonly string[]): RunCodeResponse {
  const { compilation, ending } = answer;
  const compile_result = compilation === undefined ? null : describeStage(compilation);
  // What has no compile stage fails to compile when it is run; verl takes its -4 for a fault of all other tests too.
  const run_result = compile_result !== null && ending === "compile_error" ? null : describeStage(answer);
  const last = run_result ?? compile_result;
  return {
    status: last?.status === "Finished" && last.return_code === 0 ? "Success" : "Failed",
    message: LIMIT_WORDS[ending] ?? "",
    compile_result,
    run_result,
    executor_pod_name: null,
    files: collectFiles(answer.files, asked),
  };
}

/** SandboxFusion has no words for these: they are a status that is not 0, and here a message for people. */
const LIMIT_WORDS: Partial<Record<Ending, string>> = {
  memory_limit: "memory limit exceeded",
  output_limit: "output limit exceeded",
};

function describeStage(answer: Compilation): CommandRunResult {
  const { status, exitCode, signal } = describeAsIsolate(answer);
  const out = { stdout: answer.stdout.toString("utf8"), stderr: stderrOf(answer).toString("utf8") };
  const execution_time = answer.usage.wallMs / 1000;
  if (status === "TO") return { status: "TimeLimitExceeded", execution_time, return_code: null, ...out };
  // As Python's subprocess has it: a signal is a negative status.
  return { status: "Finished", execution_time, return_code: exitCode ?? -(signal ?? 1), ...out };
}

/** Under the names they were asked for by. */
function collectFiles(files: readonly RunFile[], asked: readonly string[]): Record<string, string> {
  const found = new Map(files.map(({ path, content }) => [path, Buffer.from(content).toString("base64")]));
  return Object.fromEntries(
    asked.flatMap((path) => {
      const content = found.get(path.replace(/^(?:\.\/)+/, ""));
      return content === undefined ? [] : [[path, content]];
    }),
  );
}
