/**
 * The whole contract of the sandbox: a program goes in, what its execution did comes out. Nothing here knows a
 * problem, an expected output or a verdict of a problem.
 */

/** What one run may use. All limits hold for the process that runs candidate code. */
export interface Limits {
  /** CPU time in milliseconds; the limit that decides `time_limit`. */
  readonly cpuMs: number;
  /** Elapsed time in milliseconds from the start of the run in its cell; catches sleepers. */
  readonly wallMs: number;
  /** Memory in KiB. */
  readonly memoryKb: number;
  /** Bytes on stdout and on stderr, each. */
  readonly outputBytes: number;
  /** Largest file the program may write, in bytes. */
  readonly fileBytes: number;
  /** Open file descriptors. */
  readonly openFiles: number;
  /** Threads, the main one included (a program may not make further processes). */
  readonly processes: number;
  /** Stack of the main thread in KiB. */
  readonly stackKb: number;
}

/** A program as it is compiled and run. */
export interface Program {
  /** A name that `findLanguage` knows. */
  readonly language: string;
  /** The main file. */
  readonly source: string;
  /** Further source files, beside the main one when it is compiled. Not for languages with a warden of their own. */
  readonly files?: readonly RunFile[];
  /**
   * What the order of hashes and `random` begin from in its cell, from 0 to 4294967295; 0 where it is not said. Another
   * number gives a program that hangs on either another result.
   */
  readonly seed?: number;
  /** Limits of its compiler that go before those of the language; without use where nothing is compiled. */
  readonly compilerLimits?: Partial<Limits>;
}

/**
 * Trusted test code that runs in a process of its own beside the candidate's and reaches the candidate's functions
 * only through stubs: arguments go over as data and values come back as data.
 */
export interface Judge {
  /** Executed first in the judge's namespace (a HumanEval prompt, a set-up, a comparison library). */
  readonly prelude: string;
  /** Names bound to stubs after the prelude. A stub calls the candidate's function of that name. */
  readonly stubs: readonly Stub[];
  /** Executed in order; each is one test unless it holds several assertions (see `countAssertions`). */
  readonly checks: readonly Check[];
  /** Count each `assert` statement of the checks as a test of its own. */
  readonly countAssertions: boolean;
}

export interface Stub {
  readonly name: string;
  /** A class of the candidate's whose fresh instance has the function as a method, when the candidate defines it. */
  readonly receiver?: string;
}

export interface Check {
  /** Python source; `data` below is bound to the name `data` while it runs. */
  readonly source: string;
  /** JSON text. Of an object with `expected`, that is what a failure says was expected. */
  readonly data?: string;
}

/** How one check (or one assertion) of a judge came out. */
export interface CheckResult {
  readonly index: number;
  readonly outcome: CheckOutcome;
  /** The call that decided it, its expectation and what came back, cut to a stated length. */
  readonly input: string;
  readonly expected: string;
  readonly actual: string;
  readonly message: string;
}

/**
 * `failed`: an assertion did not hold. `raised`: the candidate raised. `died`: the candidate's process ended.
 * `broken`: the test code itself cannot run, whatever the candidate does.
 */
export type CheckOutcome = "passed" | "failed" | "raised" | "died" | "broken";

export interface JudgeReport {
  /** Number of tests in the checks. */
  readonly total: number;
  readonly run: number;
  readonly passed: number;
  /** Indices of the tests that were run and did not pass, rising. */
  readonly failed: readonly number[];
  readonly firstFailure: CheckResult | null;
}

export interface RunSpec {
  readonly limits: Limits;
  /** What the program reads from stdin; empty for judged runs. */
  readonly stdin?: Uint8Array;
  /** With a judge the program is loaded as a module and called; without one it is run as a script. */
  readonly judge?: Judge;
  /** Judged runs: go on after the first failed check. */
  readonly allTests?: boolean;
  /** More runs of the same program will follow, so it pays to keep its compiled form. */
  readonly again?: boolean;
  /** Scripts: what the program finds in its working folder, whose modules it can then also import. */
  readonly files?: readonly RunFile[];
  /** Scripts: what follows the program's name in `sys.argv`. */
  readonly args?: readonly string[];
  /** Scripts: paths in the working folder whose contents are wanted when the program has ended. */
  readonly fetch?: readonly string[];
  /** Scripts: what stands at the other end of stdin and stdout while the program runs; there is no `stdin` then. */
  readonly live?: LiveEnd;
}

