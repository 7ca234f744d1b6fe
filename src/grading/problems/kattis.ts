import { z } from "zod";
import type { ForeignProgram, JudgingProgram, OutputRule, Problem, StdinTests } from "../types.js";
import { type KattisGroups, readGroupFlags } from "./kattis-groups.js";
import { raiseLimits } from "./stated-limits.js";
import { readYaml } from "./yaml.js";

/** What a problem package holds, however it is carried. */
export interface KattisPackage {
  readonly id: string;
  readonly aliases: readonly string[];
  /** The text of `problem.yaml`. */
  readonly yaml: string;
  readonly statement: string;
  readonly sample: StdinTests["cases"];
  readonly secret: StdinTests["cases"];
  /** Programs of one file, by the folder of `submissions/` that they are in; `extension` is without its point. */
  readonly submissions: readonly { readonly verdict: string; readonly extension: string; readonly source: string }[];
  /** Of `.timelimit`, in seconds; null where there is none. */
  readonly timeLimit: number | null;
  /** Its test groups, which may give the validator flags. */
  readonly groups: KattisGroups;
  /** The files of its own output validator, by their names; null where it has none, a text for what cannot be run. */
  readonly validator: readonly { readonly path: string; readonly content: string }[] | string | null;
}

/** The text of `.timelimit`; anything else would leave the default limit in force. */
export const SECONDS = /^\s*\d+(?:\.\d*)?\s*$/;
export const NO_SECONDS = "must be a number of seconds";

const number = z.number().nonnegative();
const settings = z.looseObject({
  validation: z.union([z.string(), z.looseObject({})]).nullish(),
  type: z.union([z.string(), z.array(z.string())]).nullish(),
  validator_flags: z.union([z.string(), z.array(z.string())]).nullish(),
  limits: z.looseObject({ memory: number.optional(), time_limit: number.optional() }).nullish(),
});

/** What the format allows a program where a package does not say, in MiB. */
const MEMORY_MIB = 2048;
/** Where a package states no limit of time, it follows from how long its accepted programs take on the judge's machine. */
const UNSTATED_SECONDS = 30;
/** Programs in these folders fail some test, whatever the machine; too slow ones may pass on a faster one. */
const WRONG = ["wrong_answer", "run_time_error"];

/**
 * A problem in the Kattis problem package format (icpc.io/problem-package-format), for the default output validator with
 * its flags or for one of its own, interactive ones too. Groups tell samples from secret
 * tests; scores of test groups are not used: a program passes when it passes every test.
 */
export function makeKattisProblem(given: KattisPackage): Problem {
  const { sample, secret, submissions } = given;
  const { judging, limits, fault } = readSettings(given);
  const right = sortPrograms(submissions.filter(({ verdict }) => verdict === "accepted"));
  const wrong = sortPrograms(submissions.filter(({ verdict }) => WRONG.includes(verdict)));
  const foreign = { references: right.foreign, wrong: wrong.foreign };
  const cases = [...sample, ...secret];
  return {
    id: given.id,
    aliases: given.aliases,
    format: "kattis",
    prompt: given.statement,
    entryPoint: null,
    starterCode: "",
    difficulty: null,
    tests: { kind: "stdin", cases, ...judging },
    groups: [
      { name: "sample", tests: sample.length },
      { name: "secret", tests: secret.length },
    ],
    references: right.own,
    wrong: wrong.own,
    ...(right.foreign.length + wrong.foreign.length === 0 ? {} : { foreign }),
    limits,
    // Samples are in the statement: a program that writes out their answers would pass.
    invalid: fault ?? (secret.length === 0 ? "no tests: data/secret is empty" : null),
  };
}

function sortPrograms(programs: KattisPackage["submissions"]) {
  const own = programs.filter(({ extension }) => languageOf(extension) === PYTHON).map(({ source }) => source);
  const foreign = programs.flatMap(({ extension, source }): ForeignProgram[] => {
    const language = languageOf(extension);
    return language === null || language === PYTHON ? [] : [{ language, source }];
  });
  return { own, foreign };
}

function readSettings({ yaml, timeLimit, validator, groups }: KattisPackage) {
  const none = { judging: { rule: readFlags([]) }, limits: {} };
  const read = readYaml(yaml, settings);
  if (typeof read === "string") return { ...none, fault: `unreadable problem.yaml: ${read}` };
  const { validation, validator_flags, limits, type } = read.value;
  const common = typeof validator_flags === "string" ? validator_flags.split(/\s+/) : (validator_flags ?? []);
  const more = readGroupFlags(groups);
  const flags = typeof more === "string" ? common : [...common, ...more];
  const words = [validation, type].flat().filter((word) => typeof word === "string");
  const own = readJudging(words.join(" ").split(/\s+/), flags, validator);
  return {
    judging: typeof own === "string" ? none.judging : own,
    limits: raiseLimits(limits?.time_limit ?? timeLimit ?? UNSTATED_SECONDS, (limits?.memory ?? MEMORY_MIB) * 1048576),
    fault: typeof own === "string" ? own : typeof more === "string" ? more : null,
  };
}

/** What decides over outputs, or why that cannot be had. */
function readJudging(
  words: readonly string[],
  flags: readonly string[],
  validator: KattisPackage["validator"],
): Omit<StdinTests, "kind" | "cases"> | string {
  const isCustom = words.includes("custom") || words.includes("interactive");
  if (validator === null) return isCustom ? "its own output validator is not there" : { rule: readFlags(flags) };
  if (typeof validator === "string") return validator;
  const sources = validator.filter(({ path }) => languageOf(path.split(".").at(-1) ?? "") !== null);
  const [main] = sources;
  if (main === undefined || sources.length > 1) return "its output validator is not one source file with its headers";
  const program: JudgingProgram = {
    protocol: "kattis",
    language: languageOf(main.path.split(".").at(-1) ?? "") ?? "",
    source: main.content,
    ...(validator.length === 1 ? {} : { files: validator.filter((file) => file !== main) }),
    ...(flags.length === 0 ? {} : { arguments: flags }),
  };
  return words.includes("interactive") ? { interactor: program } : { checker: program };
}

const PYTHON = "python";
/** Those that the format has programs in, by their endings. */
const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ c: "c", cc: "cpp", cpp: "cpp", cxx: "cpp", "c++": "cpp", cs: "csharp", go: "go", hs: "haskell", java: "java" },
  ...{ js: "javascript", kt: "kotlin", ml: "ocaml", php: "php", py: PYTHON, rb: "ruby", rs: "rust" },
};

function languageOf(extension: string): string | null {
  return Object.hasOwn(LANGUAGES, extension) ? (LANGUAGES[extension] ?? null) : null;
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
