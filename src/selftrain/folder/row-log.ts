import { open, type FileHandle } from "node:fs/promises";
import type { z } from "zod";
import { InputError } from "../../errors.js";

/** Where a row stands in its log, in bytes. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

const NEWLINE = 0x0a;
const CHUNK = 1 << 20;

/**
 * JSON Lines that grow while a step is at work. A row is in the file before `append` settles, so it outlives the
 * process; a row that was cut when the process was killed is dropped when the log is opened again.
 */
export class RowLog<Row> {
  #end = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly schema: z.ZodType<Row>,
  ) {}

  /**
   * Opens or begins a log, and tells `onRow` every row that is in it.
   * @throws InputError for a row that is whole and cannot be read
   */
  static async open<Row>(
    path: string,
    schema: z.ZodType<Row>,
    onRow: (row: Row, place: Place) => void,
  ): Promise<RowLog<Row>> {
    // Not "a+": with it writes at a place are not heeded.
    const handle = await open(path, "r+").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return open(path, "wx+");
    });
    const log = new RowLog(path, handle, schema);
    try {
      await log.#readAll(onRow);
      await handle.truncate(log.#end);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return log;
  }

  /** Rows are written one after the other, each with one call. */
  append(row: Row): Promise<Place> {
    const written = this.#last.then(async () => {
      const bytes = Buffer.from(JSON.stringify(row) + "\n");
      const place = { offset: this.#end, length: bytes.length };
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, place.offset + done);
        done += bytesWritten;
      }
      this.#end += bytes.length;
      return place;
    });
    // A write that failed is told to whoever asked for it; the next one tries again at the same place.
    this.#last = written.catch(() => undefined);
    return written;
  }

  async read({ offset, length }: Place): Promise<Row> {
    const buffer = Buffer.alloc(length);
    await this.handle.read(buffer, 0, length, offset);
    return this.#parse(buffer, offset);
  }

  async close(): Promise<void> {
    await this.#last;
    await this.handle.close();
  }

  async #readAll(onRow: (row: Row, place: Place) => void): Promise<void> {
    let rest: Buffer = Buffer.alloc(0);
    for (let at = 0; ;) {
      const chunk = Buffer.alloc(CHUNK);
      const { bytesRead } = await this.handle.read(chunk, 0, CHUNK, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      for (let feed = rest.indexOf(NEWLINE); feed !== -1; feed = rest.indexOf(NEWLINE)) {
        const place = { offset: this.#end, length: feed + 1 };
        onRow(this.#parse(rest.subarray(0, feed), place.offset), place);
        this.#end += place.length;
        rest = rest.subarray(place.length);
      }
    }
  }

  #parse(bytes: Buffer, offset: number): Row {
    try {
      return this.schema.parse(JSON.parse(bytes.toString("utf8")));
    } catch {
      throw new InputError(`the row at byte ${offset} cannot be read; remove the file to do this step again`, {
        file: this.path,
      });
    }
  }
}
