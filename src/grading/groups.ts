import type { Failure, Problem, Verdict } from "./types.js";

/**
 * Which groups of a problem's tests passed, by name: a group passes when all its tests and those of the groups before
 * it do, as "plus" of EvalPlus means base and plus inputs. Undefined where the problem has no groups, or where nothing
 * is known of the program.
 *
 * @param verdict null where nothing failed
 */
export function judgeGroups(
  { groups }: Problem,
  verdict: Verdict | null,
  failure: Failure | null,
): Record<string, boolean> | undefined {
  if (groups === undefined || verdict === "infrastructure_error" || verdict === "invalid_problem") return undefined;
  // What failed before the first test, such as compiling, has failed them all.
  const passed = verdict === null ? Infinity : (failure?.index ?? 0);
  let end = 0;
  return Object.fromEntries(groups.map(({ name, tests }) => [name, (end += tests) <= passed]));
}
