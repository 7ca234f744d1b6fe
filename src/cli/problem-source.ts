import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../errors.js";

/** Problem sets that come with assay; the same place seen from the source and from what is built of it. */
const FIXTURES = fileURLToPath(new URL("../../fixtures/", import.meta.url));

/** What `--problems` means: a file or folder, or else the name of a set in `fixtures`. Throws `InputError`. */
export function resolveProblems(given: string, fixtures = FIXTURES): string {
  if (existsSync(given)) return given;
  if (/^[\w-]+$/.test(given)) {
    const set = join(fixtures, given);
    if (holdsSet(set)) return set;
  }
  const names = listSets(fixtures);
  const hint = names.length === 0 ? "" : ` (sets that come with assay: ${names.join(", ")})`;
  throw new InputError(`no such file or folder, and no set of that name${hint}`, { file: given });
}

function listSets(fixtures: string): string[] {
  if (!existsSync(fixtures)) return [];
  return readdirSync(fixtures)
    .filter((name) => holdsSet(join(fixtures, name)))
    .sort();
}

function holdsSet(folder: string): boolean {
  return existsSync(join(folder, "problems.jsonl")) || existsSync(join(folder, "problems.jsonl.gz"));
}
