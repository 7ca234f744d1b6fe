import type { Command } from "commander";
import { z } from "zod";

import { readLanguageCases } from "../attack/by-language.js";
import { readCases, selectCases } from "../attack/cases.js";
import { runSuite, type CaseOutcome } from "../attack/suite.js";
import { tryPlainHarness, type PlainOutcome } from "../attack/plain.js";
import { writeTable } from "../attack/table.js";
import { EXIT } from "../errors.js";
import type { Context } from "./context.js";
import { escapeLine } from "../report/escape.js";
import { runVerb } from "./failures.js";
import { addIsolationOption, isolationOption, parseOptions } from "./options.js";
import { formatTable } from "./table.js";

const listOption = z
  .string()
  .transform((text) => text.split(",").filter((word) => word !== ""))
  .default([]);
const optionsSchema = z.object({
  json: z.boolean().default(false),
  table: z.boolean().default(false),
  plain: z.boolean().default(false),
  isolation: isolationOption,
  only: listOption,
  language: listOption,
});
type Options = z.output<typeof optionsSchema>;

/** `assay attack`: the attack suite against this installation. Exit 0 only where every attack held. */
export function registerAttack(program: Command, context: Context): void {
  const command = program
    .command("attack")
    .description("try the attacks that come with assay against this installation; exit 0 if all hold, 1 if not")
    .option("--only <names>", "groups (D), families (D4) and names (eq-*), with commas between them (default: all)")
    .option(
      "--language <names>",
      "those in these languages, with commas between them, or all that are installed (default: Python)",
    )
    .option("--plain", "try them on plain harness rules too, as official harnesses have them, inside a jail")
    .option("--table", "print the table as Markdown, with the plain harness rules")
    .option("--json", "print one JSON object on stdout");
  addIsolationOption(command).action((given: Record<string, unknown>) =>
    runVerb(context, () => attack(parseOptions(optionsSchema, given), context)),
  );
}

async function attack(options: Options, context: Context): Promise<number> {
  const { dependencies, stdout, stderr, interrupt } = context;
  const { language, only } = options;
  const cases = selectCases(language.length === 0 ? readCases() : readLanguageCases(language), only);
  const outcomes = await runSuite(cases, {
    createSandbox: dependencies.createSandbox,
    createGrader: dependencies.createGrader,
    sandbox: { isolation: options.isolation },
    interrupt,
    onOutcome: progress(stderr, cases.length),
  });
  const withPlain = (options.plain || options.table) && !interrupt.aborted;
  const plain = withPlain ? await tryPlainHarness(cases, dependencies.createSandbox, interrupt) : null;
  if (interrupt.aborted) return EXIT.interrupted;
  stderr.write(countHeld(outcomes));
  if (options.json) stdout.write(`${JSON.stringify({ cases: outcomes.map((one) => rowOf(one, plain)) })}\n`);
  else if (options.table) stdout.write(writeTable(cases, outcomes, plain));
  else stdout.write(showOutcomes(outcomes, plain));
  return outcomes.every(({ held }) => held) ? EXIT.ok : EXIT.badInput;
}

/** A case as `--json` prints it. */
function rowOf(outcome: CaseOutcome, plain: ReadonlyMap<string, PlainOutcome> | null) {
  const { name, group, expected, got, held, reasons, skipped } = outcome;
  const harness = plain?.get(name);
  return {
    ...{ name, group, expected, got, held, reasons },
    ...(skipped === null ? {} : { skipped }),
    ...(harness === undefined ? {} : { plain_harness: harness }),
  };
}

/** On a terminal a line that counts; elsewhere a line for each attack that did not hold or was not tried. */
function progress(stderr: Context["stderr"], total: number): (outcome: CaseOutcome) => void {
  let done = 0;
  return (outcome) => {
    done += 1;
    const line = describe(outcome);
    if (stderr.isTTY === true) {
      const count = done === total ? "" : `${done}/${total} ${outcome.name}`;
      stderr.write(`\r\x1b[K${line ?? ""}${count}`);
    } else if (line !== null) stderr.write(line);
  };
}

function describe({ name, held, reasons, skipped }: CaseOutcome): string | null {
  if (skipped !== null) return `skipped: ${name}: ${skipped}\n`;
  return held ? null : `NOT HELD: ${name}: ${escapeLine(reasons.join("; "))}\n`;
}

function countHeld(outcomes: readonly CaseOutcome[]): string {
  const skipped = outcomes.filter((one) => one.skipped !== null).length;
  const held = outcomes.filter((one) => one.held).length - skipped;
  return `${held} of ${outcomes.length} attacks held${skipped > 0 ? `, ${skipped} skipped` : ""}\n`;
}

function showOutcomes(outcomes: readonly CaseOutcome[], plain: ReadonlyMap<string, PlainOutcome> | null): string {
  const heading = ["group", "attack", "expected", "got", "held", ...(plain === null ? [] : ["plain harness"])];
  const rows = outcomes.map(({ name, group, expected, got, held, skipped }) => [
    group,
    name,
    expected.join(" or "),
    got,
    skipped === null ? (held ? "yes" : "NO") : "skipped",
    ...(plain === null ? [] : [plain.get(name) ?? ""]),
  ]);
  const failed = outcomes.filter(({ held }) => !held);
  const notes = failed.map(({ name, reasons }) => [name, escapeLine(reasons.join("; "))]);
  return formatTable([heading, ...rows]) + (notes.length > 0 ? `\nnot held:\n${formatTable(notes)}` : "");
}
