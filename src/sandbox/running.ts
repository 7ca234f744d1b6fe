import { constants } from "node:os";

import { classify } from "./classify.js";
import { KEPT_BYTES } from "./commands.js";
import type { RunFile, RunResult, RunSpec } from "./contract.js";
import { Gathered } from "./gathered.js";
import type { LoadedProgram } from "./programs.js";
import { CAUSE, type EndReport } from "./protocol.js";
import type { WireReport } from "./report.js";

/** Of a program that is to be kept; see candidate.py, and for files with their names files.py. */
const COMPILED_BYTES = 16 << 20;
const COMPILED_FILES_BYTES = KEPT_BYTES + (1 << 20);

/** A run that a cell was given, and what the cell has said of it so far. */
export class Running {
  compileError: string | null = null;
  report: WireReport | null = null;
  /** It was ended at its wall limit. */
  slept = false;
  /** The limit at which all its processes together were ended, one of `CAUSE`. */
  overuse: number | null = null;
  /** What warden and judge had waited for a processor when the run was first looked at, milliseconds; null before that. */
  wardensWaitMs: number | null = null;
  /** Of a live run: nothing more may be written behind what it was sent. */
  isInputOver = false;
  /** Of a live run that has begun: says that its input is over, which ends it where it still goes on. */
  endInput: (() => void) | null = null;
  #end: EndReport | null = null;
  #outputBytes = 0;
  readonly #compiled = new Gathered();
  readonly #stdout = new Gathered();
  readonly #stderr = new Gathered();
  readonly #files: RunFile[] = [];

  constructor(
    readonly program: LoadedProgram,
    readonly spec: RunSpec,
    /** Null says that it never began. */
    readonly resolve: (result: RunResult | null) => void,
  ) {}

  get isJudged(): boolean {
    return this.spec.judge !== undefined;
  }

  get hasEnded(): boolean {
    return this.#end !== null;
  }

  /** The judge did not end on what the program answered, and will never report. */
  get isStuck(): boolean {
    return this.isJudged && this.#end?.cause === CAUSE.judgeStuck;
  }

  /** Everything that belongs to its result is there. */
  get isComplete(): boolean {
    return this.hasEnded && (!this.isJudged || this.report !== null || this.isStuck);
  }

  /** Something of it stayed in the cell that would not go away. */
  get isDirty(): boolean {
    return this.#end?.dirty === true;
  }

  /** Throws where it is more than the warden lets through of both. */
  takeOutput(stream: "stdout" | "stderr", chunk: Buffer): void {
    this.#outputBytes += chunk.length;
    // The warden has cut each of the two at the limit.
    if (this.#outputBytes > 2 * this.spec.limits.outputBytes) throw new Error("too much output");
    (stream === "stdout" ? this.#stdout : this.#stderr).add(chunk);
  }

  /**
   * A piece of the program's compiled form, behind a byte that says whether it is the last one. Whoever sends them may
   * be ended between any two. Throws where it is more than the warden lets through.
   */
  takeCompiled(body: Buffer): void {
    this.#compiled.add(body.subarray(1));
    const { bytes } = this.#compiled;
    const most = this.program.command === null ? COMPILED_BYTES : COMPILED_FILES_BYTES;
    if (bytes.length > most) throw new Error("too large a compiled form");
    if (body.readUInt8(0) === 1) this.program.compiled = Buffer.from(bytes);
  }

  /** Throws where nobody asked for it. */
  takeFile(body: Buffer): void {
    const path = this.spec.fetch?.[body.readUInt32LE()];
    if (path === undefined) throw new Error("a file that nobody wants");
    this.#files.push({ path, content: body.subarray(4) });
  }

  takeEnd(end: EndReport): void {
    const wasKilled = (end.status & 0x7f) === constants.signals.SIGKILL;
    const ours = this.slept ? CAUSE.wallTime : wasKilled ? this.overuse : null;
    this.#end = ours !== null && end.cause === CAUSE.finished ? { ...end, cause: ours } : end;
  }

  /** `memoryWasUsedUp` is asked only of a run that was killed for no other reason that is known. */
  makeResult(memoryWasUsedUp: () => boolean): RunResult {
    const { report, compileError, isJudged: judged } = this;
    if (this.#end === null) throw new Error("a run without an end has no result");
    let end = this.#end;
    const mayBeKilled = end.cause === CAUSE.finished && (!judged || report?.firstFailure?.outcome === "died");
    if (mayBeKilled && (end.status & 0x7f) === constants.signals.SIGKILL && memoryWasUsedUp()) {
      end = { ...end, cause: CAUSE.memory };
    }
    const stdout = this.#stdout.bytes;
    const stderr = this.#stderr.bytes;
    const loadError = report?.loadError ?? null;
    return {
      ...classify({
        ...{ end, limits: this.spec.limits, compileError, stderr, judged, report, loadError },
        outOfMemory: this.program.outOfMemory,
      }),
      stdout,
      stderr,
      usage: { cpuMs: end.cpuMs, wallMs: end.wallMs, peakMemoryKb: end.peakMemoryKb },
      judge: report,
      files: this.#files,
    };
  }
}

export function infrastructureError(detail: string): RunResult {
  return {
    ending: "infrastructure_error",
    exitCode: null,
    signal: null,
    stdout: Buffer.alloc(0),
    stderr: Buffer.alloc(0),
    usage: { cpuMs: 0, wallMs: 0, peakMemoryKb: 0 },
    detail,
    judge: null,
    files: [],
  };
}

/** Its memory went so far that what watched over it was ended with it. */
export function memoryExceeded(): RunResult {
  return { ...infrastructureError("the memory of its cell was used up"), ending: "memory_limit" };
}
