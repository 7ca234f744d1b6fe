import type { Readable, Writable } from "node:stream";

import { execa } from "execa";

import type { Limits, RunResult, RunSpec } from "./contract.js";
import { makeJail } from "./jail.js";
import { COMMANDS, FIRST_INPUT, type JailCommand, type Tier } from "./jail-parts.js";
import { groupPlace, MemoryGroup } from "./memory-groups.js";
import { JAVASCRIPT, NODE_KB } from "./javascript.js";
import { endGrownIsolates, endGroupOveruse, endOveruse, LOOK_EVERY_MS } from "./overuse.js";
import { childrenOf, findCandidate, killWarden, requireDescriptors, wardensWaitMs } from "./processes.js";
import type { LoadedProgram } from "./programs.js";
import { decodeEnd, encodeInput, FRAME, INPUT_OVER, MessageReader } from "./protocol.js";
import { readReport } from "./report.js";
import { describeJudge, encodeRequest, formOf, isFormHeld } from "./request.js";
import { infrastructureError, memoryExceeded, Running } from "./running.js";

const START_LIMIT_MS = 30_000;
/** How far the warden stretches a wall limit for a program that waits for a processor; see warden.py. */
const WALL_AT_MOST = 20;
/** What a run may take beyond that before the cell itself is taken for dead. */
const GRACE_MS = 30_000;
/** What starting a process takes beside its pipes. */
const OTHER_DESCRIPTORS = 8;

/** One jail that is up, with a warden inside. Runs are carried out one after the other. */
export class Cell {
  /** False once the cell must not be given another program. */
  usable = true;
  runs = 0;
  runtime = "";
  readonly #pending: Running[] = [];
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
  /** Runs that are not sent yet: nothing may follow a live one until its input is over. */
  readonly #held: Running[] = [];
  /** What the warden holds of a program. */
  #heldForm: Buffer | null = null;

