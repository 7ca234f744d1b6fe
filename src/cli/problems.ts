import type { Command } from "commander";
import { COMPARATOR_NAMES } from "../grading/comparators/index.js";
import { POLICY_NAMES } from "../grading/policy.js";
import type { Context } from "./context.js";
import { runVerb } from "./failures.js";
import { addLimitOptions } from "./limits.js";
import { addIsolationOption } from "./options.js";
import { checkSet } from "./problems/check-set.js";
import { convertSet } from "./problems/convert.js";

/** `assay problems`: what can be done with a set of problems besides grading with it. */
export function registerProblems(program: Command, context: Context): void {
  const problems = program.command("problems").description("work on sets of problems");
  const check = problems
    .command("check <path>")
    .description(
      "are the problems sound: references, known wrong programs, idle and flaky tests (path: file, folder or name of a set)",
    )
    .option("--comparator <name>", `how outputs are compared: ${COMPARATOR_NAMES.join(", ")} (default: strict)`)
    .option("--policy <name>", `compare and limit as a known grader does: ${POLICY_NAMES.join(", ")}`)
    .option(
      "--runs <n>",
      "runs of a reference of each problem, each from another hash seed, to find flaky tests (default: 5)",
    )
    .option(
      "--mutants <n>",
      "small variants of a reference, most of them wrong, that the tests of each problem must tell (default: 20; 0: none)",
    )
    .option("--repaired <file>", "write the set without bad problems there, and the reasons to <file>.left-out.jsonl")
    .option("--jobs <n>", "programs in flight; at most one per core runs (default: two per core)")
    .option("--json", "print one JSON object on stdout");
  addLimitOptions(addIsolationOption(check)).action((path: string, raw: Record<string, unknown>) =>
    runVerb(context, () => checkSet(path, raw, context)),
  );
  problems
    .command("convert <path>")
    .description("write a set of any format in assay's own, see docs/problem-format.md")
    .option("--out <file>", "the file to write; gzipped when its name ends in .gz")
    .action((path: string, raw: Record<string, unknown>) => runVerb(context, () => convertSet(path, raw, context)));
}
