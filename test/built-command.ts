import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { rename, symlink } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";
import { beforeAll, inject } from "vitest";

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

/** The command as it is installed: built once for all tests, away from the project's own `dist/`. */
export function useBuiltCommand() {
  const command = {
    /** The folder that holds `dist/`. */
    folder: inject("builtFolder"),
    /** Starts `assay` with some arguments. */
    start(args: readonly string[], options: StartOptions = {}): Running {
      return startNode([join(command.folder, "dist/cli/main.js"), ...args], options);
    },
    /** Runs `assay` to its end. */
    run: (...args: string[]): Promise<Finished> => command.start(args).finished,
  };
  beforeAll(() => build(command.folder), 120_000);
  return command;
}

/** Builds the command into a folder where it is not there yet, whole. */
async function build(folder: string): Promise<void> {
  const dist = join(folder, "dist");
  if (existsSync(dist)) return;
  const options = ["--outDir", `${dist}.part`, "--noCheck", "--sourceMap", "false"];
  await execa("node_modules/.bin/tsc", ["-p", "tsconfig.build.json", ...options], { cwd: ROOT });
  for (const name of BESIDE) if (!existsSync(join(folder, name))) await symlink(join(ROOT, name), join(folder, name));
  await rename(`${dist}.part`, dist);
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
