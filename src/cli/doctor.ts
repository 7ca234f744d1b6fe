import type { Command } from "commander";
import { z } from "zod";
import { EXIT } from "../errors.js";
import type { DoctorReport } from "../sandbox/index.js";
import type { Context } from "./context.js";
import { escapeLine } from "../report/escape.js";
import { runVerb } from "./failures.js";
import { addIsolationOption, isolationOption, parseOptions } from "./options.js";
import { formatTable } from "./table.js";

const schema = z.object({ isolation: isolationOption, json: z.boolean().default(false) });
type Options = z.output<typeof schema>;
type Check = DoctorReport["checks"][number];
type Language = NonNullable<DoctorReport["languages"]>[number];
type Tier = NonNullable<DoctorReport["tiers"]>[number];

/** `assay doctor`: what the sandbox enforces on this machine, what is missing, how to get it. */
export function registerDoctor(program: Command, context: Context): void {
  const command = program
    .command("doctor")
    .description("show what is enforced on this machine, what is missing and how to get it")
    .option("--json", "print one JSON object on stdout");
  addIsolationOption(command).action((raw: Record<string, unknown>) =>
    runVerb(context, () => diagnose(parseOptions(schema, raw), context)),
  );
}

async function diagnose({ isolation, json }: Options, { dependencies, stdout }: Context): Promise<number> {
  const report = await dependencies.probe(isolation);
  stdout.write(json ? JSON.stringify(report) + "\n" : describe(report));
  return report.ok ? EXIT.ok : EXIT.badInput;
}

function describe({ ok, isolation, runtime, checks, tiers = [], languages = [] }: DoctorReport): string {
  const ofTiers = new Set(tiers.flatMap(({ checks }) => checks));
  const machine = checks.filter((check) => !ofTiers.has(check));
  const all = [...machine, ...ofTiers];
  const fixes = all.flatMap(({ name, ok, fix }) => (ok || fix === null ? [] : [[escapeLine(name), escapeLine(fix)]]));
  return [
    `isolation  ${escapeLine(isolation)}\nruntime    ${escapeLine(runtime)}\n`,
    formatTable(machine.map((check) => showCheck(check, check.required))),
    ...tiers.map((tier) => showTier(tier, isolation)),
    ...(languages.length > 0 ? [`languages:\n${formatTable(languages.map(showLanguage))}`] : []),
    ...(fixes.length > 0 ? [`how to get what is missing:\n${formatTable(fixes)}`] : []),
    ok ? "programs can be graded here\n" : "programs cannot be graded here\n",
  ].join("\n");
}

function showLanguage({ id, name, installed, version, fix }: Language): string[] {
  return [installed ? "ok" : "missing", id, name, installed ? version : escapeLine(fix ?? "")];
}

/** Each wall of a tier with the means by which it holds and, where a program tried it, how it was proved. */
function showTier({ tier, ok, checks, walls }: Tier, inForce: string): string {
  const state = tier === inForce ? "in force" : ok ? "can be had" : "cannot be had here";
  const means = new Map(walls.map(({ name, means }) => [name, means]));
  const tried = checks.map((check) => {
    const how = means.get(check.name);
    means.delete(check.name);
    return [...showCheck(check, true), ...(how === undefined ? [] : [escapeLine(how)])];
  });
  // Of a tier that does not come up nothing holds.
  const untried = ok ? [...means].map(([name, how]) => ["", escapeLine(name), "not tried", escapeLine(how)]) : [];
  return `tier ${tier}: ${state}\n${formatTable([...tried, ...untried])}`;
}

function showCheck({ ok, name, detail }: Check, required: boolean): string[] {
  return [ok ? "ok" : required ? "MISSING" : "missing", escapeLine(name), escapeLine(detail)];
}
