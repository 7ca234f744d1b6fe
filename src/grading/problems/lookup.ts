import type { Problem } from "../types.js";

/**
 * Finds problems by the names samples give them: the id, an alias, or a spelling that differs in case, in leading
 * zeros or in how the data set is written (`MBPP/11`, `Mbpp/011`, `mbppplus/11`; `11` without any data set). A name of
 * another data set finds nothing, and neither does a name that fits several problems: grading by the wrong tests would
 * look like a verdict.
 */
export function createLookup(problems: readonly Problem[]): (name: string) => Problem | undefined {
  const byId = new Map(problems.map((problem) => [problem.id, problem]));
  const byName = new Map<string, Problem | undefined>();
  for (const problem of problems) {
    for (const name of new Set([problem.id, ...problem.aliases].map(normalise))) {
      byName.set(name, byName.has(name) && byName.get(name) !== problem ? undefined : problem);
    }
  }
  return (name) => byId.get(name) ?? byName.get(normalise(name));
}

function normalise(name: string): string {
  const parts = name.trim().toLowerCase().split("/");
  const number = (parts.pop() ?? "").replace(/^0+(?=\d+$)/, "");
  const dataset = parts
    .shift()
    ?.replace(/[^a-z0-9]/g, "")
    .replace(/(?<=.)plus$/, "");
  return [...(dataset === undefined ? [] : [dataset]), ...parts, number].join("/");
}
