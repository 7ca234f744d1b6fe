import type { Lease, RunResult, RunSpec, Sandbox } from "../src/sandbox/contract.js";

/** A run that a gate sandbox has begun and that waits for the test to end it. */
export interface GatedRun {
  readonly source: string;
  readonly spec: RunSpec;
  finish(result?: Partial<RunResult>): void;
}

/** A sandbox without programs: each run begins, is told to the test, and ends when the test says so. */
export class GateSandbox implements Sandbox {
  readonly enforcement = { isolation: "namespaces", runtime: "python 3.11.2", walls: [] } as const;
  /** Every run that was begun, in order. */
  readonly runs: GatedRun[] = [];
  #waiting: { count: number; resolve: () => void }[] = [];
  #automatic = false;

  /** Settles when `count` runs have been begun in all. */
  begun(count: number): Promise<void> {
    if (this.runs.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  get sources(): string[] {
    return this.runs.map(({ source }) => source);
  }

  /** Ends everything that runs, and from now on each run as it begins. */
  open(): void {
    this.#automatic = true;
    for (const run of this.runs) run.finish();
  }

  async withProgram<T>({ source }: { source: string }, use: (lease: Lease) => Promise<T>): Promise<T> {
    const leaseOf = (text: string): Lease => ({
      queueMs: 0,
      run: (spec) => this.#begin(text, spec),
      besides: (other) => leaseOf(other.source),
    });
    return use(leaseOf(source));
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  #begin(source: string, spec: RunSpec): Promise<RunResult> {
    return new Promise((resolve) => {
      const finish = (result: Partial<RunResult> = {}): void => resolve({ ...FINISHED, ...result });
      this.runs.push({ source, spec, finish });
      if (this.#automatic) finish();
      for (const { count, resolve: tell } of this.#waiting) if (this.runs.length >= count) tell();
    });
  }
}

const FINISHED: RunResult = {
  ending: "finished",
  exitCode: 0,
  signal: null,
  stdout: Buffer.alloc(0),
  stderr: Buffer.alloc(0),
  usage: { cpuMs: 1, wallMs: 1, peakMemoryKb: 10_000 },
  detail: "",
  judge: null,
};
