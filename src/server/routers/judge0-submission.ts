import type { Limits } from "../../sandbox/contract.js";
import { findByJudge0Id, type Language } from "../languages.js";
import { JUDGE0_CONFIG, nameForJudge0 } from "./judge0-config.js";

/** A submission as it was asked for. Times in seconds, sizes in kB. */
export interface Order {
  readonly language: Language;
  /** As `GET /languages` has it. */
  readonly languageName: string;
  readonly languageId: number;
  readonly sourceCode: Buffer;
  readonly stdin: Buffer | null;
  readonly expectedOutput: Buffer | null;
  readonly commandLineArguments: string | null;
  readonly redirectStderr: boolean;
  readonly numbers: Readonly<Record<keyof typeof NUMBERS, number>>;
}

/** What is wrong with a submission: messages by field, in Judge0's words. */
export type Complaints = Readonly<Record<string, readonly string[]>>;

interface Bounds {
  readonly fallback: number;
  readonly minimum: number;
  readonly maximum: number;
  /** The minimum itself is out. */
  readonly above?: boolean;
}

const config = JUDGE0_CONFIG;
const NUMBERS = {
  number_of_runs: bounds(config.number_of_runs, 0, config.max_number_of_runs, true),
  cpu_time_limit: bounds(config.cpu_time_limit, 0, config.max_cpu_time_limit),
  cpu_extra_time: bounds(config.cpu_extra_time, 0, config.max_cpu_extra_time),
  wall_time_limit: bounds(config.wall_time_limit, 1, config.max_wall_time_limit),
  memory_limit: bounds(config.memory_limit, 2048, config.max_memory_limit),
  stack_limit: bounds(config.stack_limit, 0, config.max_stack_limit),
  max_processes_and_or_threads: bounds(
    config.max_processes_and_or_threads,
    0,
    config.max_max_processes_and_or_threads,
    true,
  ),
  max_file_size: bounds(config.max_file_size, 0, config.max_max_file_size),
};

function bounds(fallback: number, minimum: number, maximum: number, above = false): Bounds {
  return { fallback, minimum, maximum, above };
}

/** What Judge0 knows and a sandbox without network, callbacks and second programs does not do; the words are Judge0's. */
const REFUSED = {
  compiler_options: "setting compiler options is not allowed",
  callback_url: "setting callback is not allowed",
  additional_files: "setting additional files is not allowed",
  enable_network: "enabling network is not allowed",
} as const;

/** Reads one submission; `base64` says how its source, stdin and expected output are written. */
export async function readOrder(
  body: unknown,
  base64: boolean,
): Promise<{ readonly order: Order } | { readonly complaints: Complaints }> {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const complaints: Record<string, string[]> = {};
  const complain = (field: string, message: string): void => void (complaints[field] ??= []).push(message);
  const decode = (field: string): Buffer | null => {
    const text = toText(fields[field]);
    return text === null ? null : Buffer.from(text, base64 ? "base64" : "utf8");
  };

  const sourceCode = decode("source_code");
  if (sourceCode === null || sourceCode.toString("latin1").trim() === "") complain("source_code", "can't be blank");
  const languageId = Number.parseInt(toText(fields["language_id"]) ?? "", 10);
  const language = findByJudge0Id(languageId);
  if (isBlank(fields["language_id"])) complain("language_id", "can't be blank");
  else if (language === undefined) {
    complain("language_id", `language with id ${Number.isNaN(languageId) ? 0 : languageId} doesn't exist`);
  }
  const numbers: Record<string, number> = {};
  for (const [field, limits] of Object.entries(NUMBERS)) {
    numbers[field] = readNumber(fields[field], limits, (message) => complain(field, message));
  }
  for (const [field, message] of Object.entries(REFUSED)) {
    if (!isBlank(fields[field]) && fields[field] !== false) complain(field, message);
  }
  const commandLineArguments = toText(fields["command_line_arguments"]);
  if ((commandLineArguments?.length ?? 0) > 512) {
    complain("command_line_arguments", "is too long (maximum is 512 characters)");
  }
  if (commandLineArguments?.includes("\0") === true || commandLineArguments?.isWellFormed() === false) {
    complain("command_line_arguments", "is invalid");
  }
  if (Object.keys(complaints).length > 0 || language === undefined || sourceCode === null) return { complaints };
  return {
    order: {
      language,
      languageName: await nameForJudge0(language),
      languageId,
      sourceCode,
      stdin: decode("stdin"),
      expectedOutput: decode("expected_output"),
      commandLineArguments,
      redirectStderr: [true, "true", 1, "1"].includes(fields["redirect_stderr_to_stdout"] as boolean),
      numbers: numbers as Order["numbers"],
    },
  };
}

/** The limits of each run. A stream counts as a file: Judge0 writes both into files. */
export function limitsOf({ numbers }: Order): Partial<Limits> {
  const bytes = Math.floor(numbers.max_file_size * 1024);
  return {
    cpuMs: Math.max(1, Math.ceil(numbers.cpu_time_limit * 1000)),
    wallMs: Math.ceil(numbers.wall_time_limit * 1000),
    memoryKb: Math.floor(numbers.memory_limit),
    stackKb: Math.max(1024, Math.floor(numbers.stack_limit)),
    processes: Math.floor(numbers.max_processes_and_or_threads),
    fileBytes: bytes,
    outputBytes: bytes,
  };
}

/** Words of a command line; quotation marks and backslashes hold together, nothing is expanded. */
export function splitArguments(line: string | null): string[] {
  const words = line?.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|["'\\])+/gs) ?? [];
  return words.map((word) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, (_all, double?: string, single?: string, one?: string) =>
      double === undefined ? (single ?? one ?? "") : double.replace(/\\(.)/gs, "$1"),
    ),
  );
}

function readNumber(value: unknown, limits: Bounds, complain: (message: string) => void): number {
  if (value === undefined || value === null || value === "") return limits.fallback;
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : NaN;
  if (Number.isNaN(number)) complain("is not a number");
  else if (limits.above === true && number <= limits.minimum) complain(`must be greater than ${limits.minimum}`);
  else if (number < limits.minimum) complain(`must be greater than or equal to ${limits.minimum}`);
  else if (number > limits.maximum) complain(`must be less than or equal to ${limits.maximum}`);
  return number;
}

function toText(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}
