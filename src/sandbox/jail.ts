import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { buildFilter } from "./seccomp.js";

/** Where `sandboxes/` stands, seen from `src/sandbox` and from `dist/sandbox` alike. */
const SANDBOXES = fileURLToPath(new URL("../../sandboxes/", import.meta.url));

/** Unprivileged users that cells run as when assay is root: one each, from here on, so that no two cells share a thing. */
const FIRST_USER = 64_000;

/** Read-only parts of the system that the interpreter and its libraries need; nothing else of /etc, /home, /root, /var. */
const SYSTEM = ["/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/alternatives", "/etc/ld.so.cache"];
const DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

const TMP_BYTES = 64 << 20;
/** Holds the input of one test. */
const INPUT_BYTES = 256 << 20;

export interface JailCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Contents of the descriptors from `firstDescriptor` on, in order. */
  readonly inputs: readonly Uint8Array[];
  /** The user and group to start as, where assay may choose. */
  readonly user: number | undefined;
}

/** Descriptors 3 and 4 belong to the judge; what bwrap reads at its start comes after them. */
const FIRST_INPUT = 5;

const ENVIRONMENT = {
  PATH: "/usr/bin:/bin",
  HOME: "/tmp",
  LANG: "C.UTF-8",
  LC_ALL: "C.UTF-8",
  TZ: "UTC",
  PYTHONHASHSEED: "0",
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONNOUSERSITE: "1",
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
};

/**
 * The command that starts a cell: a jail in namespaces of its own with the language's warden as pid 1.
 * `cell` numbers the cells of this process; `features` are passed to the warden.
 */
export function jailCommand(language: string, cell: number, features: readonly string[]): JailCommand {
  const inputs: Uint8Array[] = [buildFilter("jail")];
  const args = ["--unshare-all", "--die-with-parent", "--as-pid-1", "--new-session", "--cap-drop", "ALL"];
  args.push("--uid", "65534", "--gid", "65534", "--hostname", "cell", "--clearenv");
  for (const [name, value] of Object.entries(ENVIRONMENT)) args.push("--setenv", name, value);
  for (const folder of SYSTEM) args.push("--ro-bind-try", folder, folder);
  args.push("--dir", "/dev", "--symlink", "/io/stdin", "/dev/stdin");
  for (const device of DEVICES) args.push("--dev-bind", device, device);
  const place = (path: string, content: Uint8Array): void => {
    args.push("--ro-bind-data", String(FIRST_INPUT + inputs.length), path);
    inputs.push(content);
  };
  for (const { name, content } of wardenFiles(language)) place(`/assay/warden/${name}`, content);
  place("/assay/candidate.bpf", buildFilter("candidate"));
  place("/assay/judge.bpf", buildFilter("judge"));
  args.push("--size", String(TMP_BYTES), "--tmpfs", "/tmp", "--size", String(INPUT_BYTES), "--tmpfs", "/io");
  args.push("--remount-ro", "/", "--chdir", "/assay", "--seccomp", String(FIRST_INPUT));
  // The room below the stack is fixed when a program starts, so the warden must start with room for the deepest.
  const start =
    "ulimit -c 0; ulimit -s 8388608 2>/dev/null || ulimit -s $(ulimit -H -s); " +
    "exec /usr/bin/python3 -S -c 'from warden.start import main; main()' $*";
  args.push("/bin/sh", "-c", start, "warden", ...features);
  return { file: "bwrap", args, inputs, user: process.getuid?.() === 0 ? FIRST_USER + (cell % 1000) : undefined };
}

const files = new Map<string, readonly { name: string; content: Uint8Array }[]>();

function wardenFiles(language: string): readonly { name: string; content: Uint8Array }[] {
  let found = files.get(language);
  if (found === undefined) {
    const folder = `${SANDBOXES}${language}/`;
    if (!existsSync(folder)) throw new RangeError(`there is no sandbox for the language ${language}`);
    found = readdirSync(folder)
      .filter((name) => name.endsWith(".py") && statSync(folder + name).isFile())
      .map((name) => ({ name, content: readFileSync(folder + name) }));
    files.set(language, found);
  }
  return found;
}
