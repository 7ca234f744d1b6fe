import { readFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { isAlive, startOf } from "../folder/process-start.js";
import { killGroup } from "./run-command.js";

/**
 * Runs a submit command at most once, whatever becomes of this process meanwhile. The shell takes a claim (making a
 * folder succeeds only once), writes down who it is, and keeps what the command said and its exit status.
 */
const ONCE = `
cd "$1" || exit 1; shift
mkdir claim 2>/dev/null || exit 0
echo $$ >claim/pid.part && mv claim/pid.part claim/pid
"$@" >stdout 2>stderr </dev/null
echo $? >exit.part; mv exit.part exit
`;

export type SubmissionEnd =
  | { readonly how: "ended"; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  /** It took too long and was ended, or its process is gone without a word: it may have submitted a job. */
  | { readonly how: "unknown"; readonly reason: string };

const LOOK_MS = 50;
/** Time from a claim to the process's number beside it; both are written by one shell at once. */
const GRACE_MS = 5000;

/** Starts the command, or finds the one that an earlier process started, and waits for its end. */
export async function submitOnce(
  folder: string,
  argv: readonly string[],
  options: { readonly env: Record<string, string>; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<SubmissionEnd> {
  const { env, timeoutMs, signal } = options;
  await mkdir(folder, { recursive: true });
  const shell = execa("sh", ["-c", ONCE, "assay-submit", folder, ...argv], {
    // It outlives this process: what it submits must be known to whoever comes after.
    ...{ env, detached: true, cleanup: false, stdio: "ignore", reject: false },
  });
  shell.unref();
  const start = performance.now();
  for (let gone = 0; ;) {
    const status = await readIfThere(join(folder, "exit"));
    if (status !== null) {
      const [stdout, stderr] = await Promise.all(["stdout", "stderr"].map((name) => readIfThere(join(folder, name))));
      return { how: "ended", exitCode: Number(status), stdout: stdout ?? "", stderr: stderr ?? "" };
    }
    signal.throwIfAborted();
    const passed = performance.now() - start;
    const pid = Number(await readIfThere(join(folder, "claim", "pid")));
    if (passed > timeoutMs) {
      if (pid > 0 && isAlive(pid)) killGroup(pid);
      return { how: "unknown", reason: `the submit command did not end within ${timeoutMs / 1000} s` };
    }
    // Once more is looked for an exit status before a process that is gone counts as lost.
    gone = pid > 0 ? (startOf(pid) === null ? gone + 1 : 0) : passed > GRACE_MS ? gone + 1 : 0;
    if (gone > 2) return { how: "unknown", reason: "the submit command was ended before it could say what it did" };
    await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
