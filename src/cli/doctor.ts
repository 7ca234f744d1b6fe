import type { Command } from "commander";
import { EXIT } from "../errors.js";
import type { Context } from "./context.js";
import { escapeLine } from "./escape.js";
import { runVerb } from "./failures.js";
import { formatTable } from "./table.js";

/** `assay doctor`: what the sandbox enforces on this machine, what is missing, how to get it. */
export function registerDoctor(program: Command, context: Context): void {
  program
    .command("doctor")
    .description("show what is enforced on this machine, what is missing and how to get it")
    .option("--json", "print one JSON object on stdout")
    .action(({ json }: { json?: boolean }) => runVerb(context, () => diagnose(json === true, context)));
}

async function diagnose(json: boolean, { dependencies, stdout }: Context): Promise<number> {
  const report = await dependencies.probe();
  if (json) stdout.write(JSON.stringify(report) + "\n");
  else {
    const rows = report.checks.map(({ name, ok, required, detail }) => [
      ok ? "ok" : required ? "MISSING" : "missing",
      escapeLine(name),
      escapeLine(detail),
    ]);
    stdout.write(`isolation  ${escapeLine(report.isolation)}\nruntime    ${escapeLine(report.runtime)}\n\n`);
    stdout.write(formatTable(rows));
    const fixes = report.checks.flatMap(({ name, ok, fix }) =>
      ok || fix === null ? [] : [[escapeLine(name), escapeLine(fix)]],
    );
    if (fixes.length > 0) stdout.write(`\nhow to get what is missing:\n${formatTable(fixes)}`);
    stdout.write(report.ok ? "\nprograms can be graded here\n" : "\nprograms cannot be graded here\n");
  }
  return report.ok ? EXIT.ok : EXIT.badInput;
}
