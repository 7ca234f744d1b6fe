import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { JAVASCRIPT, readAddon } from "./javascript.js";
import type { FilterName } from "./seccomp.js";
import { compilerFiles, TYPESCRIPT } from "./typescript.js";

/** By what a cell is walled in. */
export type Tier = "namespaces" | "unprivileged";

export interface JailCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Contents of the descriptors from `FIRST_INPUT` on, in order. */
  readonly inputs: readonly Uint8Array[];
  /** The user and group to start as, where assay may choose. */
  readonly user: number | undefined;
  /** The whole environment of the command. */
  readonly environment: Readonly<Record<string, string>>;
  /** Removes what was made for the cell, once all its processes have ended. Never rejects. */
  readonly cleanUp: () => Promise<void>;
}

/** Descriptors 3 and 4 belong to the judge; what a jail reads at its start comes after them. */
export const FIRST_INPUT = 5;

/** Unprivileged users that cells run as when assay is root: one each, from here on, so that no two cells share a thing. */
export const FIRST_USER = 64_000;

/** What every program finds in its environment, where no feature says otherwise. */
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

/** What programs find in the environment of a cell with these features. */
export function environmentWith(features: readonly string[]): Readonly<Record<string, string>> {
  const seed = features.find((feature) => feature.startsWith(SEED_FEATURE));
  return seed === undefined ? ENVIRONMENT : { ...ENVIRONMENT, PYTHONHASHSEED: seed.slice(SEED_FEATURE.length) };
}

/** The feature of cells whose programs begin from another seed than 0. */
export const SEED_FEATURE = "seed=";

/** A shell line that starts a language's warden by one of its functions; what follows it are the warden's arguments. */
export function startLine(module: string): string {
  // The room below the stack is fixed when a program starts, so the warden must start with room for the deepest.
  const roomForStack = "ulimit -c 0; ulimit -s 8388608 2>/dev/null || ulimit -s $(ulimit -H -s)";
  // Libraries are bound here, once, and not in each child that is the first to call something. Programs see nothing of it.
  const start = `import os; del os.environ["LD_BIND_NOW"]; from warden.${module} import main; main()`;
  return `${roomForStack}; LD_BIND_NOW=1 exec /usr/bin/python3 -S -c '${start}' "$@"`;
}

/** Where `sandboxes/` stands, seen from `src/sandbox` and from `dist/sandbox` alike. */
export const SANDBOXES = fileURLToPath(new URL("../../sandboxes/", import.meta.url));

interface WardenFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** The folder of what all wardens have in common. */
const COMMON = "warden";
/** The cells in which programs are commands, and the folder of their warden. */
export const COMMANDS = "commands";

const files = new Map<string, readonly WardenFile[]>();

/**
 * The code of a warden, by its folder: of a language's own, or of the one for commands. Throws a RangeError for a
 * language that there is none for.
 */
export function wardenFiles(kind: string): readonly WardenFile[] {
  let found = files.get(kind);
  if (found === undefined) {
    if (!existsSync(`${SANDBOXES}${kind}/warden.py`)) throw new RangeError(`there is no warden for ${kind}`);
    found = [COMMON, kind].flatMap((folder) => readCode(`${SANDBOXES}${folder}/`));
    const addon = kind === JAVASCRIPT ? readAddon() : null;
    if (addon !== null) found = [...found, { name: "isolated_vm.node", content: addon }];
    if (kind === TYPESCRIPT) found = [...found, ...compilerFiles()];
    files.set(kind, found);
  }
  return found;
}

function readCode(folder: string): WardenFile[] {
  return readdirSync(folder)
    .filter((name) => /\.(py|cjs)$/.test(name) && statSync(folder + name).isFile())
    .map((name) => ({ name, content: readFileSync(folder + name) }));
}

/** The filters that a warden puts on its children. */
export function filtersOf(kind: string): readonly FilterName[] {
  if (kind === JAVASCRIPT || kind === TYPESCRIPT) return ["program"];
  return kind === COMMANDS ? ["program", "processes"] : ["candidate", "judge"];
}
