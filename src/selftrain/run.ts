import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { nameGrader, type createGrader } from "../grading/grader.js";
import type { Sandbox } from "../sandbox/contract.js";
import type { LoadedConfig } from "./config/read.js";
import type { EndpointConfig } from "./config/endpoint.js";
import type { RunContext, RunSets } from "./context.js";
import { takeLock } from "./folder/lock.js";
import { RunFolder } from "./folder/run-folder.js";
import { runLoop } from "./loop.js";
import { openManifest } from "./manifest.js";
import { ProgressFile } from "./progress-file.js";
import { readTemplate } from "./prompts.js";
import type { Report } from "./records.js";
import { settleGrading } from "./settle.js";
import type { Watch } from "./watch.js";
import { Wire } from "./wire/wire.js";

export interface RunOptions {
  readonly loaded: LoadedConfig;
  readonly sets: RunSets;
  /** The run folder. */
  readonly out: string;
  readonly sandbox: Sandbox;
  readonly createGrader: typeof createGrader;
  readonly watch: Watch;
  readonly signal: AbortSignal;
}

/**
 * Begins a run, or goes on with the one that is in the folder, to its end.
 *
 * @throws InputError when the folder is another run's or in use; StoppedError when the run cannot go on by itself
 */
export async function runSelftrain(options: RunOptions): Promise<Report> {
  const { loaded, sets, sandbox, signal } = options;
  const { config, secrets } = loaded;
  const folder = new RunFolder(resolve(options.out), secrets);
  await mkdir(folder.path, { recursive: true });
  const giveBack = await takeLock(folder.file("lock"));
  const progress = new ProgressFile(folder, {
    begin: options.watch.begin,
    say: (text) => options.watch.say(secrets.redact(text)),
  });
  const { wires, close } = createWires(loaded, (text) => progress.say(text));
  try {
    const { template: file } = config.prompt;
    const template = await readTemplate(file === undefined ? undefined : loaded.resolve(file), config.endpoint.api);
    const grader = nameGrader(sandbox.enforcement);
    const parts = { loaded, sets, promptSource: template.source, grader };
    const manifest = await openManifest(folder, parts, progress.say);
    const { options: gradeOptions, grading } = settleGrading(config);
    const context: RunContext = {
      ...loaded,
      ...{ folder, manifest, sets, template, sandbox, grading, wires, watch: progress, signal },
      grader: options.createGrader(sandbox, gradeOptions),
    };
    const report = await runLoop(context);
    await progress.end("finished");
    return report;
  } catch (error) {
    await progress.end(signal.aborted ? "interrupted" : error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    await close();
    await giveBack();
  }
}

function createWires({ config, secrets }: LoadedConfig, onWait: (text: string) => void) {
  const { endpoint, generate, improve } = config;
  const open = (to: EndpointConfig): Wire => new Wire({ ...to, secrets, onWait });
  const own = open(endpoint);
  const teacher = generate.teacher?.endpoint === undefined ? own : open(generate.teacher.endpoint);
  const { driver } = improve;
  const elsewhere = driver.kind === "openai" && (driver.url !== undefined || driver.api_key !== undefined);
  const trainer = elsewhere
    ? open({
        ...endpoint,
        ...(driver.url === undefined ? {} : { url: driver.url }),
        // A key is for the server that it was given with.
        api_key: driver.api_key ?? (driver.url === undefined ? endpoint.api_key : undefined),
      })
    : own;
  const all = new Set([own, teacher, trainer]);
  return {
    wires: { endpoint: own, teacher, trainer },
    close: async () => {
      await Promise.all([...all].map((wire) => wire.close()));
    },
  };
}