  private constructor(
    readonly kind: string,
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
    command.inputs.forEach((content, position) => (streams[FIRST_INPUT + position] as Writable).end(content));

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

  /** Starts a cell with the warden of that folder. Rejects with an Error that says why it did not come up. */
  static async start(kind: string, features: readonly string[], index: number, tier: Tier): Promise<Cell> {
    const command = await makeJail(tier, kind, index, features);
    try {
      // Each pipe takes two for a moment.
      requireDescriptors(2 * (FIRST_INPUT + command.inputs.length) + OTHER_DESCRIPTORS);
    } catch (error) {
      await command.cleanUp();
      throw error;
    }
    const cell = new Cell(kind, features, command);
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
   * Runs a program once, whose files and paths have been checked. Never rejects: a cell that fails during the run gives
   * `infrastructure_error`, one that was given up before the run began gives null.
   */
  run(program: LoadedProgram, spec: RunSpec): Promise<RunResult | null> {
    if (!this.usable) return Promise.resolve(null);
    return new Promise((resolve) => {
      const running = new Running(program, spec, resolve);
      const isHeld = this.#pending.some(({ spec: { live } }) => live !== undefined);
      this.#pending.push(running);
      if (this.#pending.length === 1) this.#watch(running);
      if (isHeld) this.#held.push(running);
      else this.#send(running);
      if (this.#pending[0] === running) this.#beginLive(running);
    });
  }

  #beginLive(running: Running): void {
    const { live } = running.spec;
    if (live === undefined) return;
    const write = (parts: readonly Uint8Array[]): void => {
      if (running.isInputOver || !this.usable) return;
      for (const part of parts) this.#requests.write(part);
    };
    const end = (): void => {
      write([INPUT_OVER]);
      running.isInputOver = true;
    };
    running.endInput = end;
    live.begun({
      write: (chunk) => {
        if (chunk.length > 0) write(encodeInput(chunk));
      },
      close: () => {
        write(encodeInput(new Uint8Array()));
      },
      end,
    });
  }

  /** Sends what waited for the end of a live run, up to the next live one. */
  #sendHeld(): void {
    for (let next = this.#held.shift(); next !== undefined; next = this.#held.shift()) {
      this.#send(next);
      if (next.spec.live !== undefined) return;
    }
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
    // A process that could not be started must not be killed: Node would send the signal to pid 0, our whole group.
    if (pid === undefined) return;
    if (!killWarden(pid)) this.#process.kill("SIGKILL");
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

  #send({ spec, program }: Running): void {
    const ownKb = this.kind === JAVASCRIPT ? NODE_KB : 0;
    this.#memory?.limit(spec.limits.memoryKb + ownKb, this.#pending.length > 1);
    if (spec.judge !== undefined) this.#judgeRequests.write(describeJudge(spec.judge, spec.allTests === true));
    const [first, ...rest] = encodeRequest(program, spec, this.#heldForm);
    if (isFormHeld(program, spec)) this.#heldForm = formOf(program);
    this.#requests.write(first);
    if (rest.length === 0) return;
    this.#requests.cork();
    for (const part of rest) this.#requests.write(part);
    this.#requests.uncork();
  }

  #watch({ spec }: Running): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(
      () => this.fail("the cell did not answer in time"),
      WALL_AT_MOST * spec.limits.wallMs + GRACE_MS,
    ).unref();
    this.#lookout ??= this.#lookOut();
  }

  /** Looks at runs that last, for as long as there are any. */
  #lookOut(): NodeJS.Timeout {
    let before: Running | undefined;
    return setInterval(() => {
      const [run] = this.#pending;
      const { pid } = this.#process;
      if (run !== undefined && pid !== undefined) run.wardensWaitMs ??= this.#wardensWaitMs(pid);
      if (run === undefined) {
        clearInterval(this.#lookout);
        this.#lookout = undefined;
      } else if (run === before && pid !== undefined) {
        // The next run may just have begun, so none may have less than what is gone by here.
        const most = (limit: "memoryKb" | "processes" | "cpuMs") =>
          Math.max(...this.#pending.map(({ spec }) => spec.limits[limit]));
        this.#endOveruse(pid, { memoryKb: most("memoryKb"), processes: most("processes"), cpuMs: most("cpuMs") });
      }
      before = run;
    }, LOOK_EVERY_MS).unref();
  }

  #endOveruse(pid: number, limits: Pick<Limits, "memoryKb" | "processes" | "cpuMs">): void {
    const end = { [COMMANDS]: endGroupOveruse, [JAVASCRIPT]: endGrownIsolates }[this.kind] ?? endOveruse;
    const cause = end(pid, limits) ?? null;
    // It counts only for a run that was killed.
    if (cause !== null) for (const running of this.#pending) running.overuse ??= cause;
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
    const running = this.#pending.find(({ hasEnded }) => !hasEnded);
    if (kind === FRAME.fault || running === undefined) {
      this.fail(kind === FRAME.fault ? body.toString() : "the cell answered unasked");
      return;
    }
    switch (kind) {
      case FRAME.compiled:
        running.takeCompiled(body);
        break;
      case FRAME.compileError:
        running.compileError = body.toString();
        break;
      case FRAME.stdout:
        running.takeOutput("stdout", body);
        running.spec.live?.heard(body);
        break;
      case FRAME.stderr:
        running.takeOutput("stderr", body);
        break;
      case FRAME.file:
        running.takeFile(body);
        break;
      case FRAME.wallReached:
        this.#endSleeper(running, Number(body.readBigUInt64LE()) / 1000, body.readUInt32LE(8));
        break;
      case FRAME.end:
        running.takeEnd(decodeEnd(body));
        running.endInput?.();
        this.#settle(running);
        break;
      default:
        throw new Error(`an unknown frame (${kind})`);
    }
  }

  #wardensWaitMs(pid: number): number {
    return wardensWaitMs(pid, this.kind !== COMMANDS);
  }

  /** The wall limit is for programs that sleep. Waiting for a processor is not the program's doing and does not count. */
  #endSleeper(running: Running, elapsedMs: number, candidatePid: number): void {
    const { pid } = this.#process;
    const candidate = pid === undefined ? null : findCandidate(pid, candidatePid);
    if (pid === undefined || candidate === null) return;
    // Nor is what it waited for those who read its output and ask for its answers, while they waited for a processor.
    const wardensMs = running.wardensWaitMs === null ? 0 : this.#wardensWaitMs(pid) - running.wardensWaitMs;
    if (elapsedMs - candidate.waitedMs() - wardensMs < running.spec.limits.wallMs) return;
    running.slept = true;
    candidate.kill();
  }

  #onReport(body: Buffer): void {
    // Reports come in the order of the runs; each is sent before its run's end frame, but on another pipe.
    const running = this.#pending.find(({ isJudged, report }) => isJudged && report === null);
    if (running === undefined) return;
    running.report = readReport(body);
    this.#settle(running);
  }

  #settle(running: Running): void {
    if (running !== this.#pending[0] || !running.isComplete) return;
    this.#pending.shift();
    this.runs += 1;
    clearTimeout(this.#watchdog);
    running.resolve(running.makeResult(() => this.#memory?.hasKilled() === true));
    if (running.isStuck || running.isDirty) {
      // The next run, if there is one, has not touched anything yet.
      for (const waiting of this.#pending.splice(0)) waiting.resolve(null);
      this.fail(running.isStuck ? "the judge was stuck" : "the cell could not be emptied");
      return;
    }
    if (running.spec.live !== undefined) this.#sendHeld();
    const next = this.#pending.at(0);
    if (next === undefined) return;
    this.#watch(next);
    this.#beginLive(next);
    this.#settle(next);
  }
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
