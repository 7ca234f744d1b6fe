import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A process as /proc shows it. `start` tells it from a later one with the same pid. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly start: string;
  /** Resident memory in KiB. */
  readonly residentKb: number;
}

const PAGE_KB = 4;

/** Every process on the machine that has not ended (zombies have). */
export function listProcesses(): ProcessEntry[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => readProcess(Number(pid))).filter((entry) => entry !== null);
}

function readProcess(pid: number): ProcessEntry | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name is in brackets and may hold anything; what follows the last bracket are numbers.
    const [state, parent, ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    const name = text.slice(text.indexOf("(") + 1, text.lastIndexOf(")"));
    return { pid, parent: Number(parent), name, start: rest[17] ?? "", residentKb: Number(rest[19]) * PAGE_KB };
  } catch {
    return null;
  }
}

/** The processes below `pid`, children first. */
export function listDescendants(pid = process.pid): ProcessEntry[] {
  const all = listProcesses();
  const found: ProcessEntry[] = [];
  for (let level = [pid]; level.length > 0;) {
    const children = all.filter(({ parent }) => level.includes(parent));
    found.push(...children);
    level = children.map((child) => child.pid);
  }
  return found;
}

/** The wardens below `pid`: the first processes of the cells. */
export function listWardens(pid = process.pid): ProcessEntry[] {
  const below = listDescendants(pid);
  const jails = new Set(below.filter(({ name }) => name === "bwrap" || name === "assay-cell").map((jail) => jail.pid));
  return below.filter(({ name, parent }) => name.startsWith("python3") && jails.has(parent));
}

/** Which of some processes are still there. */
export function stillThere(processes: readonly ProcessEntry[]): ProcessEntry[] {
  return processes.filter(({ pid, start }) => readProcess(pid)?.start === start);
}

/** Waits until `look` finds something and returns that. Rejects after `boundMs` with what was waited for. */
export async function waitFor<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  boundMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + boundMs;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    await pause(5);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Resolves when none of some processes is left. */
export async function waitUntilGone(processes: readonly ProcessEntry[]): Promise<void> {
  const names = processes.map(({ pid, name }) => `${name} ${pid}`).join(", ");
  await waitFor(`the end of ${names}`, () => stillThere(processes).length === 0);
}

/** Kills a process with SIGKILL; gives everything that was below it at that moment. */
export async function killAbruptly(pid: number): Promise<ProcessEntry[]> {
  // Held still first, so that nothing new comes below it while the list is made.
  process.kill(pid, "SIGSTOP");
  let below = listDescendants(pid);
  await waitFor("a list that stays the same", () => {
    const before = below;
    below = listDescendants(pid);
    return before.length === below.length && stillThere(before).length === before.length;
  });
  process.kill(pid, "SIGKILL");
  return below;
}

/** This process's mounts, one line each. */
export function listMounts(): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
}

/** What this process's open descriptors lead to. */
export function listDescriptors(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // The descriptor by which the list itself was read.
      return [];
    }
  });
}
