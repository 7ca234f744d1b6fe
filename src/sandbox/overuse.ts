import { readFileSync } from "node:fs";

import type { Limits } from "./contract.js";
import { childrenOf, kill } from "./processes.js";

/** How often a run that lasts is looked at, in milliseconds. */
export const LOOK_EVERY_MS = 50;
/** The kernel's count of a living process may be off by a few pages for each processor; that of a dead one is final. */
const MARGIN_KB = 16 << 10;

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

function measure(pid: number): { readonly peakKb: number; readonly threads: number } {
  let text = "";
  try {
    text = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    // It has just ended.
  }
  const read = (field: RegExp): number => Number(field.exec(text)?.[1] ?? 0);
  return { peakKb: read(/^VmHWM:\s*(\d+)/m), threads: read(/^Threads:\s*(\d+)/m) };
}
