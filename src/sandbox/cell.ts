import { createHash } from "node:crypto";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";

import { execa } from "execa";

import { classify } from "./classify.js";
import type { Judge, JudgeReport, RunFile, RunResult, RunSpec } from "./contract.js";
import { FETCHED_BYTES, plainPath } from "./files.js";
import { makeJail } from "./jail.js";
import type { JailCommand, Tier } from "./jail-parts.js";
import { groupPlace, MemoryGroup } from "./memory-groups.js";
import { endOveruse, LOOK_EVERY_MS } from "./overuse.js";
import { CAN_LOOK, childrenOf, findCandidate, killWarden } from "./processes.js";
import type { LoadedProgram } from "./programs.js";
import {
  CAUSE,
  decodeEnd,
  encodeFiles,
  encodeJudgement,
  encodePaths,
  encodeRunHeader,
  FRAME,
  MessageReader,
  RUN_FLAG,
  RUN_KIND,
  type EndReport,
} from "./protocol.js";
import { readReport, type WireReport } from "./report.js";

const START_LIMIT_MS = 30_000;
/** How far the warden stretches a wall limit for a program that waits for a processor; see warden.py. */
const WALL_AT_MOST = 20;
/** What a run may take beyond that before the cell itself is taken for dead. */
const GRACE_MS = 30_000;

interface Pending {
  readonly spec: RunSpec;
  readonly program: LoadedProgram;
  readonly resolve: (result: RunResult | null) => void;
  stdout: Buffer[];
  stderr: Buffer[];
  outputBytes: number;
  files: RunFile[];
  compileError: string | null;
  report: WireReport | null;
  end: EndReport | null;
  /** It was ended at its wall limit. */
  slept: boolean;
}

/** One jail that is up, with a warden inside. Runs are carried out one after the other. */
export class Cell {
  /** False once the cell must not be given another program. */
  usable = true;
  runs = 0;
  runtime = "";
  readonly #pending: Pending[] = [];
  readonly #process;
  /** Settles when nothing of the cell is left. */
  readonly #ended: Promise<void>;
  readonly #requests: Writable;
  readonly #judgeRequests: Writable;
  #watchdog: NodeJS.Timeout | undefined;
  #lookout: NodeJS.Timeout | undefined;
  #memory: MemoryGroup | null = null;
  #started: PromiseWithResolvers | null;
  #failure = "";
  #lastWords = "";

