import type { Command } from "commander";
import { join } from "node:path";
import { z } from "zod";
import { EXIT, InputError } from "../errors.js";
import { readConfig } from "../selftrain/config/read.js";
import { RunFolder } from "../selftrain/folder/run-folder.js";
import type { ComparedRun } from "../selftrain/records.js";
import { gatherCompared, gatherReport, writeReport } from "../selftrain/report.js";
import { readStatus } from "../selftrain/status.js";
import type { Context } from "./context.js";
import { runVerb } from "./failures.js";
import { addIsolationOption, isolationOption, parseOptions } from "./options.js";
import { run } from "./selftrain/run.js";
import { describeReport, describeStatus } from "./selftrain/show.js";

const out = z.string().min(1, "expected a path").optional();
const runSchema = z.object({ out, dryRun: z.boolean().default(false), isolation: isolationOption });
const lookSchema = z.object({ out, json: z.boolean().default(false) });
const reportSchema = lookSchema.extend({ compare: z.array(z.string().min(1)).default([]) });

/** `assay selftrain`: the ReST-EM loop around the grader. */
export function registerSelftrain(program: Command, context: Context): void {
  const selftrain = program
    .command("selftrain")
    .description("train a model on its own correct answers (ReST-EM), against a model endpoint and a trainer");
  const runCommand = selftrain
    .command("run <config>")
    .description("begin a run, or go on with it where it stopped")
    .option("--out <folder>", "the run's folder (default: runs/<name>)")
    .option("--dry-run", "print what would be asked for, and do nothing");
  addIsolationOption(runCommand).action((config: string, raw: Record<string, unknown>) =>
    runVerb(context, () => run(config, parseOptions(runSchema, raw), context)),
  );
  addLookOptions(selftrain.command("status <config>").description("how a run is; can be asked at any moment")).action(
    (config: string, raw: Record<string, unknown>) => runVerb(context, () => showStatus(config, raw, context)),
  );
  addLookOptions(selftrain.command("report <config>").description("write the report of what has been done so far"))
    .option("--compare <folders...>", "show these runs beside it, such as a control or ablations")
    .action((config: string, raw: Record<string, unknown>) => runVerb(context, () => showReport(config, raw, context)));
  selftrain.addHelpText(
    "after",
    `
Running the same command again goes on where it stopped. docs/selftrain.md describes the configuration.
Exit codes: ${EXIT.ok} finished, ${EXIT.badInput} unusable input, ${EXIT.infrastructure} stopped and needs help, ${EXIT.interrupted} interrupted.`,
  );
}

function addLookOptions(command: Command): Command {
  return command
    .option("--out <folder>", "the run's folder (default: runs/<name>)")
    .option("--json", "print one JSON object on stdout");
}

async function showStatus(file: string, raw: Readonly<Record<string, unknown>>, context: Context): Promise<number> {
  const { out, json } = parseOptions(lookSchema, raw);
  const folder = await openFolder(file, out);
  const status = await readStatus(folder);
  if (status === null) throw new InputError("no run was begun here", { file: folder.path });
  context.stdout.write(json ? JSON.stringify(status) + "\n" : describeStatus(status, new Date()));
  return EXIT.ok;
}

async function showReport(file: string, raw: Readonly<Record<string, unknown>>, context: Context): Promise<number> {
  const { out, json, compare } = parseOptions(reportSchema, raw);
  const folder = await openFolder(file, out);
  const own = await gatherReport(folder);
  if (own === null) throw new InputError("no run was begun here", { file: folder.path });
  const compared: ComparedRun[] = [];
  for (const path of compare) {
    const other = await gatherCompared(folder, folder.beside(path));
    if (other === null) throw new InputError("no run was begun here", { file: path });
    compared.push(other);
  }
  const report = { ...own, compared };
  await writeReport(folder, report);
  context.stdout.write(json ? JSON.stringify(report) + "\n" : describeReport(report, folder.path));
  return EXIT.ok;
}

async function openFolder(file: string, out: string | undefined): Promise<RunFolder> {
  const { config, secrets } = await readConfig(file, process.env);
  return new RunFolder(out ?? join("runs", config.name), secrets);
}
