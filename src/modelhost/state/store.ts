import { randomBytes } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { z } from "zod";
import { InputError } from "../../errors.js";
import { eventRecord, fileRecord, jobRecord, type EventRecord, type FileRecord, type JobRecord } from "./records.js";

/**
 * The host's files and jobs, in a folder: all that is answered with 200 is on disk before. One process at a time.
 * `files/<id>.json` and `.jsonl`, `jobs/<id>/job.json`, `events.jsonl` and `model/` (the new weights).
 */
export class Store {
  readonly files = new Map<string, FileRecord>();
  readonly jobs = new Map<string, JobRecord>();

  /** Records are written in the order in which they change. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(readonly folder: string) {}

  /** @throws InputError for a record that cannot be read, naming it */
  static async open(folder: string): Promise<Store> {
    const store = new Store(folder);
    await mkdir(join(folder, "files"), { recursive: true });
    await mkdir(join(folder, "jobs"), { recursive: true });
    for (const name of await readdir(join(folder, "files"))) {
      const path = join(folder, "files", name);
      if (name.endsWith(".json")) {
        const record = await readRecord(path, fileRecord);
        store.files.set(record.id, record);
      } else if (name.endsWith(".part")) await rm(path);
    }
    for (const name of await readdir(join(folder, "jobs"))) {
      const record = await readRecord(join(folder, "jobs", name, "job.json"), jobRecord).catch(nullWhenMissing);
      if (record !== null) store.jobs.set(record.id, record);
    }
    return store;
  }

  contentPath(fileId: string): string {
    return join(this.folder, "files", `${fileId}.jsonl`);
  }

  /** Where an upload goes until all of it is there. */
  uploadPath(fileId: string): string {
    return join(this.folder, "files", `${fileId}.part`);
  }

  jobFolder(jobId: string): string {
    return join(this.folder, "jobs", jobId);
  }

  weightsPath(jobId: string): string {
    return join(this.jobFolder(jobId), "model");
  }

  /** Takes over the content at `uploadPath`. */
  async addFile(record: FileRecord): Promise<void> {
    this.files.set(record.id, record);
    await this.#inOrder(async () => {
      await rename(this.uploadPath(record.id), this.contentPath(record.id));
      await writeWhole(join(this.folder, "files", `${record.id}.json`), JSON.stringify(record));
    });
  }

  /** Settles when all that is known now is on disk. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async deleteFile(id: string): Promise<void> {
    this.files.delete(id);
    await rm(join(this.folder, "files", `${id}.json`), { force: true });
    await rm(this.contentPath(id), { force: true });
  }

  async putJob(record: JobRecord): Promise<void> {
    this.jobs.set(record.id, record);
    await this.#inOrder(async () => {
      await mkdir(this.jobFolder(record.id), { recursive: true });
      await writeWhole(join(this.jobFolder(record.id), "job.json"), JSON.stringify(record));
    });
  }

  /** Oldest first; a line that was cut off when the host died is left out. */
  events(jobId: string): EventRecord[] {
    let text: string;
    try {
      text = readFileSync(this.#eventsPath(jobId), "utf8");
    } catch (error) {
      nullWhenMissing(error);
      return [];
    }
    return text.split("\n").flatMap((line) => {
      try {
        return [eventRecord.parse(JSON.parse(line))];
      } catch {
        return [];
      }
    });
  }

  /** At once, so that events keep their order. */
  addEvent(jobId: string, event: EventRecord): void {
    appendFileSync(this.#eventsPath(jobId), `\n${JSON.stringify(event)}`);
  }

  async #inOrder(write: () => Promise<void>): Promise<void> {
    const mine = this.#writing.then(write);
    this.#writing = mine.catch(() => undefined);
    await mine;
  }

  #eventsPath(jobId: string): string {
    return join(this.jobFolder(jobId), "events.jsonl");
  }
}

/** For instance `ftjob-3fb2…`; it cannot be guessed. */
export function newId(prefix: string): string {
  return `${prefix}-${randomBytes(12).toString("hex")}`;
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Writes a file so that it is there as a whole or not at all, whatever happens meanwhile. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${randomBytes(4).toString("hex")}.part`;
  const file = await open(part, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

async function readRecord<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
  const text = await readFile(path, "utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError("is no JSON", { file: path });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(issue?.message ?? "cannot be read", { file: path, field: issue?.path.join(".") });
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}
