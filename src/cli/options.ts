import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { z } from "zod";
import { InputError } from "../errors.js";
import { COMPARATOR_NAMES } from "../grading/comparators/index.js";
import { POLICY_NAMES } from "../grading/policy.js";
import type { Enforcement } from "../sandbox/contract.js";

/** A whole number from 1 up, of `what`. */
export function countOf(what: string) {
  const message = `expected ${what}, a whole number from 1 up`;
  return z
    .string()
    .regex(/^\d+$/, message)
    .transform(Number)
    .refine((value) => value >= 1 && Number.isSafeInteger(value), message);
}

/** A number above 0 in the unit that people write, turned into whole units `factor` times smaller. */
export function amountOf(unit: string, factor: number) {
  const message = `expected ${unit}, a number above 0`;
  return z
    .string()
    .regex(/^\d+(\.\d+)?$/, message)
    .transform((text) => Math.round(Number(text) * factor))
    .refine((value) => value >= 1 && Number.isSafeInteger(value), message);
}

/** Samples in flight at once: one in each cell that runs, and one behind it. */
export const jobsOption = countOf("the number of programs in flight")
  .refine((jobs) => jobs <= 4096, "expected at most 4096")
  .default(2 * availableParallelism());

/** The values of k of pass@k: distinct, rising. */
export const kOption = z
  .string()
  .regex(/^\d+(,\d+)*$/, "expected whole numbers from 1 up with commas between them, such as 1,10,100")
  .transform((text) => [...new Set(text.split(",").map(Number))].sort((a, b) => a - b))
  .refine((ks) => ks.every((k) => k >= 1 && Number.isSafeInteger(k)), "expected whole numbers from 1 up");

export const comparatorName = z.enum(COMPARATOR_NAMES, { error: `expected one of ${COMPARATOR_NAMES.join(", ")}` });
export const policyName = z.enum(POLICY_NAMES, { error: `expected one of ${POLICY_NAMES.join(", ")}` });

/** The walls that cells stand behind: the best that can be had here, or one tier. */
export const isolationOption = z
  .enum(["auto", "namespaces", "unprivileged"], { error: "expected auto, namespaces or unprivileged" })
  .default("auto");

/** The least tier that will do. */
export const tierOption = z.enum(["namespaces", "unprivileged"], { error: "expected namespaces or unprivileged" });

/** Throws `InputError` where a sandbox has less than the tier that `--require-isolation` names. */
export function requireIsolation(
  required: z.output<typeof tierOption> | null,
  { isolation, runtime }: Enforcement,
): void {
  const order = ["none", "unprivileged", "namespaces"] as const;
  if (required === null || order.indexOf(isolation) >= order.indexOf(required)) return;
  throw new InputError(
    `--require-isolation ${required}: here ${runtime} runs in the tier "${isolation}"; assay doctor says what would raise it`,
  );
}

/** Adds `--isolation` to a verb that starts a sandbox. */
export function addIsolationOption(command: Command): Command {
  return command.option(
    "--isolation <tier>",
    "namespaces, unprivileged, or auto: namespaces where they can be had, else unprivileged (default: auto)",
  );
}

/** `cpuLimit` as it is written on a command line: `--cpu-limit`. */
export function nameFlag(property: string): string {
  return `--${property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Checks raw option texts. Throws `InputError` naming the option and what came. */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  raw: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const property = String(issue?.path[0] ?? "");
  const given = JSON.stringify(raw[property]);
  throw new InputError(`${nameFlag(property)}: ${issue?.message ?? "not understood"}, got ${given}`);
}
