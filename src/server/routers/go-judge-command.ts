import { z } from "zod";

import type { Limits } from "../../sandbox/contract.js";
import { checkTask } from "../check-task.js";
import type { RunFile, RunTask } from "../contract.js";
import { BadRequestError } from "../http.js";
import { findByCommand, listLanguages } from "../languages.js";
import { checkPath } from "./paths.js";

const integer = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const textMap = <T extends z.ZodType>(value: T) => z.record(z.string().max(1000), value);
const file = z.object({
  src: z.string().nullish(),
  content: z.string().nullish(),
  fileId: z.string().nullish(),
  name: z.string().max(1000).nullish(),
  max: integer.nullish(),
  symlink: z.string().nullish(),
  streamIn: z.boolean().nullish(),
  streamOut: z.boolean().nullish(),
});
const command = z.object({
  args: z
    .array(z.string().max(1 << 20))
    .min(1)
    .max(200),
  env: z.array(z.string()).max(200).nullish(),
  files: z.array(file.nullable()).max(3, "only descriptors 0, 1 and 2 can be set").nullish(),
  cpuLimit: integer.optional(),
  realCpuLimit: integer.optional(),
  clockLimit: integer.optional(),
  memoryLimit: integer.optional(),
  stackLimit: integer.optional(),
  procLimit: integer.optional(),
  cpuRateLimit: integer.max(0, "cannot be set here").optional(),
  cpuSetLimit: z.string().max(0, "cannot be set here").optional(),
  copyIn: textMap(file).nullish(),
  copyOut: z.array(z.string().max(1000)).max(100).nullish(),
  copyOutCached: z.array(z.string()).max(0, "no files are kept here: use copyOut").nullish(),
  copyOutMax: integer.optional(),
  copyOutTruncate: z.boolean().optional(),
  tty: z.literal(false, "there is no terminal here").optional(),
});

export const runRequest = z.object({
  requestId: z.string().optional(),
  cmd: z.array(command).min(1, "no cmd provided").max(100),
  pipeMapping: z.array(z.unknown()).max(0, "programs cannot be joined by pipes here").nullish(),
});
type Fields = z.output<typeof command>;

/** Where a stream is collected: the name of its file in the answer and the bytes it may have. */
export interface Collector {
  readonly name: string;
  readonly max: number;
}

/** One command of a request, as a task and what is to be made of its answer. */
export interface Command {
  readonly task: RunTask & { readonly limits: Limits_ };
  readonly stdout: Collector | null;
  readonly stderr: Collector | null;
  readonly copyOut: readonly { readonly name: string; readonly optional: boolean }[];
  /** Bytes of a file that is copied out; 0 for no limit. */
  readonly copyOutMax: number;
  readonly copyOutTruncate: boolean;
}
type Limits_ = Partial<Limits> & Pick<Limits, "cpuMs" | "wallMs">;

/** What a command may use at most. */
const MAXIMUM = { cpuMs: 120_000, wallMs: 240_000, outputBytes: 64 << 20, copyOutBytes: 64 << 20 } as const;

/**
 * Reads one command of go-judge's `POST /run`. The program is a script from `copyIn` or the text after `-c` or `-e`.
 * @throws BadRequestError for what cannot be done here, with its place
 */
export function readCommand(fields: Fields, index: number): Command {
  const place = `cmd[${index}]`;
  const copyIn = readCopyIn(fields.copyIn ?? {}, place);
  const { language, source, args } = readProgram(fields.args, copyIn, place);
  checkEnvironment(fields.env ?? [], place);
  const [stdin, stdout, stderr] = fields.files ?? [];
  const collectors = {
    stdout: readCollector(stdout, `${place}.files[1]`),
    stderr: readCollector(stderr, `${place}.files[2]`),
  };
  const collected = new Set([collectors.stdout?.name, collectors.stderr?.name]);
  const copyOut = (fields.copyOut ?? [])
    .map((name) => ({ name: name.replace(/\?$/, ""), optional: name.endsWith("?") }))
    .filter(({ name }) => !collected.has(name));
  copyOut.forEach(({ name }, at) => checkPath(name, `${place}.copyOut[${at}]`));
  const most = Math.max(collectors.stdout?.max ?? 0, collectors.stderr?.max ?? 0);
  const task = {
    language: language.id,
    source,
    args,
    stdin: readStdin(stdin, `${place}.files[0]`),
    files: copyIn,
    fetch: copyOut.map(({ name }) => name),
    limits: { ...readLimits(fields), ...(most === 0 ? {} : { outputBytes: Math.min(most, MAXIMUM.outputBytes) }) },
  };
  return {
    task: checkTask(task, place),
    ...collectors,
    copyOut,
    copyOutMax: Math.min(fields.copyOutMax ?? 0, MAXIMUM.copyOutBytes),
    copyOutTruncate: fields.copyOutTruncate ?? false,
  };
}

