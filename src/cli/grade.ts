import type { Command } from "commander";
import { EXIT } from "../errors.js";
import { COMPARATOR_NAMES } from "../grading/comparators/index.js";
import { POLICY_NAMES } from "../grading/policy.js";
import type { Context } from "./context.js";
import { runVerb } from "./failures.js";
import { grade } from "./grade/run.js";
import { parseGradeSettings } from "./grade/settings.js";
import { addLimitOptions, addTimesOption } from "./limits.js";
import { addIsolationOption } from "./options.js";

/** `assay grade`: samples in, a result row for each and a summary out. */
export function registerGrade(program: Command, context: Context): void {
  const command = program
    .command("grade")
    .description("grade a file of samples against a set of problems")
    .requiredOption("--problems <path>", "file or folder of problems, or the name of a set that comes with assay")
    .requiredOption("--samples <path>", "JSON Lines of samples, plain or gzip; - for stdin")
    .option("--out <path>", "where result rows go (default: results.jsonl); - for stdout")
    .option("--report <path>", "write a report as one HTML page")
    .option("--k <list>", "values of k for pass@k (default: 1,10,100)")
    .option("--policy <name>", `extract, compare and limit as a known grader does: ${POLICY_NAMES.join(", ")}`)
    .option("--comparator <name>", `how outputs are compared: ${COMPARATOR_NAMES.join(", ")} (default: strict)`)
    .option("--extraction <rule>", "how code is taken out of a completion (default: auto)")
    .option(
      "--equivalence <policy>",
      "how answers to questions are found and compared (default: as the set says, else default)",
    )
    .option("--no-type-check", "strip TypeScript's types without checking them")
    .option("--all-tests", "run every test even after one has failed")
    .option("--jobs <n>", "programs in flight; at most one per core runs (default: two per core)")
    .option("--json", "print one JSON object on stdout")
    .option("--skip-unknown", "exit 0 even if samples name tasks that the problems do not hold")
    .option("--require-isolation <tier>", "refuse to grade in less than this tier: namespaces or unprivileged")
    .option("--require-isolated", "no pass counts whose tests ran in one process with the candidate")
    .option("--force", "start over instead of going on with existing results");
  addTimesOption(addLimitOptions(addIsolationOption(command))).action((raw: Record<string, unknown>) =>
    runVerb(context, () => grade(parseGradeSettings(raw), context)),
  );
  command.addHelpText(
    "after",
    `
Running the same command again goes on where it stopped.
A single option beside --policy goes before what the policy says.
Exit codes: ${EXIT.ok} graded, ${EXIT.badInput} unusable input, ${EXIT.infrastructure} some samples could not be graded, ${EXIT.interrupted} interrupted.`,
  );
}
