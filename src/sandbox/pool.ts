import PQueue from "p-queue";

import { SandboxUnavailableError } from "../errors.js";
import { Cell, infrastructureError, loadProgram } from "./cell.js";
import type { Enforcement, Lease, Program, RunResult, RunSpec, Sandbox } from "./contract.js";

/** A cell is replaced after this many runs, so that nothing that grows slowly grows for ever. */
const RUNS_PER_CELL = 20_000;
const NUMPY = ["numpy"];
const PLAIN: readonly string[] = [];

/** Cells that are up, handed out one program at a time. */
export class Pool implements Sandbox {
  readonly #queue: PQueue;
  readonly #idle: Cell[] = [];
  readonly #all = new Set<Cell>();
  #started = 0;
  #disposed = false;

  constructor(
    readonly size: number,
    readonly enforcement: Enforcement,
    first: Cell,
    private readonly hasNumpy: boolean,
  ) {
    this.#queue = new PQueue({ concurrency: size });
    this.#started = 1;
    this.#idle.push(first);
    this.#all.add(first);
  }

  /** Admits the program when a cell is free. Its time begins with the grant, never in the queue. */
  async withProgram<T>(program: Program, use: (lease: Lease) => Promise<T>): Promise<T> {
    const asked = performance.now();
    return this.#queue.add(async () => {
      const queueMs = performance.now() - asked;
      const loaded = loadProgram(program);
      const kind = [program.language, this.#featuresFor(program)] as const;
      let granted = this.#grant(...kind);
      const run = async (spec: RunSpec): Promise<RunResult> => {
        for (;;) {
          const asked = granted;
          const cell = await asked;
          if (cell instanceof Error) return infrastructureError(cell.message);
          const result = await cell.run(loaded, spec);
          if (result !== null) return result;
          // The cell was given up behind an earlier run of this program. Whoever sees it first gets a new one for all.
          if (granted === asked) {
            this.#takeBack(cell);
            granted = this.#grant(...kind);
          }
        }
      };
      try {
        return await use({ queueMs, run });
      } finally {
        const cell = await granted;
        if (!(cell instanceof Error)) this.#takeBack(cell);
      }
    });
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#queue.clear();
    await Promise.all([...this.#all].map((cell) => cell.dispose()));
    await this.#queue.onIdle();
  }

  /** Numpy is loaded only where a program names it: every other child would pay for copying its pages. */
  #featuresFor(program: Program): readonly string[] {
    return this.hasNumpy && program.source.includes("numpy") ? NUMPY : PLAIN;
  }

  async #grant(language: string, features: readonly string[]): Promise<Cell | Error> {
    if (this.#disposed) return new Error("the sandbox was stopped");
    const position = this.#idle.findLastIndex((cell) => cell.language === language && cell.features === features);
    if (position >= 0) return this.#idle.splice(position, 1)[0] ?? new Error("no cell");
    // Idle cells of another kind stay for the next program of theirs, up to one per place in the queue.
    const spare = this.#idle.filter((cell) => cell.features !== features);
    if (spare.length > this.size) await this.#discard(spare[0]);
    try {
      const cell = await Cell.start(language, features, this.#started++);
      this.#all.add(cell);
      if (this.#disposed) await this.#discard(cell);
      return cell;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #takeBack(cell: Cell): void {
    if (this.#disposed || !cell.usable || cell.runs >= RUNS_PER_CELL) void this.#discard(cell);
    else this.#idle.push(cell);
  }

  async #discard(cell: Cell | undefined): Promise<void> {
    if (cell === undefined) return;
    const position = this.#idle.indexOf(cell);
    if (position >= 0) this.#idle.splice(position, 1);
    await cell.dispose();
    this.#all.delete(cell);
  }
}

/** The error of a machine on which no cell comes up. */
export function unavailable(reason: string): SandboxUnavailableError {
  return new SandboxUnavailableError(`no sandbox can be started here: ${reason}`);
}
