import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { findPackage } from "./packages.js";

/** The folder of the warden for JavaScript that a judge calls, and the kind of its cells. */
export const JAVASCRIPT = "javascript";

/** What Node itself takes in a process that has served many runs, in KiB: no program's. */
export const NODE_KB = 192 << 10;

const NODE_NAMES =
  /\brequire\b|\bprocess\b|\bBuffer\b|\bset(?:Timeout|Interval|Immediate)\b|\bWebAssembly\b|\bstructuredClone\b|\bqueueMicrotask\b|\b(?:URL|URLSearchParams|TextEncoder|TextDecoder|AbortController|fetch|performance|crypto|atob|btoa|__dirname|__filename)\b|^\s*import\b/m;
/** Strings are kept, so that no comment begins in one. */
const STRING_OR_COMMENT = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[^]*?\*\//g;

/**
 * Whether a program needs what Node adds to the language, and so a process of its own instead of an isolate: its names
 * anywhere but in comments.
 */
export function namesNode(source: string): boolean {
  return NODE_NAMES.test(source) && NODE_NAMES.test(source.replace(STRING_OR_COMMENT, "$1"));
}

/** The add-on that makes isolates: its file and version, or why it is not there. */
export type Addon = { readonly file: string; readonly version: string } | { readonly missing: string };

/** Looks for the add-on among the installed packages. It may still be one for another version of Node. */
export function findAddon(): Addon {
  const found = findPackage("isolated-vm");
  if (found === null) {
    return { missing: "the package isolated-vm is not installed, or could not be built when packages were" };
  }
  const file = join(found.folder, "out", "isolated_vm.node");
  if (!existsSync(file)) return { missing: "isolated-vm is there, but its install script has not been run" };
  return { file, version: found.version };
}

/** The add-on that makes isolates, where it could be built here. */
export function readAddon(): Uint8Array | null {
  const addon = findAddon();
  return "missing" in addon ? null : readFileSync(addon.file);
}

/** How the add-on is had for the running version of Node. */
export function howToGetIsolates(node = process.versions.node): string {
  const major = Number.parseInt(node);
  const fitting = major <= 22 ? 5 : major < 24 ? 6 : 7;
  return `with g++, make and python3: npm install --no-save isolated-vm@${fitting}`;
}
