import type { Stats } from "node:fs";
import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { InputError } from "../../errors.js";
import type { GradeSettings } from "./settings.js";

/**
 * Makes the folders of the files that will be written, hours before they are, and refuses what would overwrite an
 * input. `problems` is the path that the problems are read from. Throws `InputError` and errors of the file system.
 */
export async function prepareOutputs({ samples, out, report }: GradeSettings, problems: string): Promise<void> {
  const inputs = [
    { what: "samples", status: samples === "-" ? null : await statIfThere(samples) },
    { what: "problems", status: await statIfThere(problems) },
  ];
  const outputs = [
    { option: "--out", file: out === "-" ? null : out },
    { option: "--report", file: report },
  ];
  for (const { option, file } of outputs) {
    if (file === null) continue;
    await mkdir(dirname(file), { recursive: true });
    const status = await statIfThere(file);
    await access(status === null ? dirname(file) : file, constants.W_OK);
    const input = inputs.find((input) => isSameFile(input.status, status));
    if (input !== undefined) throw new InputError(`${option} would overwrite the ${input.what}`, { file });
  }
  if (report !== null && out !== "-" && resolve(report) === resolve(out)) {
    throw new InputError("--report would overwrite the results", { file: report });
  }
}

/** What the file system says about a path (links followed), or null when nothing is there. */
export async function statIfThere(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function isSameFile(one: Stats | null, other: Stats | null): boolean {
  return one?.isFile() === true && other !== null && one.dev === other.dev && one.ino === other.ino;
}
