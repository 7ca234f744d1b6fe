import { readFileSync, readlinkSync } from "node:fs";

/**
 * Names this process so that a later one can tell, by what it has left behind, whether it is still there: pid
 * namespace, start time and pid. What is made outside of a process is named with it.
 */
export const OWNER = `${pidNamespace()}-${startTime("self") ?? "0"}-${process.pid}`;

/**
 * Whether the process that a name begins with has ended. False also where that cannot be known: another pid namespace
 * may share our folders and cgroups.
 */
export function isOfDeadOwner(name: string): boolean {
  const [namespace, start, pid] = name.split("-");
  if (namespace !== pidNamespace() || !/^\d+$/.test(start ?? "") || !/^[1-9]\d*$/.test(pid ?? "")) return false;
  return startTime(pid ?? "") !== start;
}

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    return "0";
  }
}

/** In clock ticks since the machine started, as the kernel writes it; undefined where there is no such process. */
function startTime(pid: string): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name is in brackets and may hold anything.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
