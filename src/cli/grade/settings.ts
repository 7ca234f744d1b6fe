import { z } from "zod";
import { InputError } from "../../errors.js";
import { EXTRACTION_POLICIES, type ExtractionPolicy } from "../../grading/extraction/index.js";
import type { ComparatorName } from "../../grading/comparators/index.js";
import { ANSWER_POLICIES, type AnswerPolicyName } from "../../grading/mathematics/policies.js";
import { type PolicyName, settleOptions } from "../../grading/policy.js";
import type { Limits } from "../../sandbox/contract.js";
import type { TimeMultipliers } from "../../sandbox/languages.js";
import type { Isolation } from "../../sandbox/index.js";
import { limitShape, pickLimits, timesShape } from "../limits.js";
import {
  comparatorName,
  isolationOption,
  jobsOption,
  kOption,
  parseOptions,
  policyName,
  tierOption,
} from "../options.js";

/** What `assay grade` is to do, checked. */
export interface GradeSettings {
  readonly problems: string;
  /** A file, or "-" for stdin. */
  readonly samples: string;
  /** A file, or "-" for stdout. */
  readonly out: string;
  readonly report: string | null;
  readonly k: readonly number[];
  /** The known grader that extraction, comparator and limits were taken from where nothing else was said. */
  readonly policy: PolicyName | null;
  readonly comparator: ComparatorName;
  readonly extraction: ExtractionPolicy;
  /** How answers to questions are found and compared; null for what the set says, else `default`. */
  readonly equivalence: AnswerPolicyName | null;
  readonly allTests: boolean;
  readonly jobs: number;
  readonly json: boolean;
  readonly skipUnknown: boolean;
  readonly force: boolean;
  readonly isolation: Isolation;
  /** The least tier that verdicts may come from, or null where any will do. */
  readonly requireIsolation: "namespaces" | "unprivileged" | null;
  /** Passes count only where the tests ran apart from the candidate. */
  readonly requireIsolated: boolean;
  /** Whether a type error in TypeScript is a compile error, or its types are only stripped. */
  readonly typeCheck: boolean;
  readonly limits: Partial<Limits>;
  readonly timeMultipliers?: TimeMultipliers;
  /** What stdin is to programs, where the policy says so. */
  readonly stdin?: "pipe";
}

const path = z.string().min(1, "expected a path");
const policies = Object.keys(EXTRACTION_POLICIES) as ExtractionPolicy[];
const answerPolicies = Object.keys(ANSWER_POLICIES) as AnswerPolicyName[];
const flag = z.boolean().default(false);

const schema = z.object({
  problems: path,
  samples: path,
  out: path.default("results.jsonl"),
  report: path.optional(),
  k: kOption.default([1, 10, 100]),
  comparator: comparatorName.optional(),
  policy: policyName.optional(),
  extraction: z.enum(policies, { error: `expected one of ${policies.join(", ")}` }).optional(),
  equivalence: z.enum(answerPolicies, { error: `expected one of ${answerPolicies.join(", ")}` }).optional(),
  allTests: flag,
  typeCheck: z.boolean().default(true),
  jobs: jobsOption,
  json: flag,
  skipUnknown: flag,
  force: flag,
  isolation: isolationOption,
  requireIsolation: tierOption.optional(),
  requireIsolated: flag,
  ...limitShape,
  ...timesShape,
});

/** Checks the options of `assay grade`. Throws `InputError` naming the option. */
export function parseGradeSettings(raw: Readonly<Record<string, unknown>>): GradeSettings {
  const options = parseOptions(schema, raw);
  if (options.out === "-" && options.json) {
    throw new InputError("--json: stdout holds the result rows already because of --out -");
  }
  const { problems, samples, out, k, policy = null, allTests, jobs, json, skipUnknown, force } = options;
  const { equivalence = null, isolation, requireIsolation = null, requireIsolated, typeCheck } = options;
  return {
    ...{ equivalence, isolation, requireIsolation, requireIsolated, typeCheck },
    ...{ problems, samples, out, report: options.report ?? null, k, policy },
    ...settleOptions(policy, {
      ...{ extraction: options.extraction, comparator: options.comparator },
      ...{ limits: pickLimits(options), timeMultipliers: options.timeMultiplier },
    }),
    ...{ allTests, jobs, json, skipUnknown, force },
  };
}
