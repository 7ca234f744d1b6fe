import type { Limits } from "../sandbox/contract.js";
import { findMultiplier, stretchTimes, type Language, type TimeMultipliers } from "../sandbox/languages.js";
import { resolveLimits } from "../sandbox/limits.js";
import type { Problem } from "./types.js";

/** What the command line, a policy or a request says of limits. */
export interface StatedLimits {
  readonly limits: Partial<Limits>;
  readonly timeMultipliers?: TimeMultipliers | undefined;
}

/** The limits of a run, and by what its time limits were multiplied to come to them. */
export interface LimitsInForce {
  readonly limits: Limits;
  readonly timeMultiplier: number;
}

/**
 * The limits of a problem and the defaults are meant for fast languages: they are multiplied by what is stated for the
 * language, else what the problem says, else what the language's manifest says. A limit that is itself stated holds for
 * every language, unless a multiplier is stated as well.
 */
export function limitsInForce(language: Language, stated: StatedLimits, problem: StatedLimits): LimitsInForce {
  const { limits } = stated;
  const named = findMultiplier(language, stated.timeMultipliers);
  const usual = findMultiplier(language, problem.timeMultipliers) ?? language.manifest.limits.timeMultiplier;
  const resolved = resolveLimits(limits, problem.limits);
  if (named !== null) return { limits: stretchTimes(resolved, named), timeMultiplier: named };
  return {
    limits: { ...stretchTimes(resolved, usual), ...limits },
    timeMultiplier: limits.cpuMs === undefined ? usual : 1,
  };
}

/** The same for a program without a problem. */
export function limitsOfRun(language: Language, stated: StatedLimits): Limits {
  return limitsInForce(language, stated, { limits: {} } satisfies Pick<Problem, "limits">).limits;
}
