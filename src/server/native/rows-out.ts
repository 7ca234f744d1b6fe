import type { Response } from "express";

/** A client that reads nothing for this long is given up. */
const PATIENCE_MS = 300_000;
const GATHERED_MOST = 1 << 16;

/** Writes rows of JSON Lines to an answer, in the order they come or in that of their places, with back-pressure. */
export class RowsOut {
  readonly #held = new Map<number, string>();
  #next = 0;
  #room: Promise<void> | null = null;
  /** Rows that go out together at the end of this turn of the event loop: a write for each would cost more than it. */
  #gathered = "";

  constructor(
    private readonly res: Response,
    private readonly inOrder: boolean,
  ) {}

  /** Rows that wait for an earlier one. */
  get held(): number {
    return this.#held.size;
  }

  /** `place` counts the rows from 0 without a gap. */
  write(place: number, row: unknown): void {
    const text = `${JSON.stringify(row)}\n`;
    if (!this.inOrder) {
      this.#send(text);
      return;
    }
    this.#held.set(place, text);
    for (let ready = this.#held.get(this.#next); ready !== undefined; ready = this.#held.get(this.#next)) {
      this.#held.delete(this.#next);
      this.#next += 1;
      this.#send(ready);
    }
  }

  /** Settles when the client has read enough for more to be written, or is gone. */
  async ready(): Promise<void> {
    if (this.#gathered.length > GATHERED_MOST) this.#flush();
    await this.#room;
  }

  /** Writes what is left. */
  end(): void {
    this.#flush();
    this.res.end();
  }

  #send(text: string): void {
    if (this.#gathered === "") setImmediate(() => this.#flush());
    this.#gathered += text;
  }

  #flush(): void {
    const text = this.#gathered;
    this.#gathered = "";
    if (text === "" || this.res.destroyed || this.res.write(text) || this.#room !== null) return;
    this.#room = new Promise((resolve) => {
      const timer = setTimeout(() => this.res.destroy(), PATIENCE_MS);
      const done = (): void => {
        clearTimeout(timer);
        this.res.off("drain", done).off("close", done);
        this.#room = null;
        resolve();
      };
      this.res.on("drain", done).on("close", done);
    });
  }
}
