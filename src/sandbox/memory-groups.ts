import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { isOfDeadOwner, OWNER } from "./owner.js";
import { CAN_LOOK } from "./processes.js";

const PREFIX = "assay-cell-";
/** What a cell may have beside its candidate: the warden's and the judge's own pages, buffers, the kernel's records. */
const ROOM_KB = 64 << 10;
const REMOVE_ATTEMPTS = 100;
const REMOVE_EVERY_MS = 20;

/** Where groups for cells can be made, and by which of the kernel's two interfaces. */
export interface GroupPlace {
  readonly version: 1 | 2;
  readonly folder: string;
}

/** The memory of one cell: everything that its processes touch, files in memory and the kernel's records included. */
export class MemoryGroup {
  readonly #folder: string;
  readonly #version: 1 | 2;
  #limitKb = 0;
  #kills = 0;

  /** Throws where the group cannot be made. */
  constructor({ version, folder }: GroupPlace) {
    this.#version = version;
    this.#folder = join(folder, nameGroup());
    mkdirSync(this.#folder);
    // What is swapped out would not count.
    this.#tryWrite(version === 1 ? "memory.swappiness" : "memory.swap.max", 0);
  }

  /** Takes processes in. What they have touched before stays with the group they come from. Throws where one is refused. */
  adopt(pids: readonly number[]): void {
    for (const pid of pids) {
      try {
        writeFileSync(join(this.#folder, "cgroup.procs"), String(pid));
      } catch (error) {
        // One that has ended meanwhile needs no group.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  }

  /**
   * Sets the limit, where it is another than before, to what a run may use and what its cell needs besides. Never lowers
   * it while an earlier run may still be under way.
   */
  limit(memoryKb: number, isUnderWay: boolean): void {
    if (memoryKb === this.#limitKb || (isUnderWay && memoryKb < this.#limitKb)) return;
    // Refused while more is in use than can be given back: then the limit before holds on, and the next run tries again.
    const name = this.#version === 1 ? "memory.limit_in_bytes" : "memory.max";
    if (this.#tryWrite(name, (memoryKb + ROOM_KB) * 1024)) this.#limitKb = memoryKb;
  }

  /** Whether the limit has ended a process since this was asked last. */
  hasKilled(): boolean {
    const before = this.#kills;
    try {
      const text = readFileSync(
        join(this.#folder, this.#version === 1 ? "memory.oom_control" : "memory.events"),
        "utf8",
      );
      this.#kills = Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? before);
    } catch {
      // Without its record nothing can be said of it.
    }
    return this.#kills > before;
  }

  /** Removes the group once its processes have ended. Never rejects: what stays is cleared at a later start. */
  async remove(): Promise<void> {
    for (let attempt = 0; attempt < REMOVE_ATTEMPTS && !removeGroup(this.#folder); attempt++) {
      await pause(REMOVE_EVERY_MS);
    }
  }

  #tryWrite(name: string, value: number): boolean {
    try {
      writeFileSync(join(this.#folder, name), String(value));
      return true;
    } catch {
      return false;
    }
  }
}

function nameGroup(): string {
  return `${PREFIX}${OWNER}-${randomBytes(6).toString("hex")}`;
}

let known: GroupPlace | string | undefined;

/** Where cells of this process get their groups, or why they get none; looked for once. */
export function groupPlace(): GroupPlace | string {
  known ??= CAN_LOOK ? findGroupPlace() : "this kernel does not tell which processes a cell has";
  return known;
}

/**
 * Looks for a place where groups can be made, and clears it of those of assay processes that have ended. By version 1
 * that is this process's own group; by version 2, where only groups without processes of their own may have others
 * below them, the one above it. The other outcome is the reason why there is none.
 */
export function findGroupPlace(proc = "/proc/self"): GroupPlace | string {
  const groups = readFileSync(join(proc, "cgroup"), "utf8").trim().split("\n");
  const mounts = readFileSync(join(proc, "mountinfo"), "utf8").trim().split("\n").map(parseMount);
  const reasons: string[] = [];
  for (const version of [2, 1] as const) {
    const own = groups
      .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
      .find((match) => (version === 2 ? match?.[1] === "" : match?.[1]?.split(",").includes("memory")))?.[2];
    const mount = mounts.find(({ type, options }) =>
      version === 2 ? type === "cgroup2" : type === "cgroup" && options.includes("memory"),
    );
    if (own === undefined || mount === undefined) continue;
    const folder = locate(version === 2 ? dirname(own) : own, mount);
    const reason = folder === null ? "the group is not to be seen here" : whyNot(version, folder);
    if (folder !== null && reason === null) {
      clearGroups(folder);
      return { version, folder };
    }
    reasons.push(`cgroup v${version}: ${reason ?? ""}`);
  }
  return reasons.length > 0 ? reasons.join("; ") : "there are no memory cgroups";
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

function parseMount(line: string): Mount {
  const [before = "", after = ""] = line.split(" - ");
  const [, , , root = "", point = ""] = before.split(" ");
  const [type = "", , options = ""] = after.split(" ");
  return { root, point, type, options: options.split(",") };
}

/** Where a group stands in the file system, or null where the mount does not show it. */
function locate(group: string, { root, point }: Mount): string | null {
  const base = root === "/" ? "" : root;
  return group === root || group.startsWith(`${base}/`) ? join(point, group.slice(base.length)) : null;
}

/** What stands against making groups in a folder, or null. Tries it. */
function whyNot(version: 1 | 2, folder: string): string | null {
  try {
    accessSync(join(folder, "cgroup.procs"), constants.W_OK);
    if (version === 2 && !readFileSync(join(folder, "cgroup.subtree_control"), "utf8").split(/\s/).includes("memory")) {
      writeFileSync(join(folder, "cgroup.subtree_control"), "+memory");
    }
    const trial = join(folder, nameGroup());
    mkdirSync(trial);
    removeGroup(trial);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function clearGroups(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(PREFIX) && isOfDeadOwner(name.slice(PREFIX.length))) removeGroup(join(folder, name));
  }
}

/** False where processes are still in it. */
function removeGroup(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
