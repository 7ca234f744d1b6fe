import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";

import { execa } from "execa";
import { JobError } from "../contract.js";

/** Between being asked to end and being killed, milliseconds. */
const GRACE_MS = 10_000;
/** Last lines of output that an error message shows. */
const LAST_LINES = 5;

export interface Command {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Gets all that the command writes. */
  readonly logFile: string;
  readonly limitMs: number;
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a command to its end, with all processes that it starts in a group of their own. Rejects with `JobError` when it
 * fails or takes too long; the group is ended then, and when `signal` is aborted. It also ends when this process dies.
 */
export async function runCommand({ argv, env, logFile, limitMs, signal, onLine }: Command): Promise<void> {
  signal.throwIfAborted();
  const last: string[] = [];
  const log = createWriteStream(logFile, { flags: "a" });
  const child = execa("setpriv", ["--pdeathsig", "TERM", "--", ...argv], {
    env,
    all: true,
    stdin: "ignore",
    buffer: false,
    detached: true,
    cleanup: false,
    reject: false,
  });
  const ending = { late: false };
  let killTimer: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(child.pid, "SIGTERM");
    killTimer ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MS);
  };
  // Timers cannot be longer than 2^31 ms.
  const limit = setTimeout(
    () => {
      ending.late = true;
      end();
    },
    Math.min(limitMs, 2 ** 31 - 1),
  );
  signal.addEventListener("abort", end, { once: true });
  const lines = createInterface({ input: child.all }).on("line", (line) => {
    log.write(`${line}\n`);
    last.push(line.slice(0, 500));
    if (last.length > LAST_LINES) last.shift();
    onLine?.(line);
  });
  try {
    const result = await child;
    signal.throwIfAborted();
    if (ending.late) throw new JobError(`${argv[0] ?? ""} took longer than ${limitMs / 1000} s`, "time_limit");
    if (result.exitCode === 0) return;
    const how =
      result.exitCode === undefined ? (result.signal ?? "could not be started") : `exit code ${result.exitCode}`;
    throw new JobError(`${argv[0] ?? ""}: ${how}\n${last.join("\n")}`.trim(), "command_failed");
  } finally {
    clearTimeout(limit);
    clearTimeout(killTimer);
    signal.removeEventListener("abort", end);
    // Whatever the command left running.
    signalGroup(child.pid, "SIGKILL");
    lines.close();
    log.end();
    await finished(log).catch(() => undefined);
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has gone already.
  }
}
