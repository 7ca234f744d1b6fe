import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";

import { Cell } from "./cell.js";
import type { Enforcement, Sandbox } from "./contract.js";
import { HOW_TO_GET_BWRAP, NUMPY } from "./doctor.js";
import { Pool, unavailable } from "./pool.js";

export { DEFAULT_LIMITS, resolveLimits } from "./limits.js";
export { probe, type DoctorReport } from "./doctor.js";

/** Which walls a sandbox is to have; `docs/sandbox.md` describes the tiers. */
export type Isolation = "auto" | "namespaces" | "unprivileged";

export interface SandboxOptions {
  /** Cells that work at the same time; by default, and at most, one per processor. */
  readonly cells?: number | undefined;
  /** `auto`, the default: namespaces where they can be had, else unprivileged. */
  readonly isolation?: Isolation | undefined;
}

/** Starts the sandbox. Rejects with SandboxUnavailableError where no cell can be had. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  // More cells than processors would only make programs wait inside their wall limits instead of in the queue.
  const size = Math.max(1, Math.min(options.cells ?? Infinity, availableParallelism()));
  let first: Cell;
  try {
    first = await Cell.start("python", [], 0);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unavailable(reason.includes("ENOENT") ? `bubblewrap is missing (${HOW_TO_GET_BWRAP})` : reason);
  }
  return new Pool(size, enforcement(first.runtime), first, existsSync(NUMPY));
}

function enforcement(runtime: string): Enforcement {
  return {
    isolation: "namespaces",
    runtime,
    walls: [
      { name: "namespaces", means: "bubblewrap: user, pid, mount, net, ipc, uts, cgroup" },
      { name: "files", means: "read-only system, nothing of /home, /root, /var or /proc, tmpfs of 64 MiB at /tmp" },
      { name: "network", means: "empty network namespace, no sockets by system-call filter" },
      { name: "system calls", means: "allow-lists (seccomp): one for the cell, a stricter one for the candidate" },
      { name: "privileges", means: "no capabilities, no_new_privs" },
      { name: "CPU time", means: "the process's CPU clock watched by the warden, RLIMIT_CPU behind it" },
      { name: "elapsed time", means: "watched by the warden" },
      {
        name: "memory",
        means: "peak resident size of the process, RLIMIT_AS (memory + stack + interpreter) behind it",
      },
      { name: "output", means: "counted while it is read" },
      { name: "files, descriptors, threads, stack", means: "RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_STACK" },
      { name: "processes", means: "fork and exec closed by the system-call filter" },
    ],
  };
}
