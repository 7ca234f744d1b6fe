import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { InputError } from "../../errors.js";
import { explain } from "../input/lines.js";
import type { Problem } from "../types.js";
import { findFieldFault } from "./field-fault.js";
import { makeMathProblem } from "./math.js";

const schema = z.object({ problem: z.string(), solution: z.string(), level: z.string().nullish() });
const FILE = /^\d+\.json$/;
/** Folders above the files: `<split>/<subject>/`. */
const DEEPEST = 2;

/**
 * MATH as it was published: `<split>/<subject>/<number>.json`. The folder may be the whole, one split, or one subject.
 *
 * @returns the problems by folder and number; empty when there are none
 * @throws InputError for a file of such a name that holds no problem
 */
export async function readMathFolder(folder: string): Promise<Problem[]> {
  return readLevel(folder, [], 0);
}

async function readLevel(folder: string, above: readonly string[], depth: number): Promise<Problem[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const numbers = entries.filter((entry) => entry.isFile() && FILE.test(entry.name)).map(({ name }) => parseInt(name));
  const problems: Problem[] = [];
  // A folder of files alone is a subject, and its name is part of theirs.
  const names = above.length === 0 && numbers.length > 0 ? [basename(resolve(folder))] : above;
  for (const number of numbers.sort((a, b) => a - b)) {
    problems.push(await readProblem(join(folder, `${number}.json`), [...names, String(number)].join("/")));
  }
  if (depth === DEEPEST) return problems;
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  for (const name of folders.sort())
    problems.push(...(await readLevel(join(folder, name), [...above, name], depth + 1)));
  return problems;
}

async function readProblem(file: string, name: string): Promise<Problem> {
  try {
    const { problem, solution, level } = schema.parse(JSON.parse(await readFile(file, "utf8")));
    return makeMathProblem({ name, problem, solution, answer: null, level: level ?? null });
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(`not valid JSON: ${error.message}`, { file });
    if (!(error instanceof z.ZodError)) throw new InputError(explain(error), { file });
    const { field, message } = findFieldFault(error);
    throw new InputError(`is no MATH problem: ${message}`, { file, field });
  }
}
