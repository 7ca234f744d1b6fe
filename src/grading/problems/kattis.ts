import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import type { OutputRule, Problem, StdinTests } from "../types.js";
import { raiseLimits } from "./stated-limits.js";

/** What a problem package holds, however it is carried. */
export interface KattisPackage {
  readonly id: string;
  readonly aliases: readonly string[];
  /** The text of `problem.yaml`. */
  readonly yaml: string;
  readonly statement: string;
  readonly sample: StdinTests["cases"];
  readonly secret: StdinTests["cases"];
  /** Python programs by the folder of `submissions/` that they are in. */
  readonly submissions: readonly { readonly verdict: string; readonly source: string }[];
  /** Of `.timelimit`, in seconds; null where there is none. */
  readonly timeLimit: number | null;
  /** There is a folder of output validators. */
  readonly hasValidator: boolean;
}

const number = z.number().nonnegative();
const settings = z.looseObject({
  validation: z.union([z.string(), z.looseObject({})]).nullish(),
  validator_flags: z.union([z.string(), z.array(z.string())]).nullish(),
  limits: z.looseObject({ memory: number.optional(), time_limit: number.optional() }).nullish(),
});

/** What the format allows a program where a package does not say, in MiB. */
const MEMORY_MIB = 2048;
/** Programs in these folders fail some test, whatever the machine; too slow ones may pass on a faster one. */
const WRONG = ["wrong_answer", "run_time_error"];

/**
 * A problem in the Kattis problem package format (icpc.io/problem-package-format), for the default output validator with
 * its flags. A problem with a validator of its own, or an interactive one, is invalid. Groups tell samples from secret
 * tests; scores of test groups are not used: a program passes when it passes every test.
 */
export function makeKattisProblem(given: KattisPackage): Problem {
  const { sample, secret, submissions } = given;
  const { rule, limits, fault } = readSettings(given);
  const programs = (verdicts: readonly string[]): string[] =>
    submissions.filter(({ verdict }) => verdicts.includes(verdict)).map(({ source }) => source);
  const cases = [...sample, ...secret];
  return {
    id: given.id,
    aliases: given.aliases,
    format: "kattis",
    prompt: given.statement,
    entryPoint: null,
    starterCode: "",
    difficulty: null,
    tests: { kind: "stdin", cases, rule },
    groups: [
      { name: "sample", tests: sample.length },
      { name: "secret", tests: secret.length },
    ],
    references: programs(["accepted"]),
    wrong: programs(WRONG),
    limits,
    invalid: fault ?? (cases.length === 0 ? "no tests: data/sample and data/secret are empty" : null),
  };
}

function readSettings({ yaml, timeLimit, hasValidator }: KattisPackage) {
  const none = { rule: readFlags([]), limits: {} };
  let document: unknown;
  try {
    document = parse(yaml) ?? {};
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    return { ...none, fault: `unreadable problem.yaml: ${error.message.split("\n")[0] ?? ""}` };
  }
  const parsed = settings.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ...none, fault: `unreadable problem.yaml: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}` };
  }
  const { validation, validator_flags, limits } = parsed.data;
  const flags = typeof validator_flags === "string" ? validator_flags.split(/\s+/) : (validator_flags ?? []);
  const isDefault = validation == null || validation === "default";
  return {
    rule: readFlags(flags),
    limits: raiseLimits(limits?.time_limit ?? timeLimit, (limits?.memory ?? MEMORY_MIB) * 1048576),
    fault:
      isDefault && !hasValidator ? null : "its outputs are judged by a validator of its own, which is not run here",
  };
}

/** Flags of the default validator; a later one goes before an earlier. */
function readFlags(flags: readonly string[]): OutputRule {
  const after = (...names: string[]): number | undefined => {
    const at = flags.findLastIndex((flag) => names.includes(flag));
    const value = Number(flags[at + 1]);
    return at >= 0 && Number.isFinite(value) ? value : undefined;
  };
  return {
    caseSensitive: flags.includes("case_sensitive"),
    spaceSensitive: flags.includes("space_change_sensitive"),
    absolute: after("float_absolute_tolerance", "float_tolerance") ?? null,
    relative: after("float_relative_tolerance", "float_tolerance") ?? null,
  };
}
