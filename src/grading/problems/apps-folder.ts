import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { InputError } from "../../errors.js";
import { explain } from "../input/lines.js";
import type { Problem } from "../types.js";
import { parseJson } from "../input/raw-json.js";
import { makeAppsProblem, parseSolutions } from "./apps.js";

const MARKS = ["input_output.json", "question.txt"];

/**
 * APPS problems laid out as folders: `folder` is one problem, holds problems, or holds such folders one level deeper
 * (`APPS/train/0001`). Folders and files that are no problems are passed over.
 *
 * @returns the problems in the order of their folders' names; empty when there are none
 * @throws InputError for a file that cannot be read; tests that cannot be read only make their problem invalid
 */
export async function readAppsFolder(folder: string): Promise<Problem[]> {
  const entries = await list(folder);
  if (isProblem(entries)) return [await readProblem(folder, null)];
  const problems: Problem[] = [];
  for (const inner of await listFolders(folder, entries)) {
    if (isProblem(inner.entries)) problems.push(await readProblem(inner.path, null));
    else {
      for (const { path, entries } of await listFolders(inner.path, inner.entries)) {
        if (isProblem(entries)) problems.push(await readProblem(path, basename(inner.path)));
      }
    }
  }
  return problems;
}

async function readProblem(folder: string, split: string | null): Promise<Problem> {
  const read = async (name: string) => (await readText(join(folder, name))) ?? "";
  const parse = async <T>(name: string, field: string | undefined, use: (text: string) => T) => {
    const text = await read(name);
    try {
      return use(text);
    } catch {
      throw new InputError("is of the wrong kind, or no JSON", { file: join(folder, name), field });
    }
  };
  return makeAppsProblem({
    number: basename(resolve(folder)),
    split,
    question: await read("question.txt"),
    inputOutput: await read("input_output.json"),
    solutions: await parse("solutions.json", undefined, parseSolutions),
    starterCode: await read("starter_code.py"),
    difficulty: await parse("metadata.json", "difficulty", parseDifficulty),
  });
}

const metadataSchema = z.object({ difficulty: z.string().nullish() });

function parseDifficulty(metadata: string): string | null {
  return metadataSchema.parse(parseJson(metadata.trim() || "{}")).difficulty ?? null;
}

function isProblem(entries: readonly Dirent[]): boolean {
  return entries.some((entry) => MARKS.includes(entry.name) && !entry.isDirectory());
}

async function listFolders(parent: string, entries: readonly Dirent[]) {
  const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  const found: { path: string; entries: Dirent[] }[] = [];
  for (const { name } of folders) {
    const path = join(parent, name);
    found.push({ path, entries: await list(path).catch(() => []) });
  }
  return found;
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new InputError(explain(error), { file: folder });
  }
}

/** The text of a file, or null when there is none. */
async function readText(file: string): Promise<string | null> {
  try {
    return (await readFile(file, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new InputError(explain(error), { file });
  }
}
