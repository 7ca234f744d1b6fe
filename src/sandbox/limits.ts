import type { Limits } from "./contract.js";

const MIB = 1 << 20;

/** What a run may use where nobody says otherwise. */
export const DEFAULT_LIMITS: Omit<Limits, "wallMs"> = {
  cpuMs: 4000,
  memoryKb: 1 << 20,
  outputBytes: 8 * MIB,
  fileBytes: 16 * MIB,
  openFiles: 64,
  processes: 32,
  stackKb: 1 << 19,
};

/** Elapsed time that a program with this CPU limit gets (milliseconds): generous, since load is not its fault. */
export function defaultWallMs(cpuMs: number): number {
  return Math.max(3 * cpuMs, cpuMs + 2000);
}

/** The limits in force: each from the first of `layers` that states it, else the default. */
export function resolveLimits(...layers: readonly Partial<Limits>[]): Limits {
  const stated = Object.assign({}, ...layers.toReversed()) as Partial<Limits>;
  const cpuMs = stated.cpuMs ?? DEFAULT_LIMITS.cpuMs;
  return { ...DEFAULT_LIMITS, wallMs: defaultWallMs(cpuMs), ...stated, cpuMs };
}
