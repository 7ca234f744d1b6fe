import type { Command } from "commander";
import { z } from "zod";
import { EXIT } from "../errors.js";
import { COMPARATOR_NAMES } from "../grading/comparators/index.js";
import type { Context } from "./context.js";
import { runVerb } from "./failures.js";
import { addIsolationOption, comparatorOption, isolationOption, jobsOption, parseOptions } from "./options.js";
import { checkReferences } from "./problems/check.js";
import { describeSoundness, type Soundness } from "./problems/soundness.js";
import { resolveProblems } from "./problem-source.js";
import { Interrupted, orInterrupt } from "./interrupt.js";

const schema = z.object({
  comparator: comparatorOption,
  jobs: jobsOption,
  isolation: isolationOption,
  json: z.boolean().default(false),
});

/** `assay problems check`: are the problems of a set sound, do their own solutions pass? */
export function registerProblems(program: Command, context: Context): void {
  const command = program
    .command("problems")
    .description("work on sets of problems")
    .command("check <path>")
    .description("grade every reference solution of every problem (path: file, folder or name of a set)")
    .option("--comparator <name>", `how outputs are compared: ${COMPARATOR_NAMES.join(", ")} (default: strict)`)
    .option("--jobs <n>", "programs in flight; at most one per core runs (default: two per core)")
    .option("--json", "print one JSON object on stdout");
  addIsolationOption(command).action((path: string, raw: Record<string, unknown>) =>
    runVerb(context, () => check(path, raw, context)),
  );
}

async function check(given: string, raw: Readonly<Record<string, unknown>>, context: Context): Promise<number> {
  const { comparator, jobs, isolation, json } = parseOptions(schema, raw);
  const { dependencies, interrupt, stdout } = context;
  try {
    const set = await orInterrupt(dependencies.readProblems(resolveProblems(given)), interrupt);
    const sandbox = await orInterrupt(dependencies.createSandbox({ cells: jobs, isolation }), interrupt);
    try {
      const options = { comparator, extraction: "auto", allTests: false, limits: {} } as const;
      const grader = dependencies.createGrader(sandbox, options);
      const found = await checkReferences({ problems: set.problems, grader, jobs, context });
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

function pickExit({ infrastructure_errors, invalid, failing }: Soundness): number {
  if (infrastructure_errors > 0) return EXIT.infrastructure;
  return invalid.length + failing.length > 0 ? EXIT.badInput : EXIT.ok;
}
