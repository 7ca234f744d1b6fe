import { z } from "zod";
import { readYaml } from "./yaml.js";

/** Settings of test groups as a package has them, and where its tests are. Folders are those below `data`; "" is `data` itself. */
export interface KattisGroups {
  /** The texts of `testdata.yaml` (later `test_group.yaml`) by the folder. */
  readonly settings: ReadonlyMap<string, string>;
  /** Of each test. */
  readonly folders: readonly string[];
}

const text = z.union([z.string(), z.array(z.string())]).nullish();
const schema = z.looseObject({ output_validator_flags: text, output_validator_args: text });

/**
 * The flags that groups give the output validator: a group without has those of the group around it. A text says why
 * there are none that hold for all tests.
 */
export function readGroupFlags({ settings, folders }: KattisGroups): readonly string[] | string {
  const stated = new Map<string, readonly string[]>();
  for (const [folder, yaml] of settings) {
    const flags = readFlags(yaml);
    if (typeof flags === "string") return `unreadable testdata.yaml of ${folder === "" ? "data" : folder}: ${flags}`;
    if (flags !== null) stated.set(folder, flags);
  }
  if (stated.size === 0) return [];
  const inForce = folders.map((folder) => findFlags(folder, stated));
  const [first = []] = inForce;
  const areSame = inForce.every((flags) => JSON.stringify(flags) === JSON.stringify(first));
  return areSame ? first : "its test groups give the output validator different flags";
}

function findFlags(folder: string, stated: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const own = stated.get(folder);
  if (own !== undefined || folder === "") return own ?? [];
  return findFlags(folder.slice(0, Math.max(0, folder.lastIndexOf("/"))), stated);
}

/** Null where nothing is stated; a text for what cannot be read. */
function readFlags(yaml: string): readonly string[] | string | null {
  const read = readYaml(yaml, schema);
  if (typeof read === "string") return read;
  const stated = read.value.output_validator_flags ?? read.value.output_validator_args ?? null;
  return typeof stated === "string" ? stated.split(/\s+/).filter((flag) => flag !== "") : stated;
}
