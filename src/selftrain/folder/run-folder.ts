import { mkdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { z } from "zod";
import { InputError } from "../../errors.js";
import type { Secrets } from "../config/environment.js";
import { doneRecord, type Cost, type Done, type StepName } from "../records.js";
import { writeWhole, type FileFacts } from "./files.js";

/** The folder of a run: where its files are, and its records. Nothing that came from the environment gets in here. */
export class RunFolder {
  constructor(
    readonly path: string,
    private readonly secrets: Secrets,
  ) {}

  /** Another run's. */
  beside(path: string): RunFolder {
    return new RunFolder(path, this.secrets);
  }

  /** A file of the run. */
  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** A file of an iteration. */
  of(iteration: number, ...names: readonly string[]): string {
    return join(this.path, "iterations", String(iteration), ...names);
  }

  async makeIteration(iteration: number): Promise<void> {
    await mkdir(this.of(iteration, "evaluation"), { recursive: true });
  }

  async write<T>(path: string, schema: z.ZodType<T>, record: T): Promise<void> {
    await this.writeText(path, JSON.stringify(schema.parse(record), null, 2) + "\n");
  }

  /** Text for people or other programs, there whole or not at all. */
  async writeText(path: string, text: string): Promise<void> {
    await writeWhole(path, this.secrets.redact(text));
  }

  /** The record, or null where there is none. Throws `InputError` where it cannot be read. */
  async read<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      throw new InputError("is no record of this version of assay", { file: path });
    }
  }

  /** Marks a piece of work as whole: `<mark>.done.json`, and what it wrote. */
  async markDone(mark: string, step: StepName, cost: Cost, files: ReadonlyMap<string, FileFacts>): Promise<Done> {
    const named = [...files].map(([path, facts]) => [relative(this.path, path), facts] as const);
    const done: Done = { step, finished_at: new Date().toISOString(), cost, files: Object.fromEntries(named) };
    await this.write(`${mark}.done.json`, doneRecord, done);
    return done;
  }

  /** The mark of a piece of work that is whole, or null. Throws `InputError` where its files are not what they were. */
  async readDone(mark: string): Promise<Done | null> {
    const path = `${mark}.done.json`;
    const done = await this.read(path, doneRecord);
    for (const [name, { bytes }] of Object.entries(done?.files ?? {})) {
      const found = await stat(this.file(name)).catch(() => null);
      if (found?.size === bytes) continue;
      const problem = found === null ? "is missing" : `has ${found.size} bytes instead of ${bytes}`;
      throw new InputError(`${problem}; to do the step again, remove ${path}`, { file: this.file(name) });
    }
    return done;
  }
}
