import type { Command } from "commander";
import { z } from "zod";
import type { Limits } from "../sandbox/contract.js";
import { findLanguage, type TimeMultipliers } from "../sandbox/languages.js";
import { DEFAULT_LIMITS } from "../sandbox/limits.js";
import { amountOf, countOf, nameFlag } from "./options.js";

const KIB_A_MIB = 1024;
const BYTES_A_MIB = 1024 * 1024;

interface LimitOption {
  readonly limit: keyof Limits;
  readonly argument: string;
  readonly schema: z.ZodType<number>;
  readonly help: string;
}

/** Bounds that are written in `unit`, of which the limit's own unit is `factor` times smaller. */
function inUnits(limit: keyof typeof DEFAULT_LIMITS, unit: string, factor: number, help: string): LimitOption {
  const byDefault = DEFAULT_LIMITS[limit] / factor;
  return { limit, argument: unit, schema: amountOf(unit, factor), help: `${help} (default: ${byDefault})` };
}

function counted(limit: keyof typeof DEFAULT_LIMITS, help: string): LimitOption {
  const schema = countOf(`a number of ${help}`);
  return { limit, argument: "n", schema, help: `${help} (default: ${DEFAULT_LIMITS[limit]})` };
}

const SECONDS = ["seconds", 1000] as const;

/** The options that set limits, by property name. */
const LIMIT_OPTIONS = {
  cpuLimit: inUnits("cpuMs", ...SECONDS, "CPU time of each run"),
  wallLimit: {
    ...{ limit: "wallMs", argument: SECONDS[0], schema: amountOf(...SECONDS) },
    help: "elapsed time of each run (default: 3 times the CPU time, and 2 s more at least)",
  },
  memoryLimit: inUnits("memoryKb", "MiB", KIB_A_MIB, "memory"),
  outputLimit: inUnits("outputBytes", "MiB", BYTES_A_MIB, "stdout and stderr, each"),
  fileLimit: inUnits("fileBytes", "MiB", BYTES_A_MIB, "largest file"),
  openFiles: counted("openFiles", "open files"),
  processes: counted("processes", "threads"),
  stackLimit: inUnits("stackKb", "MiB", KIB_A_MIB, "main thread's stack"),
} as const satisfies Record<string, LimitOption>;
type LimitFlag = keyof typeof LIMIT_OPTIONS;

const entries = Object.entries(LIMIT_OPTIONS) as [LimitFlag, LimitOption][];

/** The shape of the limit options, to be spread into a verb's schema. */
export const limitShape = Object.fromEntries(
  entries.map(([flag, { schema }]) => [flag, schema.optional()]),
) as unknown as Record<LimitFlag, z.ZodOptional<z.ZodType<number>>>;

const MOST_TIMES = 100;
const TIMES = "expected languages with a number each, such as java=3,python=2.5";

/** `java=3,python=2.5`: by what time limits are multiplied, by ids of languages. */
const timesSchema = z.string().transform((text, context): TimeMultipliers => {
  const pairs = text.split(",").map((part): readonly [string, number] | null => {
    const [, name = "", factor = ""] = /^(.+)=(\d+(?:\.\d+)?)$/.exec(part) ?? [];
    const language = findLanguage(name);
    return language === null || Number(factor) <= 0 || Number(factor) > MOST_TIMES
      ? null
      : [language.id, Number(factor)];
  });
  const found = pairs.filter((pair) => pair !== null);
  if (found.length === pairs.length) return Object.fromEntries(found);
  context.addIssue({ code: "custom", message: TIMES });
  return z.NEVER;
});

/** The shape of `--time-multiplier`, to be spread into a verb's schema. */
export const timesShape = { timeMultiplier: timesSchema.optional() };

/** Adds `--time-multiplier` to a verb. */
export function addTimesOption(command: Command): Command {
  const help = "multiply the time limits of languages, such as java=3,python=2.5 (default: as their manifests have it)";
  return command.option("--time-multiplier <language=n,...>", help);
}

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
