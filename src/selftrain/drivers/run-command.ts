import { execa } from "execa";

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface CommandEnd {
  /** Null when a signal ended it, or it could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What went wrong, in a line; empty when it exited with 0. */
  readonly problem: string;
}

const MOST_OUTPUT = 1 << 20;

/** Runs a command to its end, or until its time is over: then it goes with everything that it started. */
export async function runCommand(argv: readonly string[], options: CommandOptions): Promise<CommandEnd> {
  const { env, timeoutMs, signal } = options;
  signal.throwIfAborted();
  const [program = "", ...args] = argv;
  const child = execa(program, args, {
    ...{ env, reject: false, stdin: "ignore", detached: true, maxBuffer: MOST_OUTPUT, stripFinalNewline: false },
  });
  const late = new AbortController();
  const end = (): void => killGroup(child.pid);
  const timer = setTimeout(() => {
    late.abort();
    end();
  }, timeoutMs);
  signal.addEventListener("abort", end, { once: true });
  try {
    const { exitCode, stdout, stderr, shortMessage, failed } = await child;
    signal.throwIfAborted();
    const tooLong = `${program} did not end within ${timeoutMs / 1000} s`;
    const problem = late.signal.aborted ? tooLong : failed ? (shortMessage ?? `${program} failed`) : "";
    return { stdout, stderr, problem, exitCode: exitCode ?? null };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

/** Ends a process that leads a group, with the group. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** The last line with something on it. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}

/** Puts values in the place of `{{name}}`; a name that is not among them is left as it is. */
export function fillPlaces(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{([a-z_]+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Values as variables of the environment: `dataset` becomes `ASSAY_DATASET`. */
export function asEnvironment(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`ASSAY_${name.toUpperCase()}`, value]));
}
