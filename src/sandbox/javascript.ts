import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of the warden for JavaScript that a judge calls, and the kind of its cells. */
export const JAVASCRIPT = "javascript";

/** What Node itself takes in a process that has served many runs, in KiB: no program's. */
export const NODE_KB = 192 << 10;

const NODE_NAMES =
  /\brequire\b|\bprocess\b|\bBuffer\b|\bset(?:Timeout|Interval|Immediate)\b|\bWebAssembly\b|\bstructuredClone\b|\bqueueMicrotask\b|\b(?:URL|URLSearchParams|TextEncoder|TextDecoder|AbortController|fetch|performance|crypto)\b|^\s*import\b/m;

/** Whether a program needs what Node adds to the language, and so a process of its own instead of an isolate. */
export function namesNode(source: string): boolean {
  return NODE_NAMES.test(source);
}

/** The add-on that makes isolates, where it could be built here. */
export function readAddon(): Uint8Array | null {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("isolated-vm/package.json"));
    return readFileSync(join(folder, "out", "isolated_vm.node"));
  } catch {
    return null;
  }
}
