import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

import { environmentWith, filtersOf, FIRST_USER, startLine, wardenFiles, type JailCommand } from "./jail-parts.js";
import { buildFilter } from "./seccomp.js";
import { makeWorkFolder } from "./work-folder.js";

/**
 * A jail without namespaces, which needs no privilege at all: the warden puts up its walls itself, by Landlock, filters
 * and limits, before it serves; see `sandboxes/warden/walls.py`. What it works with stands in a folder of its own.
 */
export async function unprivilegedJail(kind: string, features: readonly string[]): Promise<JailCommand> {
  const { user, isOwn } = pickUser();
  const code = wardenFiles(kind).map(({ name, content }) => [`assay/warden/${name}`, content] as const);
  const filters = (["jail", ...filtersOf(kind)] as const).map(
    (name) => [`assay/${name}.bpf`, buildFilter(name, "unprivileged")] as const,
  );
  const { path, inner, remove } = await makeWorkFolder(
    ["assay", "assay/warden"],
    ["tmp", "io"],
    [...code, ...filters],
    user,
  );
  // The folder is an argument, never a part of the line.
  const line = `cd "$1/assay" && unset OLDPWD && { ${startLine("walls")}; }`;
  return {
    file: "/bin/sh",
    args: ["-c", line, "cell", path, String(process.pid), isOwn ? "own" : "shared", ...features],
    inputs: [],
    user,
    environment: { ...environmentWith(features), HOME: inner("tmp"), TMPDIR: inner("tmp") },
    cleanUp: remove,
  };
}

/** Far above all users that systems and people give out. */
const OWN_USERS = { from: 2 ** 29, to: 2 ** 31 };
const CAP_SETGID = 6n;
const CAP_SETUID = 7n;

/**
 * Where assay is root and may change users, a user that nobody else on the machine has: then the kernel's count of a
 * user's threads is the cell's own. In a user namespace that has not so many, one of the few; else assay's own user.
 */
function pickUser(): { readonly user: number | undefined; readonly isOwn: boolean } {
  if (process.getuid?.() !== 0 || !maySwitchUsers()) return { user: undefined, isOwn: false };
  const widest = Math.max(...readLines("/proc/self/uid_map").map((line) => Number(line.trim().split(/\s+/)[2])));
  if (widest >= OWN_USERS.to) return { user: randomInt(OWN_USERS.from, OWN_USERS.to), isOwn: true };
  return { user: FIRST_USER + randomInt(1000), isOwn: false };
}

function maySwitchUsers(): boolean {
  const line = readLines("/proc/self/status").find((line) => line.startsWith("CapEff:"));
  const capabilities = BigInt(`0x${line?.slice("CapEff:".length).trim() ?? "0"}`);
  return ((capabilities >> CAP_SETGID) & (capabilities >> CAP_SETUID) & 1n) === 1n;
}

function readLines(path: string): string[] {
  return readFileSync(path, "utf8").trim().split("\n");
}
