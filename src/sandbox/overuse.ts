import { readFileSync } from "node:fs";

import type { Limits } from "./contract.js";
import { NODE_KB } from "./javascript.js";
import { childrenOf, kill } from "./processes.js";
import { CAUSE } from "./protocol.js";

/** How often a run that lasts is looked at, in milliseconds. */
export const LOOK_EVERY_MS = 50;
/** The kernel's count of a living process may be off by a few pages for each processor; that of a dead one is final. */
const MARGIN_KB = 16 << 10;
/** In which the kernel tells of CPU time, whatever it counts in itself. */
const TICK_MS = 10;

/**
 * Ends the candidate in the cell of this jail process where it uses more memory or threads than its limits allow. Only
 * hastens what is certain: the peak that the warden reports then says the same.
 */
export function endOveruse(jail: number, limits: Pick<Limits, "memoryKb" | "processes">): void {
  const warden = childrenOf(jail)[0];
  if (warden === undefined) return;
  // The warden's first child is the judge.
  for (const pid of childrenOf(warden).slice(1)) {
    const { peakKb, threads } = measure(pid);
    if (peakKb > limits.memoryKb + MARGIN_KB || threads > limits.processes) kill(pid);
  }
}

/**
 * The same for a cell whose candidates may start other processes: all of them count together. Returns which limit they
 * have gone beyond, one of `CAUSE`, which nobody else can tell; null where none that has a name of its own.
 */
export function endGroupOveruse(jail: number, limits: Pick<Limits, "memoryKb" | "processes" | "cpuMs">): number | null {
  const warden = childrenOf(jail)[0];
  if (warden === undefined) return null;
  let cause: number | null = null;
  for (const pid of childrenOf(warden)) {
    const family = withDescendants(pid).map(measure);
    const sum = (of: (one: Measure) => number): number => family.reduce((total, one) => total + of(one), 0);
    const isTooLarge = sum(({ residentKb }) => residentKb) > limits.memoryKb + MARGIN_KB;
    const hasTooMuchTime = sum(({ cpuMs }) => cpuMs) > limits.cpuMs;
    if (isTooLarge) cause = CAUSE.memory;
    else if (hasTooMuchTime) cause = CAUSE.cpuTime;
    if (isTooLarge || hasTooMuchTime || sum(({ threads }) => threads) > limits.processes) kill(pid);
  }
  return cause;
}

/**
 * Ends the process of isolates in the cell of this jail process where it uses more memory than its limits allow beside
 * what Node takes. It has served others before: what it once had says nothing. Returns the cause where it has ended it.
 */
export function endGrownIsolates(jail: number, { memoryKb }: Pick<Limits, "memoryKb">): number | null {
  const warden = childrenOf(jail)[0];
  if (warden === undefined) return null;
  let cause: number | null = null;
  // The warden's first child is the judge.
  for (const pid of childrenOf(warden).slice(1)) {
    if (measure(pid).residentKb <= memoryKb + NODE_KB + MARGIN_KB) continue;
    kill(pid);
    cause = CAUSE.memory;
  }
  return cause;
}

/** No more than so many are looked at: who has more has too many. */
const MOST_DESCENDANTS = 1024;

function withDescendants(pid: number): number[] {
  const found = [pid];
  for (let next = 0; next < found.length && found.length < MOST_DESCENDANTS; next++) {
    found.push(...childrenOf(found[next] ?? 0));
  }
  return found;
}

interface Measure {
  readonly peakKb: number;
  readonly residentKb: number;
  readonly threads: number;
  /** Of the process and of those of its children that it has waited for. */
  readonly cpuMs: number;
}

function measure(pid: number): Measure {
  let status = "";
  let stat: string[] = [];
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8");
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name is in brackets and may hold anything.
    stat = text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    // It has just ended.
  }
  const read = (field: RegExp): number => Number(field.exec(status)?.[1] ?? 0);
  const ticks = stat.slice(11, 15).reduce((sum, value) => sum + Number(value), 0);
  return {
    ...{ peakKb: read(/^VmHWM:\s*(\d+)/m), residentKb: read(/^VmRSS:\s*(\d+)/m) },
    ...{ threads: read(/^Threads:\s*(\d+)/m), cpuMs: ticks * TICK_MS },
  };
}
