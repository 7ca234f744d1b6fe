import { existsSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { InputError } from "../../errors.js";
import { explain } from "../input/lines.js";
import type { Problem } from "../types.js";
import { type KattisPackage, makeKattisProblem } from "./kattis.js";

/**
 * Kattis problem packages as folders: `folder` is one (it holds `problem.yaml`), or holds them.
 *
 * @returns the problems in the order of their folders' names; empty when there are none
 * @throws InputError for a file that cannot be read, or a test without its answer
 */
export async function readKattisFolder(folder: string): Promise<Problem[]> {
  const isPackage = (path: string): boolean => existsSync(join(path, "problem.yaml"));
  if (isPackage(folder)) return [await readPackage(folder)];
  const inner = (await list(folder)).map((name) => join(folder, name)).filter(isPackage);
  const problems: Problem[] = [];
  for (const path of inner) problems.push(await readPackage(path));
  return problems;
}

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
    timeLimit: existsSync(join(folder, ".timelimit")) ? Number(await read(join(folder, ".timelimit"))) || null : null,
    groups: await readGroups(join(folder, "data")),
    validator: await readValidator(folder),
  });
}

async function readCases(folder: string) {
  const names = (await list(folder, true)).filter((name) => name.endsWith(".in"));
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
