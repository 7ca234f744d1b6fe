import { hostname } from "node:os";
import type { RunFolder } from "./folder/run-folder.js";
import { progressRecord, type ProgressRecord } from "./records.js";
import type { Stage, Watch } from "./watch.js";

const EVERY_MS = 1000;

/** Keeps `progress.json` up to date beside whatever else looks on. */
export class ProgressFile implements Watch {
  readonly #startedAt = new Date().toISOString();
  #last: Promise<void> = Promise.resolve();
  #stage: Stage = { iteration: 0, step: "serve", doing: "starting", done: 0, total: null, accepted: 0, resumed: 0 };

  constructor(
    private readonly folder: RunFolder,
    private readonly inner: Watch,
  ) {}

  readonly say = (text: string): void => this.inner.say(text);

  readonly begin = (read: () => Stage): (() => Promise<void>) => {
    const stop = this.inner.begin(read);
    const look = (): void => {
      this.#stage = read();
      this.#write(null);
    };
    look();
    const timer = setInterval(look, EVERY_MS).unref();
    return async () => {
      clearInterval(timer);
      look();
      await stop();
      await this.#last;
    };
  };

  /** Writes down why the run stopped. */
  async end(why: string): Promise<void> {
    this.#write(why);
    await this.#last;
  }

  #write(ended: string | null): void {
    const { iteration, step, doing, done, total, accepted } = this.#stage;
    const record: ProgressRecord = {
      ...{ pid: process.pid, host: hostname(), started_at: this.#startedAt, updated_at: new Date().toISOString() },
      ...{ iteration, step, doing, done, total, accepted, ended },
    };
    // It is there to be looked at: a disk that is full stops the step itself, with its own message.
    const write = () => this.folder.write(this.folder.file("progress.json"), progressRecord, record);
    this.#last = this.#last.then(write).catch(() => undefined);
  }
}
