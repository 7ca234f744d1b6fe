import type { Command } from "commander";
import { destination, pino, type Logger } from "pino";
import { z } from "zod";

import { EXIT, InputError } from "../errors.js";
import type { ProblemSet } from "../grading/problems/index.js";
import { createApp } from "../server/app.js";
import { listen } from "../server/listen.js";
import { createMetrics } from "../server/metrics.js";
import { Feed } from "../server/page/feed.js";
import { createService } from "../server/service.js";
import { readTokens } from "../server/tokens.js";
import type { Context } from "./context.js";
import { runVerb } from "./failures.js";
import { aborted, Interrupted, orInterrupt } from "./interrupt.js";
import { checkExposure, hostOptions, logLevelOption } from "./listening.js";
import { addIsolationOption, amountOf, countOf, isolationOption, jobsOption, parseOptions } from "./options.js";
import { resolveProblems } from "./problem-source.js";

const BYTES_A_MIB = 1 << 20;
/** Connections get this long to take the rest of their answers once all work is done, milliseconds. */
const LAST_ANSWERS_MS = 5000;

const schema = z.object({
  ...hostOptions(8080),
  problems: z.array(z.string()).default([]),
  maxQueue: countOf("the number of programs that may wait").default(4096),
  jobs: jobsOption,
  isolation: isolationOption,
  cache: z.boolean().default(true),
  cacheSize: amountOf("MiB", BYTES_A_MIB).default(64 * BYTES_A_MIB),
  drainLimit: amountOf("seconds", 1000).default(30_000),
  logLevel: logLevelOption.default("info"),
});
type ServeSettings = z.output<typeof schema>;

/** `assay serve`: the grader behind HTTP, until it is told to stop. */
export function registerServe(program: Command, context: Context): void {
  const command = program
    .command("serve")
    .description("serve the grader over HTTP")
    .option("--host <address>", "IP address to listen on (default: 127.0.0.1)")
    .option("--port <n>", "port to listen on; 0 takes a free one (default: 8080)")
    .option("--problems <path...>", "files or folders of problems, or names of sets, that requests name by id")
    .option("--token-file <file>", "name:token on each line; requests need one of them")
    .option("--no-auth", "listen on other addresses than the loopback without tokens")
    .option("--max-queue <n>", "programs that may wait before requests are refused (default: 4096)")
    .option("--jobs <n>", "programs in flight; at most one per core runs (default: two per core)")
    .option("--no-cache", "remember nothing, and run equal work each time")
    .option("--cache-size <MiB>", "memory for remembered answers (default: 64)")
    .option("--drain-limit <seconds>", "time for work that is under way when the service is stopped (default: 30)")
    .option("--log-level <level>", "debug, info, warn, error or silent (default: info)");
  addIsolationOption(command)
    .action((raw: Record<string, unknown>) => runVerb(context, () => serve(parseOptions(schema, raw), context)))
    .addHelpText("after", "\nSIGTERM or SIGINT: finishes what was asked for and ends; a second one ends at once.");
}

async function serve(settings: ServeSettings, context: Context): Promise<number> {
  const { interrupt, dependencies, stdout } = context;
  const tokens = settings.tokenFile === undefined ? undefined : await readTokens(settings.tokenFile);
  checkExposure(settings, "have programs run");
  const log = pino({ level: settings.logLevel, base: null }, destination({ dest: 2, sync: false }));
  const { jobs, isolation, maxQueue, cache, cacheSize: cacheBytes } = settings;
  try {
    const sets = await orInterrupt(readSets(settings.problems, context), interrupt);
    const sandbox = await orInterrupt(dependencies.createSandbox({ cells: jobs, isolation }), interrupt);
    try {
      const service = createService({ sandbox, sets, jobs, maxQueue, cache, cacheBytes });
      service.events.listen({ fault: (event) => log.error(event, "infrastructure error") });
      const ready = (): boolean => service.ready;
      const metrics = createMetrics(service);
      const feed = new Feed(service);
      const app = createApp(service, { log, metrics, ready, feed, ...(tokens === undefined ? {} : { tokens }) });
      const listening = await listen(app, settings.host, settings.port);
      stdout.write(`listening on ${listening.url}\n`);
      await aborted(interrupt);
      feed.end();
      await stop(log, () => service.drain(settings.drainLimit));
      await listening.close(LAST_ANSWERS_MS);
      return EXIT.ok;
    } finally {
      await sandbox.dispose();
    }
  } catch (error) {
    if (error instanceof Interrupted) return EXIT.ok;
    throw error;
  } finally {
    await new Promise<void>((resolve) => log.flush(() => resolve()));
  }
}

async function stop(log: Logger, drain: () => Promise<boolean>): Promise<void> {
  log.info("stopping: no new work is taken");
  const complete = await drain();
  if (complete) log.info("all work is done");
  else log.warn("the time for it is over; work was given up");
}

async function readSets(paths: readonly string[], { dependencies, stderr }: Context): Promise<ProblemSet[]> {
  const sets: ProblemSet[] = [];
  for (const given of paths) {
    const path = resolveProblems(given);
    const set = await dependencies.readProblems(path);
    if (sets.some(({ name }) => name === set.name)) {
      throw new InputError(`--problems: there is a set of the name ${set.name} already`, { file: given });
    }
    sets.push(set);
    stderr.write(`${set.problems.length} problems, set ${set.name}, format ${set.format}, from ${path}\n`);
  }
  return sets;
}
