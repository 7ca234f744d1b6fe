import { readdirSync, readFileSync } from "node:fs";

/** A process as /proc shows it; `start` (clock ticks since boot) tells it from a later one with the same number. */
export interface HostProcess {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly start: string;
}

/** Every process that this one can see and that has not ended, by number. */
export function listProcesses(): Map<number, HostProcess> {
  const found = new Map<number, HostProcess>();
  for (const name of readdirSync("/proc")) {
    const one = /^\d+$/.test(name) ? readProcess(Number(name)) : null;
    if (one !== null) found.set(one.pid, one);
  }
  return found;
}

function readProcess(pid: number): HostProcess | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name is in brackets and may hold anything; what follows the last bracket are numbers.
    const [state, parent, ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (state === "X") return null;
    const name = text.slice(text.indexOf("(") + 1, text.lastIndexOf(")"));
    return { pid, parent: Number(parent), name, start: rest[17] ?? "" };
  } catch {
    return null;
  }
}