/** Behind which a program stands on the command line, where that is not `-e`. */
const INLINE_OPTIONS: Readonly<Record<string, string>> = { bash: "-c", php: "-r", pypy: "-c", python: "-c" };

/** Options of Python that change nothing that a program here could notice, or nothing it should rely on. */
const IDLE_OPTIONS: ReadonlySet<string> = new Set(["-u", "-B", "-I", "-E", "-s", "-S", "-bb"]);

function readProgram(args: Fields["args"], files: readonly RunFile[], place: string) {
  const [command = "", ...rest] = args;
  const language = findByCommand(command);
  if (language === undefined) {
    const known = listLanguages()
      .flatMap(({ commands }) => commands)
      .join(", ");
    throw new BadRequestError(`only ${known} can be run here`, `${place}.args[0]`);
  }
  while (language.id === "python" && IDLE_OPTIONS.has(rest[0] ?? "")) rest.shift();
  const at = `${place}.args[${args.length - rest.length}]`;
  const [first, ...others] = rest;
  const inline = INLINE_OPTIONS[language.id] ?? "-e";
  if (first === inline && others[0] !== undefined) return { language, source: others[0], args: others.slice(1) };
  if (first === undefined || first.startsWith("-")) {
    throw new BadRequestError(`must be a script from copyIn, or ${inline} and a program`, at);
  }
  const name = first.replace(/^(?:\.\/|\/w\/)/, "");
  const script = files.find(({ path }) => path === name);
  if (script === undefined) throw new BadRequestError("names a script that is not in copyIn", at);
  return { language, source: Buffer.from(script.content).toString("utf8"), args: others };
}

function readCopyIn(copyIn: NonNullable<Fields["copyIn"]>, place: string): RunFile[] {
  return Object.entries(copyIn).map(([name, one]) => {
    const field = `${place}.copyIn.${name}`;
    return { path: checkPath(name, field), content: Buffer.from(demandContent(one, field)) };
  });
}

function readStdin(one: z.output<typeof file> | null | undefined, field: string): Buffer {
  return one === null || one === undefined ? Buffer.alloc(0) : Buffer.from(demandContent(one, field));
}

/** The host's own files (`src`), kept files (`fileId`), links and streams are nothing that a request can reach here. */
function demandContent(one: z.output<typeof file>, field: string): string {
  if (typeof one.content === "string" && typeof one.src !== "string") return one.content;
  throw new BadRequestError("must have content: nothing else can be given to a program here", field);
}

function readCollector(one: z.output<typeof file> | null | undefined, field: string): Collector | null {
  if (one === null || one === undefined) return null;
  if (typeof one.name === "string" && typeof one.max === "number") return { name: one.name, max: one.max };
  throw new BadRequestError("must have name and max: output can only be collected here", field);
}

/** Variables that every request carries by habit, and that say nothing a program here would do otherwise. */
const IDLE_VARIABLES = /^(?:PATH|HOME|LANG|LC_\w+|TERM|USER|PYTHON(?:UNBUFFERED|DONTWRITEBYTECODE|IOENCODING|UTF8))=/;

function checkEnvironment(env: readonly string[], place: string): void {
  const at = env.findIndex((one) => !IDLE_VARIABLES.test(one));
  if (at !== -1) throw new BadRequestError("programs have no environment here", `${place}.env[${at}]`);
}

/** Nanoseconds and bytes into milliseconds and KiB; a limit that is not stated is our own. */
function readLimits(fields: Fields): Limits_ {
  const clock = fields.realCpuLimit || fields.clockLimit || 0;
  const cpuMs = fields.cpuLimit ? fields.cpuLimit / 1e6 : 4000;
  // go-judge takes the CPU's limit for the clock; ours leaves room for waiting.
  const wallMs = clock > 0 ? clock / 1e6 : 3 * cpuMs;
  return {
    cpuMs: clamp(cpuMs, MAXIMUM.cpuMs),
    wallMs: clamp(wallMs, MAXIMUM.wallMs),
    ...(fields.memoryLimit ? { memoryKb: clamp(fields.memoryLimit / 1024, 4 << 20) } : {}),
    ...(fields.stackLimit ? { stackKb: clamp(fields.stackLimit / 1024, 1 << 20) } : {}),
    ...(fields.procLimit ? { processes: clamp(fields.procLimit, 128) } : {}),
  };
}

function clamp(value: number, maximum: number): number {
  return Math.min(Math.max(1, Math.ceil(value)), maximum);
}
