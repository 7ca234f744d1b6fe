import { spawn, type ChildProcess } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";
import { dir } from "tmp-promise";
import { afterAll, beforeAll } from "vitest";

const ROOT = join(import.meta.dirname, "..");
/** What the built code expects to find beside its folder. */
const BESIDE = ["sandboxes", "page", "fixtures", "node_modules", "package.json"];

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly finished: Promise<Finished>;
}

/** The command as it is installed: built once for the tests of the file that calls this, away from the project's own `dist/`. */
export function useBuiltCommand() {
  let cleanup = (): Promise<void> => Promise.resolve();
  const command = {
    /** The folder that holds `dist/`. */
    folder: "",
    /** Starts `assay` with some arguments. */
    start(args: readonly string[], options: StartOptions = {}): Running {
      return startNode([join(command.folder, "dist/cli/main.js"), ...args], options);
    },
    /** Runs `assay` to its end. */
    run: (...args: string[]): Promise<Finished> => command.start(args).finished,
  };
  beforeAll(async () => {
    const made = await dir({ unsafeCleanup: true });
    [command.folder, cleanup] = [made.path, made.cleanup];
    const options = ["--outDir", join(made.path, "dist"), "--noCheck", "--sourceMap", "false"];
    await execa("node_modules/.bin/tsc", ["-p", "tsconfig.build.json", ...options], { cwd: ROOT });
    await Promise.all(BESIDE.map((name) => symlink(join(ROOT, name), join(made.path, name))));
  }, 120_000);
  afterAll(() => cleanup());
  return command;
}

export interface StartOptions {
  /** Added to this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Descriptors that the new process finds open, as a shell may leave them. */
  readonly openDescriptors?: readonly number[];
}

/** Starts node with some arguments and gathers what it writes. */
export function startNode(args: readonly string[], { env = {}, openDescriptors = [] }: StartOptions = {}): Running {
  const stdio: ("ignore" | "pipe" | number)[] = ["ignore", "pipe", "pipe"];
  for (const fd of openDescriptors) {
    while (stdio.length < fd) stdio.push("ignore");
    stdio[fd] = 0;
  }
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio });
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  if (child.pid === undefined) throw new Error("node could not be started");
  return { child, pid: child.pid, finished };
}
