import type { Enforcement } from "./contract.js";
import type { Tier } from "./jail-parts.js";

type Wall = Enforcement["walls"][number];

/** What holds in a tier, a line for each wall and limit. */
export function describeEnforcement(tier: Tier, runtime: string): Enforcement {
  return { isolation: tier, runtime, walls: [...WALLS[tier], ...LIMITS] };
}

const WALLS: Readonly<Record<Tier, readonly Wall[]>> = {
  namespaces: [
    { name: "namespaces", means: "bubblewrap: user, pid, mount, net, ipc, uts, cgroup" },
    { name: "files", means: "read-only system, nothing of /home, /root, /var or /proc, tmpfs of 64 MiB at /tmp" },
    { name: "network", means: "empty network namespace, no sockets by system-call filter" },
    { name: "threads", means: "RLIMIT_NPROC" },
  ],
  unprivileged: [
    {
      name: "files",
      means:
        "Landlock: the system to be read, a folder of the cell's own to be written (64 MiB, looked at 10 times a second)",
    },
    { name: "network", means: "no sockets by system-call filter, TCP closed by Landlock" },
    { name: "other processes", means: "signals and tracing by system-call filter, Landlock and PR_SET_DUMPABLE" },
  ],
};

const LIMITS: readonly Wall[] = [
  { name: "system calls", means: "allow-lists (seccomp): one for the cell, a stricter one for the candidate" },
  { name: "privileges", means: "no capabilities, no_new_privs" },
  { name: "CPU time", means: "the process's CPU clock watched by the warden, RLIMIT_CPU behind it" },
  { name: "elapsed time", means: "watched by the warden" },
  {
    name: "memory",
    means: "peak resident size of the process, RLIMIT_AS (memory + stack + interpreter) behind it",
  },
  { name: "output", means: "counted while it is read" },
  { name: "files, descriptors, stack", means: "RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_STACK" },
  { name: "processes", means: "fork and exec closed by the system-call filter" },
];
