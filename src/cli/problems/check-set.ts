import { z } from "zod";
import { EXIT } from "../../errors.js";
import type { ProblemSet } from "../../grading/problems/index.js";
import { requireAbsent, writeLines } from "../../grading/problems/rewrite.js";
import type { ProblemFindings } from "../../grading/soundness/findings.js";
import { settleOptions } from "../../grading/policy.js";
import type { Context } from "../context.js";
import { Interrupted, orInterrupt } from "../interrupt.js";
import { limitShape, pickLimits } from "../limits.js";
import { comparatorName, countOf, isolationOption, jobsOption, parseOptions, policyName } from "../options.js";
import { resolveProblems } from "../problem-source.js";
import { checkProblems } from "./check.js";
import { describeSoundness, type Soundness, sumUp } from "./soundness.js";

const RUNS = 5;
const MUTANTS = 20;

const schema = z.object({
  comparator: comparatorName.optional(),
  policy: policyName.optional(),
  runs: countOf("a number of runs").default(RUNS),
  mutants: z
    .string()
    .regex(/^\d{1,6}$/, "expected a whole number from 0 up")
    .transform(Number)
    .default(MUTANTS),
  repaired: z.string().min(1, "expected a file").optional(),
  jobs: jobsOption,
  isolation: isolationOption,
  json: z.boolean().default(false),
  ...limitShape,
});

/** `assay problems check`: grades references and wrong programs of a set, says what is odd, and returns the exit code. */
export async function checkSet(
  given: string,
  raw: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<number> {
  const options = parseOptions(schema, raw);
  const { policy = null, runs, mutants, repaired, jobs, isolation, json } = options;
  const { comparator, limits } = settleOptions(policy, { ...options, limits: pickLimits(options) });
  const { dependencies, interrupt, stdout } = context;
  if (repaired !== undefined) [repaired, listOfLeftOut(repaired)].forEach(requireAbsent);
  try {
    const set = await orInterrupt(dependencies.readProblems(resolveProblems(given)), interrupt);
    const sandbox = await orInterrupt(dependencies.createSandbox({ cells: jobs, isolation }), interrupt);
    try {
      const grading = { comparator, extraction: "auto", allTests: true, limits } as const;
      const findings = await checkProblems({ problems: set.problems, sandbox, grading, runs, mutants, jobs, context });
      const found = sumUp(findings);
      if (repaired !== undefined) await writeRepaired(repaired, set, findings, found);
      stdout.write(json ? JSON.stringify(found) + "\n" : describeSoundness(set, found));
      return pickExit(found);
    } finally {
      await sandbox.dispose();
    }
  } catch (error) {
    if (error instanceof Interrupted) return EXIT.interrupted;
    throw error;
  }
}

async function writeRepaired(
  file: string,
  set: ProblemSet,
  findings: readonly ProblemFindings[],
  { left_out }: Soundness,
): Promise<void> {
  const good = findings.map(({ reasons }) => reasons.length === 0);
  await writeLines(
    file,
    set.copy((place) => good[place] === true),
  );
  await writeLines(
    listOfLeftOut(file),
    left_out.map((one) => JSON.stringify(one)),
  );
}

function listOfLeftOut(repaired: string): string {
  return `${repaired}.left-out.jsonl`;
}

function pickExit({
  infrastructure_errors,
  invalid,
  failing,
  wrong_accepted,
  flaky,
  accepts_empty,
}: Soundness): number {
  if (infrastructure_errors > 0) return EXIT.infrastructure;
  const faults = [invalid, failing, wrong_accepted, flaky, accepts_empty];
  return faults.some((list) => list.length > 0) ? EXIT.badInput : EXIT.ok;
}
