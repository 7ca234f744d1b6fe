import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Command } from "commander";
import { destination, pino } from "pino";
import { parse as parseYaml } from "yaml";
import { z } from "zod";

import { EXIT, InputError } from "../errors.js";
import { createHostApp } from "../modelhost/app.js";
import { commandConfig } from "../modelhost/command/config.js";
import { CommandBackend } from "../modelhost/command/backend.js";
import type { Backend } from "../modelhost/contract.js";
import { Jobs } from "../modelhost/jobs.js";
import { Store } from "../modelhost/state/store.js";
import { TinyBackend } from "../modelhost/tiny/backend.js";
import { tinyConfig } from "../modelhost/tiny/base.js";
import { listen } from "../server/listen.js";
import { readTokens } from "../server/tokens.js";
import type { Context } from "./context.js";
import { aborted, Interrupted, orInterrupt } from "./interrupt.js";
import { checkExposure, hostOptions, logLevelOption } from "./listening.js";
import { parseOptions } from "./options.js";
import { runVerb } from "./failures.js";

/** Connections get this long to take the rest of their answers, milliseconds. */
const LAST_ANSWERS_MS = 5000;

const schema = z.object({
  ...hostOptions(8090),
  backend: z.enum(["tiny", "command"], { error: "expected tiny or command" }).default("tiny"),
  config: z.string().optional(),
  state: z.string().min(1).default("model-host"),
  seed: z
    .string()
    .regex(/^\d{1,9}$/, "expected a whole number from 0 up")
    .transform(Number)
    .optional(),
  logLevel: logLevelOption.default("warn"),
});
type HostSettings = z.output<typeof schema>;

/** `assay model-host`: fine-tuning and completions behind the OpenAI protocol, until it is told to stop. */
export function registerModelHost(program: Command, context: Context): void {
  program
    .command("model-host")
    .description("serve fine-tuning jobs and completions over the OpenAI protocol")
    .option(
      "--backend <kind>",
      "tiny (a small model on the CPU) or command (a trainer and a server of your own) (default: tiny)",
    )
    .option("--config <file>", "YAML, see docs/model-host.md; needed for command")
    .option("--state <dir>", "where files, jobs and weights are kept (default: model-host)")
    .option("--seed <n>", "tiny: of the pre-training text (default: 1)")
    .option("--host <address>", "IP address to listen on (default: 127.0.0.1)")
    .option("--port <n>", "port to listen on; 0 takes a free one (default: 8090)")
    .option("--token-file <file>", "name:token on each line; requests need one of them")
    .option("--no-auth", "listen on other addresses than the loopback without tokens")
    .option("--log-level <level>", "debug, info, warn, error or silent (default: warn)")
    .action((raw: Record<string, unknown>) => runVerb(context, () => host(parseOptions(schema, raw), context)))
    .addHelpText("after", "\nSIGTERM or SIGINT: ends; a job that trains begins again with the next start.");
}

async function host(settings: HostSettings, { interrupt, stdout, stderr }: Context): Promise<number> {
  const tokens = settings.tokenFile === undefined ? undefined : await readTokens(settings.tokenFile);
  checkExposure(settings, "have models trained");
  const log = pino({ level: settings.logLevel, base: null }, destination({ dest: 2, sync: false }));
  const say = (message: string): void => void stderr.write(`${message}\n`);
  try {
    const store = await Store.open(settings.state);
    const backend = await orInterrupt(startBackend(settings, say, interrupt), interrupt);
    const jobs = new Jobs(store, backend);
    const app = createHostApp({ store, backend, jobs, log, ...(tokens === undefined ? {} : { tokens }) });
    const listening = await listen(app, settings.host, settings.port);
    jobs.resume();
    stdout.write(`listening on ${listening.url}\n`);
    await aborted(interrupt);
    await jobs.stop();
    await listening.close(LAST_ANSWERS_MS);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof Interrupted) return EXIT.ok;
    throw error;
  } finally {
    await new Promise<void>((resolve) => log.flush(() => resolve()));
  }
}

async function startBackend(
  { backend, config, seed, state }: HostSettings,
  say: (message: string) => void,
  interrupt: AbortSignal,
): Promise<Backend> {
  if (backend === "tiny") {
    const tiny = config === undefined ? tinyConfig.parse({}) : await readConfig(config, tinyConfig);
    return TinyBackend.start({ ...tiny, ...(seed === undefined ? {} : { seed }) }, join(state, "base"), say, interrupt);
  }
  if (seed !== undefined) throw new InputError("--seed is for the back end tiny");
  if (config === undefined) throw new InputError("--backend command needs a --config");
  return new CommandBackend(await readConfig(config, commandConfig));
}

/** Secrets are named as `${NAME}` and taken from the environment. Throws `InputError`. */
async function readConfig<Schema extends z.ZodType>(file: string, wanted: Schema): Promise<z.output<Schema>> {
  let value: unknown;
  try {
    value = parseYaml(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && "syscall" in error) throw error;
    throw new InputError(`is no YAML: ${error instanceof Error ? error.message : String(error)}`, { file });
  }
  const parsed = wanted.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(issue?.message ?? "cannot be used", { file, field: issue?.path.join(".") || undefined });
}