  private constructor(
    readonly language: string,
    readonly features: readonly string[],
    command: JailCommand,
  ) {
    this.#started = withResolvers();
    this.#process = execa(command.file, command.args, {
      stdio: ["pipe", "pipe", "pipe", "pipe", "pipe", ...command.inputs.map(() => "pipe" as const)],
      // A terminal's Ctrl-C is for assay, which then ends its cells itself.
      detached: true,
      cleanup: false,
      buffer: false,
      reject: false,
      env: command.environment,
      extendEnv: false,
      cwd: "/",
      ...(command.user === undefined ? {} : { uid: command.user, gid: command.user }),
    });
    const [stdin, stdout, stderr, judgeIn, judgeOut] = this.#process.stdio as unknown as [
      Writable,
      Readable,
      Readable,
      Writable,
      Readable,
    ];
    this.#requests = stdin;
    this.#judgeRequests = judgeIn;
    const streams = this.#process.stdio as unknown as (Readable | Writable)[];
    for (const stream of streams) stream.on("error", () => undefined);
    command.inputs.forEach((content, position) => (streams[5 + position] as Writable).end(content));

    const frames = new MessageReader(
      5,
      (head) => head.readUInt32LE(1),
      (head, body) => this.#onFrame(head.readUInt8(0), body),
    );
    stdout.on("data", (chunk: Buffer) => this.#hear(frames, chunk));
    const reports = new MessageReader(
      4,
      (head) => head.readUInt32LE(0),
      (_head, body) => this.#onReport(body),
    );
    judgeOut.on("data", (chunk: Buffer) => this.#hear(reports, chunk));
    stderr.on("data", (chunk: Buffer) => (this.#lastWords = (this.#lastWords + chunk.toString()).slice(-2000)));
    this.#ended = this.#process.then(async (result) => {
      const said = this.#lastWords.trim();
      this.fail(said === "" ? `the cell ended (${result.shortMessage ?? "exit"})` : said);
      await Promise.all([command.cleanUp(), this.#memory?.remove()]);
    });
  }

  /** Starts a cell. Rejects with an Error that says why it did not come up. */
  static async start(language: string, features: readonly string[], index: number, tier: Tier): Promise<Cell> {
    const cell = new Cell(language, features, await makeJail(tier, language, index, features));
    const timer = setTimeout(() => cell.fail("the cell did not start in time"), START_LIMIT_MS);
    try {
      await cell.#started?.promise;
      cell.#enterGroup();
    } catch (error) {
      cell.fail(error instanceof Error ? error.message : String(error));
      await cell.#ended;
      throw error;
    } finally {
      clearTimeout(timer);
      cell.#started = null;
    }
    return cell;
  }

  /**
   * Runs a program once, whose files and paths have been checked. Never rejects: a cell that fails during the run gives `infrastructure_error`, one that was
   * given up before the run began gives null.
   */
  run(program: LoadedProgram, spec: RunSpec): Promise<RunResult | null> {
    if (!this.usable) return Promise.resolve(null);
    return new Promise((resolve) => {
      const pending: Pending = {
        spec,
        program,
        resolve,
        stdout: [],
        stderr: [],
        outputBytes: 0,
        files: [],
        compileError: null,
        report: null,
        end: null,
        slept: false,
      };
      this.#pending.push(pending);
      if (this.#pending.length === 1) this.#watch(pending);
      this.#send(pending);
    });
  }

  /** Ends the cell and settles everything that waits on it. */
  fail(reason: string): void {
    if (this.#failure === "") this.#failure = reason;
    this.usable = false;
    this.#kill();
    clearTimeout(this.#watchdog);
    this.#started?.reject(new Error(reason));
    const [begun, ...waiting] = this.#pending.splice(0);
    // What a program's memory took along is its own doing.
    begun?.resolve(this.#memory?.hasKilled() === true ? memoryExceeded() : infrastructureError(this.#failure));
    for (const pending of waiting) pending.resolve(null);
  }

  /** Ends the cell and waits until nothing of it is left. */
  async dispose(): Promise<void> {
    this.fail("the cell was ended");
    await this.#ended;
  }

  /** By its warden where there is one: bwrap then ends last, when everything in the jail is gone. */
  #kill(): void {
    const { pid } = this.#process;
    if (pid === undefined || !killWarden(pid)) this.#process.kill("SIGKILL");
  }

  /** Where groups can be had: nothing but the cell's own processes is in it yet, and none of a candidate's. */
  #enterGroup(): void {
    const place = groupPlace();
    const { pid } = this.#process;
    if (typeof place === "string" || pid === undefined) return;
    this.#memory = new MemoryGroup(place);
    const inside = childrenOf(pid);
    this.#memory.adopt([pid, ...inside, ...inside.flatMap(childrenOf)]);
  }

  #send({ spec, program }: Pending): void {
    this.#memory?.limit(spec.limits.memoryKb, this.#pending.length > 1);
    const code = program.compiled ?? program.source;
    const stdin = spec.stdin ?? EMPTY;
    const kind = spec.judge === undefined ? RUN_KIND.script : RUN_KIND.judged;
    const { files = [], args = [], fetch = [] } = spec;
    const hasFiles = files.length + args.length > 0;
    const flags =
      (CAN_LOOK ? 0 : RUN_FLAG.wallIsFinal) |
      (program.compiled === null ? 0 : RUN_FLAG.isCompiled) |
      (program.compiled === null && (spec.again === true || program.key !== null) ? RUN_FLAG.wantsCompiled : 0) |
      (hasFiles ? RUN_FLAG.hasFiles : 0) |
      (fetch.length > 0 ? RUN_FLAG.fetches : 0);
    if (spec.judge !== undefined) {
      this.#judgeRequests.write(describeJudge(spec.judge, spec.allTests === true));
    }
    const header = encodeRunHeader(kind, flags, code.length, stdin.length, spec.limits);
    this.#requests.write(stdin.length > 1 << 16 ? Buffer.concat([header, code]) : Buffer.concat([header, code, stdin]));
    if (stdin.length > 1 << 16) this.#requests.write(stdin);
    if (hasFiles) {
      const plain = files.map(({ path, content }) => ({ path: plainPath(path), content }));
      this.#requests.cork();
      for (const part of encodeFiles(args, plain)) this.#requests.write(part);
      this.#requests.uncork();
    }
    if (fetch.length > 0) {
      this.#requests.write(encodePaths(fetch.map(plainPath), spec.limits.fileBytes, FETCHED_BYTES));
    }
  }

  #watch({ spec }: Pending): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(
      () => this.fail("the cell did not answer in time"),
      WALL_AT_MOST * spec.limits.wallMs + GRACE_MS,
    ).unref();
    this.#lookout ??= this.#lookOut();
  }

  /** Looks at runs that last, for as long as there are any. */
  #lookOut(): NodeJS.Timeout {
    let before: Pending | undefined;
    return setInterval(() => {
      const [run] = this.#pending;
      const { pid } = this.#process;
      if (run === undefined) {
        clearInterval(this.#lookout);
        this.#lookout = undefined;
      } else if (run === before && pid !== undefined) {
        // The next run may just have begun, so none may have less than what is gone by here.
        const most = (limit: "memoryKb" | "processes") =>
          Math.max(...this.#pending.map(({ spec }) => spec.limits[limit]));
        endOveruse(pid, { memoryKb: most("memoryKb"), processes: most("processes") });
      }
      before = run;
    }, LOOK_EVERY_MS).unref();
  }

  /** Passes on what the cell said. A cell that breaks the protocol is given up; nothing it says may end this process. */
  #hear(messages: MessageReader, chunk: Buffer): void {
    if (!this.usable) return;
    try {
      messages.push(chunk);
    } catch (error) {
      this.fail(`the cell broke the protocol (${error instanceof Error ? error.message : String(error)})`);
    }
  }

  #onFrame(kind: number, body: Buffer): void {
    if (kind === FRAME.hello) {
      this.runtime = body.toString();
      this.#started?.resolve();
      return;
    }
    // A run whose end is known may still wait for its report, which comes on another pipe.
    const pending = this.#pending.find(({ end }) => end === null);
    if (kind === FRAME.fault || pending === undefined) {
      this.fail(kind === FRAME.fault ? body.toString() : "the cell answered unasked");
      return;
    }
    switch (kind) {
      case FRAME.compiled:
        pending.program.compiled = Buffer.from(body);
        break;
      case FRAME.compileError:
        pending.compileError = body.toString();
        break;
      case FRAME.stdout:
        this.#takeOutput(pending, pending.stdout, body);
        break;
      case FRAME.stderr:
        this.#takeOutput(pending, pending.stderr, body);
        break;
      case FRAME.file:
        this.#takeFile(pending, body);
        break;
      case FRAME.wallReached:
        this.#endSleeper(pending, Number(body.readBigUInt64LE()) / 1000, body.readUInt32LE(8));
        break;
      case FRAME.end:
        pending.end = decodeEnd(body);
        if (pending.slept && pending.end.cause === CAUSE.finished) pending.end.cause = CAUSE.wallTime;
        this.#settle(pending);
        break;
      default:
        this.fail(`the cell sent an unknown frame (${kind})`);
    }
  }

  #takeOutput(pending: Pending, chunks: Buffer[], body: Buffer): void {
    pending.outputBytes += body.length;
    // The warden has cut each of the two at the limit.
    if (pending.outputBytes > 2 * pending.spec.limits.outputBytes) this.fail("the cell sent too much output");
    else chunks.push(body);
  }

  #takeFile({ spec, files }: Pending, body: Buffer): void {
    const path = spec.fetch?.[body.readUInt32LE()];
    if (path === undefined) this.fail("the cell sent a file that nobody wants");
    else files.push({ path, content: body.subarray(4) });
  }

  /** The wall limit is for programs that sleep. Waiting for a processor is not the program's doing and does not count. */
  #endSleeper(pending: Pending, elapsedMs: number, candidatePid: number): void {
    const { pid } = this.#process;
    const candidate = pid === undefined ? null : findCandidate(pid, candidatePid);
    if (candidate === null) return;
    if (elapsedMs - candidate.waitedMs() < pending.spec.limits.wallMs) return;
    pending.slept = true;
    candidate.kill();
  }

  #onReport(body: Buffer): void {
    // Reports come in the order of the runs; each is sent before its run's end frame, but on another pipe.
    const pending = this.#pending.find((run) => run.spec.judge !== undefined && run.report === null);
    if (pending === undefined) return;
    pending.report = readReport(body);
    this.#settle(pending);
  }

  #settle(pending: Pending): void {
    const { end, spec } = pending;
    const judged = spec.judge !== undefined;
    if (end === null || pending !== this.#pending[0]) return;
    const stuck = judged && end.cause === CAUSE.judgeStuck;
    if (judged && pending.report === null && !stuck) return;
    this.#pending.shift();
    this.runs += 1;
    clearTimeout(this.#watchdog);
    const stdout = Buffer.concat(pending.stdout);
    const stderr = Buffer.concat(pending.stderr);
    const loadError = pending.report?.loadError ?? null;
    const judge: JudgeReport | null = pending.report;
    const { limits } = spec;
    const { compileError } = pending;
    const mayBeKilled = end.cause === CAUSE.finished && (!judged || judge?.firstFailure?.outcome === "died");
    if (mayBeKilled && (end.status & 0x7f) === SIGKILL && this.#memory?.hasKilled() === true) end.cause = CAUSE.memory;
    pending.resolve({
      ...classify({ end, limits, compileError, stderr, judged, report: judge, loadError }),
      stdout,
      stderr,
      usage: { cpuMs: end.cpuMs, wallMs: end.wallMs, peakMemoryKb: end.peakMemoryKb },
      judge,
      files: pending.files,
    });
    if (stuck || end.dirty) {
      // The next run, if there is one, has not touched anything yet.
      for (const waiting of this.#pending.splice(0)) waiting.resolve(null);
      this.fail(stuck ? "the judge was stuck" : "the cell could not be emptied");
      return;
    }
    const next = this.#pending.at(0);
    if (next === undefined) return;
    this.#watch(next);
    this.#settle(next);
  }
}

const EMPTY = new Uint8Array();
const SIGKILL = constants.signals.SIGKILL;

const descriptions = new WeakMap<Judge, { readonly allTests: boolean; readonly message: Buffer }>();

/** A judge as its process reads it; a key lets that process keep what it has compiled. */
function describeJudge(judge: Judge, allTests: boolean): Buffer {
  const known = descriptions.get(judge);
  if (known?.allTests === allTests) return known.message;
  const description = Buffer.from(JSON.stringify(judge));
  const message = encodeJudgement(createHash("sha256").update(description).digest("base64"), description, allTests);
  // Large ones are worth keeping; a problem with many small ones, each for one test, is not.
  if (judge.countAssertions || judge.checks.length > 1) descriptions.set(judge, { allTests, message });
  return message;
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
function memoryExceeded(): RunResult {
  return { ...infrastructureError("the memory of its cell was used up"), ending: "memory_limit" };
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

function withResolvers(): PromiseWithResolvers {
  let resolve!: () => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
