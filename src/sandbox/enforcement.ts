import type { Enforcement } from "./contract.js";
import type { Tier } from "./jail-parts.js";
import { groupPlace } from "./memory-groups.js";
import { findLibraries } from "./libraries.js";
import { LOOK_EVERY_MS } from "./overuse.js";
import { CAN_LOOK } from "./processes.js";

type Wall = Enforcement["walls"][number];

/** What holds in a tier here, and by what means: a line for each wall and limit. */
export function describeEnforcement(tier: Tier, runtime: string): Enforcement {
  return {
    isolation: tier,
    runtime,
    libraries: findLibraries(),
    walls: [...WALLS[tier], ...COMMON, { name: "memory", means: describeMemory() }],
  };
}

const LOOKS = CAN_LOOK ? `looked at every ${LOOK_EVERY_MS} ms` : "not looked at (this kernel does not tell of it)";

const WALLS: Readonly<Record<Tier, readonly Wall[]>> = {
  namespaces: [
    { name: "namespaces", means: "bubblewrap: user, pid, mount, net, ipc, uts, cgroup" },
    { name: "files", means: "mount namespace: nothing of /home, /root, /var or /proc" },
    { name: "read-only system", means: "read-only mounts; tmpfs of 64 MiB at /tmp and of 256 MiB at /io" },
    { name: "network", means: "empty network namespace, no sockets by system-call filter" },
    { name: "other processes", means: "pid namespace; signals and tracing by system-call filter" },
    { name: "threads", means: "RLIMIT_NPROC" },
  ],
  unprivileged: [
    {
      name: "files",
      means: "Landlock: contents of /usr and of the cell's folder alone (names elsewhere can be probed)",
    },
    {
      name: "read-only system",
      means: "Landlock: a folder of the cell's own, of 64 MiB and 256 MiB for input, looked at every 100 ms",
    },
    { name: "network", means: "no sockets by system-call filter; TCP closed by Landlock as well (Linux 6.7)" },
    {
      name: "other processes",
      means:
        "signals and tracing by system-call filter, Landlock (tracing; signals since Linux 6.12) and PR_SET_DUMPABLE",
    },
    {
      name: "threads",
      means: `${LOOKS}; RLIMIT_NPROC where the cell has a user of its own`,
    },
  ],
};

const COMMON: readonly Wall[] = [
  { name: "system calls", means: "allow-lists (seccomp): one for the cell, a stricter one for the candidate" },
  { name: "privileges", means: "no capabilities, no_new_privs" },
  { name: "processes", means: "fork and exec closed by the system-call filter" },
  { name: "CPU time", means: "the process's CPU clock watched by the warden, RLIMIT_CPU behind it" },
  { name: "elapsed time", means: "watched by the warden" },
  { name: "output", means: "counted while it is read" },
  { name: "files, descriptors, stack", means: "RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_STACK" },
];

function describeMemory(): string {
  const place = groupPlace();
  const behind =
    typeof place === "string"
      ? `RLIMIT_AS behind it; no cgroup (${place})`
      : `cgroup v${place.version} of the cell, files in memory included, and RLIMIT_AS behind it`;
  return `peak resident size, at the end; until then ${LOOKS}; ${behind}`;
}
