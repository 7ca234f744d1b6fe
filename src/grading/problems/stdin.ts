import type { Problem, StdinTests } from "../types.js";

/** A problem that is nothing but its tests, for programs that read stdin. */
export function makeStdinProblem(id: string, cases: StdinTests["cases"]): Problem {
  return {
    ...{ id, aliases: [], format: "apps", prompt: "", entryPoint: null, starterCode: "", difficulty: null },
    tests: { kind: "stdin", cases },
    ...{ references: [], limits: {}, invalid: null },
  };
}
