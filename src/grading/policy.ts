import type { Limits } from "../sandbox/contract.js";
import type { TimeMultipliers } from "../sandbox/languages.js";
import type { ComparatorName } from "./comparators/index.js";
import type { ExtractionPolicy } from "./extraction/index.js";

/** How a known grader takes code out of a text, compares and limits, in one place. */
export interface Policy {
  /** What it reproduces. */
  readonly of: string;
  readonly extraction: ExtractionPolicy;
  readonly comparator: ComparatorName;
  /** For each run; what is absent comes from the problem or the defaults. */
  readonly limits: Partial<Limits>;
  /** For languages that it gives more time than the manifests; limits that it states hold for all others as they are. */
  readonly timeMultipliers?: TimeMultipliers;
  /** What stdin is to a program: a file where it is not said. A pipe has no size that a program could ask for. */
  readonly stdin?: "pipe";
}

export const POLICY_NAMES = [
  ...(["humaneval", "evalplus", "mbpp", "apps", "livecodebench", "code-contests", "subprocess"] as const),
  ...(["humaneval-x", "humanevalpack", "multipl-e"] as const),
] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/**
 * The compatible policies. `docs/policies.md` says where each comes from and what it cannot reproduce. Published limits
 * are of elapsed time, ours of CPU time.
 */
export const POLICIES: Readonly<Record<PolicyName, Policy>> = {
  humaneval: {
    of: "openai/human-eval, execution.py: the completion behind the prompt, 3 s for all tests of a problem",
    extraction: "raw",
    comparator: "strict",
    limits: { cpuMs: 3000 },
  },
  evalplus: {
    of: "EvalPlus as harnesses for chat models run it: the last ```python block, at least 4 s for each input, 4 GiB",
    extraction: "evalplus",
    comparator: "strict",
    // EvalPlus allows 4 s for an input and 60 s for all. All inputs are one run here, and a loop without end would hold
    // a core for the whole of it.
    limits: { cpuMs: 20_000, memoryKb: 4 << 20 },
  },
  mbpp: {
    of: "MBPP as code_eval runs it: the first code block, 3 s for all tests of a problem",
    extraction: "first",
    comparator: "strict",
    limits: { cpuMs: 3000 },
  },
  apps: {
    of: "hendrycks/apps, eval/testing_util.py: the text as it is, 4 s for each test, its comparison",
    extraction: "raw",
    comparator: "apps",
    limits: { cpuMs: 4000 },
  },
  livecodebench: {
    of: "LiveCodeBench, lcb_runner: the text between the last two fences, 6 s for each test, its comparison, 4 GiB",
    extraction: "livecodebench",
    comparator: "livecodebench",
    limits: { cpuMs: 6000, memoryKb: 4 << 20 },
  },
  "code-contests": {
    of: "google-deepmind/code_contests: the last code block, tokens within 1e-5, the problem's limits",
    extraction: "last",
    comparator: "code-contests",
    limits: {},
  },
  subprocess: {
    of: "scripts that start python3 for each test with its input in a pipe: 10 s, lines without white space at their ends",
    extraction: "last",
    comparator: "lines",
    limits: { cpuMs: 10_000 },
    stdin: "pipe",
  },
  "humaneval-x": {
    of: "THUDM/CodeGeeX, evaluate_humaneval_x.py: the completion behind the prompt, 5 s",
    extraction: "raw",
    comparator: "strict",
    limits: { cpuMs: 5000 },
  },
  humanevalpack: {
    of: "bigcode-evaluation-harness, humanevalpack.py: the completion behind the prompt, 10 s for the tests",
    extraction: "raw",
    comparator: "strict",
    limits: { cpuMs: 10_000 },
  },
  "multipl-e": {
    of: "nuprl/MultiPL-E: the completion up to the first stop token behind the prompt, 15 s",
    extraction: "raw",
    comparator: "strict",
    limits: { cpuMs: 15_000 },
  },
};

/** Options as somebody gave them; undefined where nobody said anything. */
export interface GivenOptions {
  readonly extraction?: ExtractionPolicy | undefined;
  readonly comparator?: ComparatorName | undefined;
  readonly limits: Partial<Limits>;
  readonly timeMultipliers?: TimeMultipliers | undefined;
}

/**
 * What is in force under a policy, or none: each option as it was given, else as the policy has it, else the default.
 * A limit of a policy goes before the problem's own.
 */
export function settleOptions(policy: PolicyName | null, given: GivenOptions): Omit<Policy, "of"> {
  const base: Omit<Policy, "of"> = policy === null ? DEFAULTS : POLICIES[policy];
  const timeMultipliers = { ...base.timeMultipliers, ...given.timeMultipliers };
  return {
    ...(Object.keys(timeMultipliers).length === 0 ? {} : { timeMultipliers }),
    extraction: given.extraction ?? base.extraction,
    comparator: given.comparator ?? base.comparator,
    limits: { ...base.limits, ...given.limits },
    ...(base.stdin === undefined ? {} : { stdin: base.stdin }),
  };
}

const DEFAULTS: Omit<Policy, "of"> = { extraction: "auto", comparator: "strict", limits: {} };
