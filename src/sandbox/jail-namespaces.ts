import { execa } from "execa";

import {
  COMMANDS,
  environmentWith,
  filtersOf,
  FIRST_INPUT,
  FIRST_USER,
  startLine,
  wardenFiles,
  type JailCommand,
} from "./jail-parts.js";
import { buildFilter } from "./seccomp.js";

/** Read-only parts of the system that the interpreter and its libraries need; nothing else of /etc, /home, /root, /var. */
const SYSTEM = ["/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/alternatives", "/etc/ld.so.cache"];
const DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

const TMP_BYTES = 64 << 20;
/** Holds the input of one test. */
const INPUT_BYTES = 256 << 20;

/** Walls of the other tier. */
const NOT_NEEDED = ["walls.py", "landlock.py"];

/** What many runtimes find themselves by, and what shells redirect to. Of the cell's own processes alone. */
const PROC = ["--proc", "/proc"];
const STREAMS = [
  ...["--symlink", "/proc/self/fd", "/dev/fd"],
  ...["--symlink", "/proc/self/fd/1", "/dev/stdout"],
  ...["--symlink", "/proc/self/fd/2", "/dev/stderr"],
];
const PROBE_LIMIT_MS = 10_000;

let procIsThere: Promise<boolean> | undefined;

/** Whether cells can have a /proc of their own; containers with masked paths in theirs refuse it. Tried once. */
export function mayMountProc(): Promise<boolean> {
  const args = ["--unshare-all", "--ro-bind", "/", "/", ...PROC, "/bin/true"];
  procIsThere ??= execa("bwrap", args, { reject: false, timeout: PROBE_LIMIT_MS }).then(({ failed }) => !failed);
  return procIsThere;
}

/** A jail in namespaces of its own, by bubblewrap, with the warden as pid 1. */
export async function namespacesJail(kind: string, cell: number, features: readonly string[]): Promise<JailCommand> {
  const inputs: Uint8Array[] = [buildFilter("jail")];
  const args = ["--unshare-all", "--die-with-parent", "--as-pid-1", "--new-session", "--cap-drop", "ALL"];
  args.push("--uid", "65534", "--gid", "65534", "--hostname", "cell", "--clearenv");
  for (const [name, value] of Object.entries(environmentWith(features))) args.push("--setenv", name, value);
  const besides = kind === COMMANDS ? features : [];
  for (const folder of [...SYSTEM, ...besides]) args.push("--ro-bind-try", folder, folder);
  args.push("--dir", "/dev", "--symlink", "/io/stdin", "/dev/stdin");
  for (const device of DEVICES) args.push("--dev-bind", device, device);
  if (kind === COMMANDS && (await mayMountProc())) args.push(...PROC, ...STREAMS);
  const place = (path: string, content: Uint8Array): void => {
    args.push("--ro-bind-data", String(FIRST_INPUT + inputs.length), path);
    inputs.push(content);
  };
  for (const { name, content } of wardenFiles(kind)) {
    if (!NOT_NEEDED.includes(name)) place(`/assay/warden/${name}`, content);
  }
  for (const name of filtersOf(kind)) place(`/assay/${name}.bpf`, buildFilter(name));
  args.push("--size", String(TMP_BYTES), "--tmpfs", "/tmp", "--size", String(INPUT_BYTES), "--tmpfs", "/io");
  args.push("--remount-ro", "/", "--chdir", "/assay", "--seccomp", String(FIRST_INPUT));
  args.push("/bin/sh", "-c", startLine("start"), "warden", ...features);
  return {
    file: "bwrap",
    args,
    inputs,
    user: process.getuid?.() === 0 ? FIRST_USER + (cell % 1000) : undefined,
    // Only to find the command by; inside, bwrap clears it.
    environment: { PATH: process.env.PATH ?? "" },
    cleanUp: () => Promise.resolve(),
  };
}
