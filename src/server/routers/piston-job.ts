import { z } from "zod";

import type { Limits } from "../../sandbox/contract.js";
import { checkTask } from "../check-task.js";
import type { RunFile, RunTask } from "../contract.js";
import { BadRequestError } from "../http.js";
import { listLanguages, type Language } from "../languages.js";
import { isInRange } from "../version-range.js";
import { checkPath } from "./paths.js";

/** What is asked of a run: what Piston's job is made of. Limits in milliseconds and bytes. */
export interface Job extends Omit<RunTask, "language"> {
  readonly language: Language;
  readonly version: string;
  readonly limits: Partial<Limits> & Pick<Limits, "wallMs">;
  readonly compilerLimits: Partial<Limits>;
}

/** Times and memory of a stage that are taken at most, and the time of a run where none is stated. */
const PISTON_LIMITS = { timeMs: 3000, maxTimeMs: 60_000, maxMemoryBytes: 4 * 2 ** 30 } as const;

const file = z.object({
  name: z.string().max(255).optional(),
  content: z.string(),
  encoding: z.string().optional(),
});
const extras = z.object({
  files: z.array(file).max(100),
  stdin: z.string().nullish(),
  args: z.array(z.coerce.string().max(10_000)).max(100).nullish(),
});

/**
 * Reads the body of `POST /api/v2/execute`.
 * @throws BadRequestError in the words that Piston has for what is wrong
 */
export async function readJob(body: unknown): Promise<Job> {
  const fields = (typeof body === "object" ? body : null) as Record<string, unknown> | null;
  const name = demandText(fields?.["language"], "language");
  const version = demandText(fields?.["version"], "version");
  const given = fields?.["files"];
  if (!Array.isArray(given)) throw new BadRequestError("files is required as an array", "files");
  given.forEach((one: unknown, index) => {
    if (typeof (one as { content?: unknown } | null)?.content === "string") return;
    throw new BadRequestError(`files[${index}].content is required as a string`, `files[${index}].content`);
  });
  const language = listLanguages().find(({ piston }) => piston.name === name || piston.aliases.includes(name));
  const installed = (await language?.version()) ?? "";
  if (language === undefined || !isInRange(installed, version)) {
    throw new BadRequestError(`${name}-${version} runtime is unknown`, "language");
  }
  const { files, stdin, args } = readExtras(fields);
  const main = files.findIndex(({ encoding = "utf8" }) => !ENCODINGS.has(encoding) || encoding === "utf8");
  const source = files[main]?.content;
  if (source === undefined) throw new BadRequestError("files must include at least one utf8 encoded file", "files");
  const copies = files.map(toRunFile);
  const job = {
    language,
    version: installed,
    source,
    // A script of several files may import itself; a compiler must not find the program twice.
    files: files.length === 1 ? [] : language.compiled ? copies.filter((_, index) => index !== main) : copies,
    stdin: Buffer.from((stdin ?? "").endsWith("\n") ? (stdin ?? "") : `${stdin ?? ""}\n`),
    args: args ?? [],
    ...readLimits(fields),
  };
  return checkTask(job, "files");
}

function demandText(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value.slice(0, 100);
  throw new BadRequestError(`${name} is required as a string`, name);
}

function readExtras(fields: unknown): z.output<typeof extras> {
  const read = extras.safeParse(fields);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue?.path.join(".") ?? "body";
  throw new BadRequestError(`${place}: ${issue?.message ?? "cannot be used"}`, place);
}

const ENCODINGS: ReadonlySet<string> = new Set(["base64", "hex", "utf8"]);

/** An encoding that Piston does not know is taken for utf8, as Piston does. */
function toRunFile({ name, content, encoding }: z.output<typeof file>, index: number): RunFile {
  const path = checkPath(name === undefined || name === "" ? `file${index}.code` : name, `files[${index}].name`);
  const known = encoding === "base64" || encoding === "hex" ? encoding : "utf8";
  return { path, content: Buffer.from(content, known) };
}

/**
 * The limits of both stages. Where only `run_timeout` is stated the CPU gets as much; what is not stated for the compiler
 * is as its language has it.
 */
function readLimits(fields: Record<string, unknown> | null): Pick<Job, "limits" | "compilerLimits"> {
  const read = (name: string, maximum: number): number | null => {
    const value = fields?.[name];
    // Zero and null mean the default, -1 no limit, which is our maximum.
    if (value === undefined || value === null || value === 0 || value === false || value === "") return null;
    if (typeof value !== "number") throw new BadRequestError(`If specified, ${name} must be a number`, name);
    if (name.endsWith("memory_limit") && value === -1) return null;
    if (value > maximum) {
      throw new BadRequestError(`${name} cannot exceed the configured limit of ${maximum}`, name);
    }
    if (value < 0) throw new BadRequestError(`${name} must be non-negative`, name);
    return value;
  };
  const { timeMs, maxTimeMs, maxMemoryBytes } = PISTON_LIMITS;
  const kib = (bytes: number | null): Partial<Limits> =>
    bytes === null ? {} : { memoryKb: Math.max(1, Math.floor(bytes / 1024)) };
  const compileTimeout = read("compile_timeout", maxTimeMs);
  const compileCpu = read("compile_cpu_time", maxTimeMs);
  const compileMemory = read("compile_memory_limit", maxMemoryBytes);
  const timeout = read("run_timeout", maxTimeMs) ?? timeMs;
  const cpu = read("run_cpu_time", maxTimeMs) ?? timeout;
  const memory = read("run_memory_limit", maxMemoryBytes);
  return {
    limits: { wallMs: Math.ceil(timeout), cpuMs: Math.ceil(Math.min(cpu, timeout)), ...kib(memory) },
    compilerLimits: {
      ...(compileTimeout === null ? {} : { wallMs: Math.ceil(compileTimeout) }),
      ...(compileCpu === null ? {} : { cpuMs: Math.ceil(compileCpu) }),
      ...kib(compileMemory),
    },
  };
}
