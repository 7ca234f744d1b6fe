import type { Command } from "commander";
import type { z } from "zod";
import type { Limits } from "../sandbox/contract.js";
import { amountOf, countOf, nameFlag } from "./options.js";

const KIB_A_MIB = 1024;
const BYTES_A_MIB = 1024 * 1024;

interface LimitOption {
  readonly limit: keyof Limits;
  readonly argument: string;
  readonly schema: z.ZodType<number>;
  readonly help: string;
}

const seconds = amountOf("seconds", 1000);

/** The options that set limits, by property name. */
const LIMIT_OPTIONS = {
  cpuLimit: { limit: "cpuMs", argument: "seconds", schema: seconds, help: "CPU time of each run" },
  wallLimit: { limit: "wallMs", argument: "seconds", schema: seconds, help: "elapsed time of each run" },
  memoryLimit: { limit: "memoryKb", argument: "MiB", schema: amountOf("MiB", KIB_A_MIB), help: "memory" },
  outputLimit: { limit: "outputBytes", argument: "MiB", schema: amountOf("MiB", BYTES_A_MIB), help: "output" },
  fileLimit: { limit: "fileBytes", argument: "MiB", schema: amountOf("MiB", BYTES_A_MIB), help: "largest file" },
  openFiles: { limit: "openFiles", argument: "n", schema: countOf("a number of open files"), help: "open files" },
  processes: { limit: "processes", argument: "n", schema: countOf("a number of threads"), help: "threads" },
  stackLimit: { limit: "stackKb", argument: "MiB", schema: amountOf("MiB", KIB_A_MIB), help: "main thread's stack" },
} as const satisfies Record<string, LimitOption>;
type LimitFlag = keyof typeof LIMIT_OPTIONS;

const entries = Object.entries(LIMIT_OPTIONS) as [LimitFlag, LimitOption][];

/** The shape of the limit options, to be spread into a verb's schema. */
export const limitShape = Object.fromEntries(
  entries.map(([flag, { schema }]) => [flag, schema.optional()]),
) as unknown as Record<LimitFlag, z.ZodOptional<z.ZodType<number>>>;

/** Adds the limit options to a verb. */
export function addLimitOptions(command: Command): Command {
  for (const [flag, { argument, help }] of entries) {
    command.option(`${nameFlag(flag)} <${argument}>`, `limit: ${help}`);
  }
  return command;
}

/** The limits among checked options, in the units of `Limits`; those not given are absent. */
export function pickLimits(options: Readonly<Partial<Record<LimitFlag, number | undefined>>>): Partial<Limits> {
  const given = entries.flatMap(([flag, { limit }]) => {
    const value = options[flag];
    return value === undefined ? [] : [[limit, value] as const];
  });
  return Object.fromEntries(given);
}
