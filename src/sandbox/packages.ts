import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";

/** An installed package of npm's: its folder and its version. */
export interface InstalledPackage {
  readonly folder: string;
  readonly version: string;
}

/** The package of that name that assay itself would load, or null where there is none. */
export function findPackage(name: string): InstalledPackage | null {
  try {
    const description = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { version } = JSON.parse(readFileSync(description, "utf8")) as { version: string };
    return { folder: dirname(description), version };
  } catch {
    return null;
  }
}
