import { escapeLine } from "../../report/escape.js";

const MOST_NAMED = 20;

/** Task ids that samples name and the problems lack. */
export class UnknownTasks {
  readonly #names = new Set<string>();
  #samples = 0;

  /** Number of samples, not of distinct names. */
  get samples(): number {
    return this.#samples;
  }

  add(taskId: string): void {
    this.#samples += 1;
    this.#names.add(taskId);
  }

  /** A few lines that name the first of them; empty when there are none. */
  describe(): string {
    if (this.#samples === 0) return "";
    const named = [...this.#names].slice(0, MOST_NAMED).map((name) => `  ${escapeLine(name)}\n`);
    const more = this.#names.size - named.length;
    const noun = this.#samples === 1 ? "sample names a task" : "samples name tasks";
    const tail = more > 0 ? `  and ${more} more\n` : "";
    return `${this.#samples} ${noun} that the problems do not hold (not graded):\n${named.join("")}${tail}`;
  }
}