export interface LiveEnd {
  /** The run begins: from now until its end it can be given input. Never called for a run that does not begin. */
  begun(input: LiveInput): void;
  /** What the program has just written to stdout. The result has all of it as well. */
  heard(chunk: Uint8Array): void;
}

/** Where the input of a live run is written. What comes after its end is dropped. */
export interface LiveInput {
  write(chunk: Uint8Array): void;
  /** The program has read all there is. */
  close(): void;
  /** Ends the program where it still runs: by a signal, as far as its result is concerned. */
  end(): void;
}

/** A regular file. Its path is relative to the working folder; see `checkFiles` for what a path may be. */
export interface RunFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** The first cause that ended the run. `finished` says nothing about right or wrong. */
export type Ending =
  | "finished"
  | "time_limit"
  | "memory_limit"
  | "output_limit"
  | "compile_error"
  | "runtime_error"
  | "infrastructure_error";

export interface Usage {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakMemoryKb: number;
}

export interface RunResult {
  readonly ending: Ending;
  /** Exit status of the program, or null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly usage: Usage;
  /** What went wrong, in one line, for `compile_error`, `runtime_error` and `infrastructure_error`. */
  readonly detail: string;
  readonly judge: JudgeReport | null;
  /**
   * Those of `fetch` that the program left, however it ended, each under the path it was asked for by. Only regular
   * files that stand where the path says are read (no link is followed), and none that is larger than
   * `limits.fileBytes` or than what is left of `FETCHED_BYTES`.
   */
  readonly files?: readonly RunFile[];
  /**
   * What the compiler did, in a language where a compiler makes what is run; absent where it had no part in the result.
   * Runs of the same program share it.
   */
  readonly compilation?: Compilation;
}

/** How a compiler ended, told as for a program. */
export type Compilation = Pick<RunResult, "ending" | "exitCode" | "signal" | "stdout" | "stderr" | "usage" | "detail">;

/** A cell held for one program. Runs are carried out one after the other, in the order they were asked for. */
export interface Lease {
  /** Milliseconds between asking for the cell and getting it. */
  readonly queueMs: number;
  /** Runs the compiled program once, in a fresh process. Rejects with a RangeError where `checkFiles` would throw one. */
  run(spec: RunSpec): Promise<RunResult>;
  /**
   * A lease of a further program, which this one's cell is closed to: it runs in a cell of its own, that no other program
   * is in meanwhile, and needs no place in the queue. It ends with this lease.
   */
  besides(program: Program): Lease;
}

export interface Sandbox {
  /** What is enforced here, as proved when the sandbox was started. */
  readonly enforcement: Enforcement;
  /** Gives `use` a cell of the program's language with the program in it, and takes the cell back afterwards. */
  withProgram<T>(program: Program, use: (lease: Lease) => Promise<T>): Promise<T>;
  /** Stops every cell. Nothing of them is left when the promise settles. */
  dispose(): Promise<void>;
  /** How many cells there are now, and how many were started so far; for those who watch the service. */
  stats?(): CellCounts;
}

export interface CellCounts {
  readonly up: number;
  readonly busy: number;
  readonly started: number;
}

export interface Enforcement {
  readonly isolation: "namespaces" | "unprivileged" | "none";
  /** For instance `python 3.11.2`. */
  readonly runtime: string;
  /** Large Python libraries that are there; cells of their own have them loaded. */
  readonly libraries?: readonly string[];
  /** One line per limit or wall: what it is and by what means it holds. */
  readonly walls: readonly { readonly name: string; readonly means: string }[];
}
