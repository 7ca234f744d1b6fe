import { createHash, randomBytes } from "node:crypto";
import { InputError } from "../errors.js";
import type { LoadedConfig } from "./config/read.js";
import type { RunSets } from "./context.js";
import type { RunFolder } from "./folder/run-folder.js";
import { manifestRecord, SETS, type Manifest } from "./records.js";

export interface ManifestParts {
  readonly loaded: LoadedConfig;
  readonly sets: RunSets;
  readonly promptSource: string;
  readonly grader: string;
}

/** What may change while a run goes on: where things are and how patient to be, nothing that results depend on. */
const MAY_CHANGE = [
  /^(endpoint|generate\.teacher\.endpoint)\.(url|api_key|concurrency|max_n|timeout_seconds|retry\..*)$/,
  /^improve\.driver\.(url|api_key|poll_seconds|limit_hours|patience_minutes|command_seconds|poll\..*|cancel\..*|find\..*|states\..*)$/,
  /^serve\.(ready_minutes|command_seconds|admin|command\..*)$/,
  /^grading\.jobs$/,
  // What is in them is compared by its hash.
  /^problems\.[a-z]+(\.path)?$/,
  /^prompt\.template$/,
];

/**
 * The manifest of a run: a new one, or the one that is there, once it is certain that the run is still the same.
 *
 * @throws InputError that shows what has changed
 */
export async function openManifest(folder: RunFolder, parts: ManifestParts, say: (text: string) => void) {
  const path = folder.file("manifest.json");
  const earlier = await folder.read(path, manifestRecord);
  const now = describe(parts, earlier);
  if (earlier !== null) {
    const changes = listChanges(earlier, now);
    const refused = changes.filter(({ field }) => !MAY_CHANGE.some((pattern) => pattern.test(field)));
    if (refused.length > 0) {
      const lines = refused.map(({ field, was, is }) => `  ${field}: ${was} -> ${is}`);
      throw new InputError(
        `the run was begun with something else:\n${lines.join("\n")}\nPut it back, or begin another run with another --out.`,
        { file: path },
      );
    }
    for (const { field, was, is } of changes) say(`${field} is ${is} now (was ${was}); results do not depend on it`);
  }
  await folder.write(path, manifestRecord, now);
  return now;
}

function describe({ loaded, sets, promptSource, grader }: ManifestParts, earlier: Manifest | null): Manifest {
  const config = loaded.recorded;
  const problems: Manifest["problems"] = {};
  for (const name of SETS) {
    const set = sets[name];
    if (set === undefined) continue;
    const { path, format } = set.source;
    problems[name] = { path, format, problems: set.problems.length, sha256: hash(JSON.stringify(set.problems)) };
  }
  return {
    schema: "assay-selftrain/1",
    run_id: earlier?.run_id ?? randomBytes(4).toString("hex"),
    name: loaded.config.name,
    created_at: earlier?.created_at ?? new Date().toISOString(),
    config,
    config_sha256: hash(JSON.stringify(config)),
    problems,
    prompt_sha256: hash(promptSource),
    grader,
  };
}

export interface Change {
  readonly field: string;
  readonly was: string;
  readonly is: string;
}

/** What two runs were given that is not the same, where things are and how patient to be aside. */
export function compareManifests(one: Manifest, other: Manifest): Change[] {
  return listChanges(one, other).filter(
    ({ field }) => field !== "name" && !MAY_CHANGE.some((pattern) => pattern.test(field)),
  );
}

function listChanges(earlier: Manifest, now: Manifest): Change[] {
  const facts = ({ config, problems, prompt_sha256, grader }: Manifest): Map<string, string> => {
    const hashes = Object.entries(problems).map(
      ([set, { sha256 }]) => [`contents of problems.${set}`, sha256] as const,
    );
    return new Map([...flatten(config), ...hashes, ["contents of the prompt", prompt_sha256], ["grader", grader]]);
  };
  const [before, after] = [facts(earlier), facts(now)];
  const fields = [...new Set([...before.keys(), ...after.keys()])];
  const show = (value: string | undefined): string => value ?? "(nothing)";
  return fields
    .filter((field) => before.get(field) !== after.get(field))
    .map((field) => ({ field, was: show(before.get(field)), is: show(after.get(field)) }));
}

/** Every leaf of a tree with its path: `endpoint.retry.first_seconds`. */
function flatten(value: unknown, path = ""): [string, string][] {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) {
    return [[path, JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([key, item]) => flatten(item, path === "" ? key : `${path}.${key}`));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
