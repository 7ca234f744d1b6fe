import type { Limits } from "../sandbox/contract.js";
import { defaultWallMs } from "../sandbox/limits.js";

const [MIB_IN_KB, MIB] = [1 << 10, 1 << 20];

/** The most that a request may ask for, whichever protocol it comes by; what asks for more gets this. */
export const MOST: Limits = {
  cpuMs: 900_000,
  wallMs: 3_600_000,
  memoryKb: 16 << 20,
  outputBytes: 64 * MIB,
  fileBytes: 64 * MIB,
  openFiles: 1024,
  processes: 256,
  stackKb: 4096 * MIB_IN_KB,
};

/** The limits, none of them above `MOST`. */
export function boundLimits(limits: Partial<Limits>): Partial<Limits> {
  const bounded = Object.entries(limits).map(([name, value]) => [name, Math.min(value, MOST[name as keyof Limits])]);
  return Object.fromEntries(bounded) as Partial<Limits>;
}

/** The CPU limit with the elapsed time that goes with it, for protocols that know one time only. */
export function timeLimits(cpuMs: number): Pick<Limits, "cpuMs" | "wallMs"> {
  return { cpuMs, wallMs: defaultWallMs(cpuMs) };
}
