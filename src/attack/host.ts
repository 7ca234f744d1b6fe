import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { OWNER } from "../sandbox/owner.js";
import { listProcesses, type HostProcess } from "./processes.js";

/** How long what a run leaves may take to go: a condemned cell ends in the background. */
const SETTLE_MS = 10_000;
const LOOK_EVERY_MS = 10;

/** Folders in which a program that got out could leave something for the next one. */
const SHARED_FOLDERS = ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/run/shm", "/var/lock"];

/** Users that cells run as where assay is root, see `src/sandbox/jail-parts.ts` and `jail-unprivileged.ts`. */
const isCellUser = (uid: number): boolean => (uid >= 64_000 && uid < 65_000) || (uid >= 2 ** 29 && uid < 2 ** 31);

/** What there is on this host of all that a run may leave behind, at one moment. */
export interface HostView {
  /** Descriptions of things that each exist once: files, mounts, control groups, shared memory, stray processes. */
  readonly things: ReadonlySet<string>;
  /** Numbers of things that come and go as cells do: processes below this one, descriptors of each kind. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Takes down what is there now. */
export function viewHost(): HostView {
  const processes = listProcesses();
  const things = [...listFiles(), ...listMounts(), ...listControlGroups(), ...listIpc(), ...listStrays(processes)];
  const counts = new Map<string, number>([["process", countBelow(processes)]]);
  const count = (kind: string): unknown => counts.set(kind, (counts.get(kind) ?? 0) + 1);
  listDescriptorKinds().forEach(count);
  // A new cell may have a folder and a control group in the place of those of the cell before.
  const isCells = (thing: string): boolean => thing.includes(OWNER);
  things.filter(isCells).forEach((thing) => count(`${/^[a-z ]+(?= \/)/.exec(thing)?.[0] ?? "thing"} of a cell`));
  return { things: new Set(things.filter((thing) => !isCells(thing))), counts };
}

/** What is there now and was not there before, in words. Gives what comes down by itself time to go. */
export async function findLeftovers(before: HostView, boundMs = SETTLE_MS): Promise<string[]> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const left = compare(before, viewHost());
    if (left.length === 0 || performance.now() > deadline) return left;
    await pause(LOOK_EVERY_MS);
  }
}

function compare(before: HostView, after: HostView): string[] {
  const fresh = [...after.things].filter((thing) => !before.things.has(thing));
  const more = [...after.counts].flatMap(([kind, count]) => {
    const surplus = count - (before.counts.get(kind) ?? 0);
    return surplus > 0 ? [`${surplus} more: ${kind}`] : [];
  });
  return [...fresh, ...more];
}

/** Entries of the shared folders that belong to a cell's user, or to this process by their name. */
function listFiles(): string[] {
  const own = process.getuid?.() ?? 0;
  const folders = new Set([...SHARED_FOLDERS, tmpdir()]);
  return [...folders].flatMap((folder) =>
    namesIn(folder).flatMap((name) => {
      const path = join(folder, name);
      try {
        const { uid, ino, ctimeMs } = statSync(path, { bigint: false });
        const mine = name.includes(String(process.pid));
        const suspect = own === 0 ? isCellUser(uid) : uid === own;
        // A file that was there already and was written again counts as well.
        return mine || suspect ? [`file ${path} (${ino}, ${ctimeMs})`] : [];
      } catch {
        return [];
      }
    }),
  );
}

function listMounts(): string[] {
  return linesOf("/proc/self/mountinfo").map((line) => `mount ${line}`);
}

/** Control groups below those of this process. */
function listControlGroups(): string[] {
  return linesOf("/proc/self/cgroup").flatMap((line) => {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const base = join("/sys/fs/cgroup", controllers.replace(/^name=/, ""), path);
    return namesIn(base, true).map((name) => `control group ${join(base, name)}`);
  });
}

/** System V shared memory, semaphores and queues of this host, by key and id. */
function listIpc(): string[] {
  return ["shm", "sem", "msg"].flatMap((kind) =>
    linesOf(`/proc/sysvipc/${kind}`)
      .slice(1)
      .map((line) => `${kind} ${line.trim().split(/\s+/).slice(0, 2).join(" ")}`),
  );
}

/** Processes with a cell's environment that hang below no assay any more. */
function listStrays(processes: ReadonlyMap<number, HostProcess>): string[] {
  const strays: string[] = [];
  for (const one of processes.values()) {
    // Every orphan's parent is process 1 or a reaper below it. Cells that are up hang below an assay.
    const parent = processes.get(one.parent);
    if (one.parent > 1 && (parent?.parent !== 1 || /^(node|MainThread|bwrap)/.test(parent.name))) continue;
    if (hasCellEnvironment(one.pid)) strays.push(`process ${one.pid} (${one.name}, started ${one.start})`);
  }
  return strays;
}

function hasCellEnvironment(pid: number): boolean {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
    const home = variables.find((variable) => variable.startsWith("HOME=")) ?? "";
    return variables.includes("PYTHONHASHSEED=0") && (home === "HOME=/tmp" || home.includes("/assay-cell-"));
  } catch {
    return false;
  }
}

function countBelow(processes: ReadonlyMap<number, HostProcess>): number {
  const isBelow = (pid: number): boolean => {
    for (let at = processes.get(pid); at !== undefined; at = processes.get(at.parent)) {
      if (at.parent === process.pid) return true;
    }
    return false;
  };
  return [...processes.keys()].filter(isBelow).length;
}

/** What this process's descriptors lead to; of sockets and pipes only that they are such. */
function listDescriptorKinds(): string[] {
  return namesIn("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      // The listing itself.
      if (/^\/proc\/\d+\/fd$/.test(target)) return [];
      return [`descriptor of ${/^(socket|pipe):/.exec(target)?.[1] ?? target}`];
    } catch {
      return [];
    }
  });
}

function namesIn(folder: string, foldersOnly = false): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !foldersOnly || entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").trim().split("\n");
  } catch {
    return [];
  }
}
