import { existsSync } from "node:fs";

import { execa } from "execa";

import { InputError } from "../errors.js";
import type { Limits } from "./contract.js";
import { readManifests, type Manifest } from "./manifest.js";
import { findPackage } from "./packages.js";

/** A language that programs can be asked to be run in: one with a manifest, or a variant of one. */
export interface Language {
  /** What it is called everywhere, for instance `cpp` or `cpp20`. */
  readonly id: string;
  /** The folder in `sandboxes/` that its manifest is in: `cpp` for `cpp20` too. */
  readonly family: string;
  /** For people. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly manifest: Manifest;
  readonly settings: Readonly<Record<string, string>>;
}

/** What stands for the programs of a language's toolchain in its commands. */
export type Toolchain = Readonly<Record<string, string>>;

const VERSION_LIMIT_MS = 20_000;

/**
 * All languages, variants included, in the order of their ids.
 * @throws InputError where a manifest cannot be used, or two languages go by the same name
 */
export function readLanguages(manifests: ReadonlyMap<string, Manifest> = readManifests()): readonly Language[] {
  const languages = [...manifests].flatMap(([id, manifest]): Language[] => {
    const { name, aliases, settings, variants } = manifest;
    const others = Object.entries(variants).map(([id_, variant]) => ({
      ...{ id: id_, family: id, name: variant.name, aliases: variant.aliases, manifest },
      settings: { ...settings, ...variant.settings },
    }));
    return [{ id, family: id, name, aliases, manifest, settings }, ...others];
  });
  const taken = new Map<string, string>();
  for (const { id, aliases } of languages) {
    for (const name of [id, ...aliases]) {
      const other = taken.get(name);
      if (other !== undefined) throw new InputError(`the languages ${other} and ${id} are both called ${name}`);
      taken.set(name, id);
    }
  }
  return languages;
}

let known: readonly Language[] | undefined;

/** The languages that come with assay, read once. */
export function listLanguages(): readonly Language[] {
  known ??= readLanguages();
  return known;
}

/** The language that goes by a name, an alias or the id of a variant, in whatever case; null where there is none. */
export function findLanguage(name: string): Language | null {
  const wanted = name.trim().toLowerCase();
  return listLanguages().find(({ id, aliases }) => id === wanted || aliases.includes(wanted)) ?? null;
}

/** Where the programs of a language's toolchain are, or the paths of the first one that is missing. */
export function locateToolchain({ toolchain }: Manifest): Toolchain | readonly string[] {
  const found: Record<string, string> = {};
  if (toolchain.package !== undefined && findPackage(toolchain.package) === null) {
    return [`node_modules/${toolchain.package}`];
  }
  for (const [key, paths] of Object.entries(toolchain.programs)) {
    const path = paths.find((path) => existsSync(path));
    if (path === undefined) return paths;
    found[key] = path;
  }
  return found;
}

export function isInstalled({ manifest }: Language): boolean {
  return !Array.isArray(locateToolchain(manifest));
}

/** How a language that is not installed is had, for people. */
export function howToInstall({ manifest: { toolchain } }: Language): string {
  if (toolchain.package !== undefined && findPackage(toolchain.package) === null) {
    return `npm install --no-save ${toolchain.package}`;
  }
  if (toolchain.debian.length === 0)
    return `not in Debian; it has to stand at ${Object.values(toolchain.programs).join(" and ")}`;
  return `apt-get install -y --no-install-recommends ${toolchain.debian.join(" ")}`;
}

const versions = new WeakMap<Manifest, Promise<string>>();

/** The version of an installed language's toolchain, as it says itself; asked once. Empty where it does not say. */
export function findVersion({ manifest }: Language): Promise<string> {
  const { toolchain } = manifest;
  if (toolchain.package !== undefined) return Promise.resolve(findPackage(toolchain.package)?.version ?? "");
  const asked = versions.get(manifest) ?? askVersion(manifest);
  versions.set(manifest, asked);
  return asked;
}

async function askVersion(manifest: Manifest): Promise<string> {
  const toolchain = locateToolchain(manifest);
  if (Array.isArray(toolchain)) return "";
  const [file = "", ...args] = fillIn(manifest.toolchain.version, toolchain as Toolchain);
  const options = { reject: false, all: true, stdin: "ignore", timeout: VERSION_LIMIT_MS, extendEnv: false } as const;
  const { all } = await execa(file, args, {
    ...options,
    env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent" },
    cwd: "/",
  });
  return /\d+(\.\d+)+/.exec(all)?.[0] ?? /\d+/.exec(all)?.[0] ?? "";
}

/** Words with `{name}` replaced by what stands for it. Throws a RangeError for a name that nothing stands for. */
export function fillIn(words: readonly string[], meanings: Readonly<Record<string, string>>): string[] {
  return words.map((word) =>
    word.replace(/\{([a-zA-Z]+)\}/g, (all, name: string) => {
      const meaning = meanings[name];
      // Known only inside the cell.
      if (name === "work") return all;
      if (meaning === undefined) throw new RangeError(`a command has {${name}} in it, for which there is nothing`);
      return meaning;
    }),
  );
}

/** By how much longer programs in a language may take, by ids of languages; that of a family is for its variants too. */
export type TimeMultipliers = Readonly<Record<string, number>>;

/** What multipliers say of a language; null where they say nothing. */
export function findMultiplier({ id, family }: Language, multipliers: TimeMultipliers = {}): number | null {
  const named = [id, family].find((name) => Object.hasOwn(multipliers, name));
  return named === undefined ? null : (multipliers[named] ?? null);
}

/** The limits with both times multiplied. */
export function stretchTimes(limits: Limits, by: number): Limits {
  return { ...limits, cpuMs: limits.cpuMs * by, wallMs: limits.wallMs * by };
}
