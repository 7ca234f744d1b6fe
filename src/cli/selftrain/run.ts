import { availableParallelism } from "node:os";
import { join } from "node:path";
import { EXIT } from "../../errors.js";
import type { Isolation } from "../../sandbox/index.js";
import { readConfig, type LoadedConfig } from "../../selftrain/config/read.js";
import { makePlan } from "../../selftrain/plan.js";
import { readTemplate } from "../../selftrain/prompts.js";
import { runSelftrain } from "../../selftrain/run.js";
import { readSets } from "../../selftrain/sets.js";
import { settleGrading, settleSamples } from "../../selftrain/settle.js";
import { StoppedError } from "../../selftrain/stopped.js";
import type { Context } from "../context.js";
import { escapeControls } from "../../report/escape.js";
import { Interrupted, orInterrupt } from "../interrupt.js";
import { resolveProblems } from "../problem-source.js";
import { describePlan, describeReport } from "./show.js";
import { watchOn } from "./watch.js";

export interface RunSettings {
  readonly out?: string | undefined;
  readonly dryRun: boolean;
  readonly isolation: Isolation;
}

/** Runs the loop to its end and returns the exit code. Throws `InputError` for what cannot be used. */
export async function run(file: string, settings: RunSettings, context: Context): Promise<number> {
  const { dependencies, interrupt, stderr } = context;
  const watch = watchOn(context);
  const given = await readConfig(file, process.env);
  try {
    const read = (path: string) => dependencies.readProblems(resolveProblems(path));
    const sets = await orInterrupt(readSets(given, read, watch.say), interrupt);
    const loaded = settleSamples(given, sets);
    const { grading, options } = settleGrading(loaded.config);
    const isolation = settings.isolation;
    const sandbox = await orInterrupt(dependencies.createSandbox({ cells: grading.jobs, isolation }), interrupt);
    try {
      if (settings.dryRun) {
        const template = await readPrompt(loaded);
        const grader = dependencies.createGrader(sandbox, options);
        const plan = await makePlan(loaded, sets, template, { grader, cells: availableParallelism() });
        context.stdout.write(describePlan(plan));
        return EXIT.ok;
      }
      const out = settings.out ?? join("runs", loaded.config.name);
      const { createGrader } = dependencies;
      const report = await runSelftrain({ loaded, sets, out, sandbox, createGrader, watch, signal: interrupt });
      context.stdout.write(describeReport(report, out));
      return EXIT.ok;
    } finally {
      await sandbox.dispose();
    }
  } catch (error) {
    if (interrupt.aborted || error instanceof Interrupted) {
      stderr.write("interrupted; running the same command again goes on from here\n");
      return EXIT.interrupted;
    }
    if (!(error instanceof StoppedError)) throw error;
    stderr.write(`assay: ${escapeControls(given.secrets.redact(error.message))}\n`);
    return EXIT.infrastructure;
  }
}

function readPrompt({ config, resolve }: LoadedConfig) {
  const { template } = config.prompt;
  return readTemplate(template === undefined ? undefined : resolve(template), config.endpoint.api);
}
