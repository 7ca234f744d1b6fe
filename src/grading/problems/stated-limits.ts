import type { Limits } from "../../sandbox/contract.js";
import { DEFAULT_LIMITS } from "../../sandbox/limits.js";

/**
 * Limits of a problem on a contest site, which were set for compiled programs on the site's machines: they raise the
 * default limits where they are higher, and never lower them.
 *
 * @param seconds of CPU time, or null where the data set states none
 * @param bytes of memory, or null
 */
export function raiseLimits(seconds: number | null, bytes: number | null): Partial<Limits> {
  const cpuMs = Math.ceil((seconds ?? 0) * 1000);
  const memoryKb = Math.ceil((bytes ?? 0) / 1024);
  return {
    ...(cpuMs > DEFAULT_LIMITS.cpuMs ? { cpuMs } : {}),
    ...(memoryKb > DEFAULT_LIMITS.memoryKb ? { memoryKb } : {}),
  };
}
