import { createGrader, type GradeOptions } from "../grading/grader.js";
import type { ProblemSet } from "../grading/problems/index.js";
import type { Sandbox } from "../sandbox/contract.js";
import { resolveLimits } from "../sandbox/limits.js";
import type { Service } from "./contract.js";

export interface ServiceOptions {
  readonly sandbox: Sandbox;
  readonly sets?: readonly ProblemSet[];
  /** Requests that may wait for a cell; the next one is refused as `busy`. */
  readonly maxQueue?: number;
  /** False: nothing is remembered, and equal work in flight is run each time. */
  readonly cache?: boolean;
}

/** The service over a sandbox. */
export function createService({ sandbox, sets = [] }: ServiceOptions): Service {
  const byName = new Map(sets.map((set) => [set.name, set]));
  return {
    enforcement: sandbox.enforcement,
    sets: byName,
    findProblem(id, set) {
      if (set !== undefined) return byName.get(set)?.find(id);
      const found = sets.flatMap((one) => one.find(id) ?? []);
      return found.length === 1 ? found[0] : undefined;
    },
    grade({ problem, sample, options }) {
      return createGrader(sandbox, { ...DEFAULTS, ...options }).grade(problem, sample);
    },
    run({ language, source, stdin, limits }) {
      return sandbox.withProgram({ language, source }, async (lease) => {
        const result = await lease.run({ limits: resolveLimits(limits ?? {}), ...(stdin && { stdin }) });
        return { ...result, queueMs: lease.queueMs, cached: false, files: [] };
      });
    },
  };
}

const DEFAULTS: GradeOptions = { comparator: "strict", allTests: false, limits: {}, extraction: "auto" };
