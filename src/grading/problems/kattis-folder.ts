import { existsSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { InputError } from "../../errors.js";
import { explain } from "../input/lines.js";
import type { Problem } from "../types.js";
import { type KattisPackage, makeKattisProblem, NO_SECONDS, SECONDS } from "./kattis.js";

/**
 * Kattis problem packages as folders: `folder` is one (it holds `problem.yaml`), or holds them.
 *
 * @returns the problems in the order of their folders' names; empty when there are none
 * @throws InputError for a file that cannot be read, a test without its answer or its input, or a folder among packages
 *   that lacks its `problem.yaml`
 */
export async function readKattisFolder(folder: string): Promise<Problem[]> {
  const isPackage = (path: string): boolean => existsSync(join(path, "problem.yaml"));
  if (isPackage(folder)) return [await readPackage(folder)];
  const folders = (await list(folder)).map((name) => join(folder, name));
  const inner = folders.filter(isPackage);
  const torn = folders.find((path) => !isPackage(path) && PARTS.some((part) => existsSync(join(path, part))));
  // Among packages it is one as well, and would be missing from the set without a word.
  if (inner.length > 0 && torn !== undefined) {
    throw new InputError("has data or submissions, as a Kattis package has, but no problem.yaml", { file: torn });
  }
  const problems: Problem[] = [];
  for (const path of inner) problems.push(await readPackage(path));
  return problems;
}

const PARTS = ["data", "submissions"];

async function readPackage(folder: string): Promise<Problem> {
  const statements = (await list(join(folder, "problem_statement"))).filter((name) =>
    /^problem.*\.(?:tex|md)$/.test(name),
  );
  const statement = statements.find((name) => name.includes(".en.")) ?? statements[0];
  return makeKattisProblem({
    id: basename(resolve(folder)),
    aliases: [],
    yaml: await read(join(folder, "problem.yaml")),
    statement: statement === undefined ? "" : await read(join(folder, "problem_statement", statement)),
    sample: await readCases(join(folder, "data", "sample")),
    secret: await readCases(join(folder, "data", "secret")),
    submissions: await readSubmissions(join(folder, "submissions")),
    timeLimit: await readTimeLimit(join(folder, ".timelimit")),
    groups: await readGroups(join(folder, "data")),
    validator: await readValidator(folder),
  });
}

async function readTimeLimit(file: string): Promise<number | null> {
  if (!existsSync(file)) return null;
  const text = await read(file);
  if (!SECONDS.test(text)) throw new InputError(NO_SECONDS, { file });
  return Number(text) || null;
}

async function readCases(folder: string) {
  const files = await list(folder, true);
  const names = files.filter((name) => name.endsWith(".in"));
  const inputs = new Set(names.map((name) => name.slice(0, -".in".length)));
  const lone = files.find((name) => name.endsWith(".ans") && !inputs.has(name.slice(0, -".ans".length)));
  if (lone !== undefined) throw new InputError("is an answer without its input (.in)", { file: join(folder, lone) });
  const cases = names.map(async (name) => {
    const input = join(folder, name);
    return { input: await read(input), output: await read(`${input.slice(0, -".in".length)}.ans`) };
  });
  return Promise.all(cases);
}

async function readGroups(data: string): Promise<KattisPackage["groups"]> {
  const names = await list(data, true);
  const folderOf = (name: string): string => (name.includes("/") ? dirname(name) : "");
  const settings = new Map<string, string>();
  for (const name of names) {
    if (/^(?:testdata|test_group)\.yaml$/.test(basename(name)))
      settings.set(folderOf(name), await read(join(data, name)));
  }
  return { settings, folders: names.filter((name) => /^(?:sample|secret)\/.*\.in$/.test(name)).map(folderOf) };
}

/** Those that are one file. */
async function readSubmissions(folder: string) {
  const names = (await list(folder, true)).filter((name) => dirname(dirname(name)) === "." && name.includes("/"));
  const files = names.filter((name) => /\.[a-z+]+$/.test(name) && statSync(join(folder, name)).isFile());
  const submissions = files.map(async (name) => ({
    ...{ verdict: dirname(name), extension: extname(name).slice(1) },
    source: await read(join(folder, name)),
  }));
  return Promise.all(submissions);
}

/**
 * The files of the package's own validator: `output_validators/<file>`, the files of `output_validators/<folder>/`, or
 * of `output_validator/` as later versions of the format have it.
 */
async function readValidator(folder: string): Promise<KattisPackage["validator"]> {
  const [older, newer] = [join(folder, "output_validators"), join(folder, "output_validator")];
  let place = newer;
  let names = await list(newer);
  if (names.length === 0) {
    place = older;
    names = await list(older);
    const [only] = names;
    if (names.length > 1) return "it has several output validators";
    if (only !== undefined && statSync(join(older, only)).isDirectory()) {
      place = join(older, only);
      names = await list(place);
    }
  }
  if (names.length === 0) return null;
  if (names.includes("build") || names.includes("run")) return "its output validator is built by a script";
  const files = names.filter((name) => statSync(join(place, name)).isFile());
  return Promise.all(files.map(async (path) => ({ path, content: await read(join(place, path)) })));
}

/** Names in order; none where there is no such folder. */
async function list(folder: string, recursive = false): Promise<string[]> {
  if (!existsSync(folder)) return [];
  try {
    return (await readdir(folder, { recursive })).sort();
  } catch (error) {
    throw new InputError(explain(error), { file: folder });
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new InputError(explain(error), { file });
  }
}
