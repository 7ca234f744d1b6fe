import type { Limits, RunFile } from "./contract.js";

/** The wire between host and warden; `sandboxes/warden/serving.py` is its other end. All numbers are little-endian. */
export const RUN_KIND = { script: 1, judged: 2, command: 3 } as const;
export const RUN_FLAG = {
  ...{ isCompiled: 1, wantsCompiled: 2, wallIsFinal: 4, hasFiles: 8, fetches: 16 },
  ...{ mayFork: 32, countsTouched: 64, keeps: 128, isLive: 256, holdsForm: 512, hasSameForm: 1024 },
} as const;
export const FRAME = {
  hello: 0,
  compiled: 1,
  compileError: 2,
  stdout: 3,
  stderr: 4,
  end: 5,
  fault: 6,
  wallReached: 7,
  file: 8,
} as const;
export const CAUSE = { finished: 0, cpuTime: 1, wallTime: 2, output: 3, judgeStuck: 4, memory: 5 } as const;

const HEADER_BYTES = 76;
const END_BYTES = 30;
/** No message that is meant comes near; one that claims to be larger would only fill the memory. */
const LARGEST_MESSAGE = 1 << 28;

/**
 * The fixed-size header of one run. On the same pipe follow the program, its input, with `hasFiles` its arguments and
 * files (`encodeFiles`), and with `fetches` the paths that are wanted back (`encodePaths`).
 */
export function encodeRunHeader(
  kind: number,
  flags: number,
  programBytes: number,
  stdinBytes: number,
  limits: Limits,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("run:", 0, "latin1");
  header.writeUInt8(kind, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt32LE(programBytes, 8);
  const wide = [
    stdinBytes,
    limits.cpuMs,
    limits.wallMs,
    limits.memoryKb,
    limits.outputBytes,
    limits.fileBytes,
    limits.stackKb,
  ];
  wide.forEach((value, index) => header.writeBigUInt64LE(BigInt(Math.round(value)), 12 + 8 * index));
  header.writeUInt32LE(limits.openFiles, 68);
  header.writeUInt32LE(limits.processes, 72);
  return header;
}

/** Arguments, then files, with their numbers and lengths; `files` have paths in plain form. */
export function encodeFiles(args: readonly string[], files: readonly RunFile[]): Buffer[] {
  const parts = [number32(args.length), number32(files.length)];
  for (const argument of args) parts.push(...withLength(argument));
  for (const { path, content } of files) {
    parts.push(...withLength(path), number32(content.byteLength));
    parts.push(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
  }
  return parts;
}

/** Paths in plain form, with how large a file may be and how much all of them, in bytes. */
export function encodePaths(paths: readonly string[], fileBytes: number, allBytes: number): Buffer {
  const most = Math.round(Math.min(fileBytes, allBytes));
  return Buffer.concat([number32(paths.length), number32(most), number32(allBytes), ...paths.flatMap(withLength)]);
}

/** Words, each with its length, behind their number. */
export function encodeWords(words: readonly string[]): Buffer {
  return Buffer.concat([number32(words.length), ...words.flatMap(withLength)]);
}

/** What is kept of a compiler's work: how much at most, in bytes, and the patterns. */
export function encodeKept(patterns: readonly string[], bytes: number): Buffer {
  return Buffer.concat([number32(bytes), encodeWords(patterns)]);
}

function withLength(text: string): [Buffer, Buffer] {
  const content = Buffer.from(text);
  return [number32(content.length), content];
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** A piece of what a live run reads from stdin; an empty one is its end. */
export function encodeInput(content: Uint8Array): Buffer[] {
  return [number32(content.length), Buffer.from(content.buffer, content.byteOffset, content.byteLength)];
}

/** Follows on the last piece: the host sends no more, and where the run still goes on it is to be ended. */
export const INPUT_OVER: Uint8Array = number32(0xffffffff);

/** What the warden knows at the end of a run. */
export interface EndReport {
  /** As `wait` gives it. */
  readonly status: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakMemoryKb: number;
  /** One of `CAUSE`; the host knows of two that the warden does not. */
  readonly cause: number;
  /** Something was left behind that would not go away. */
  readonly dirty: boolean;
}

/** @throws RangeError for bytes that are no report of an end */
export function decodeEnd(content: Buffer): EndReport {
  const cause = content.readUInt8(28);
  if (content.length !== END_BYTES || cause > CAUSE.memory) throw new RangeError("an end that cannot be read");
  return {
    status: content.readInt32LE(0),
    cpuMs: Number(content.readBigUInt64LE(4)) / 1000,
    wallMs: Number(content.readBigUInt64LE(12)) / 1000,
    peakMemoryKb: Number(content.readBigUInt64LE(20)),
    cause,
    dirty: content.readUInt8(29) !== 0,
  };
}

/** The message by which a judge learns what to do: lengths, key, description. */
export function encodeJudgement(key: string, description: Buffer, allTests: boolean): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(Buffer.byteLength(key), 0);
  head.writeUInt32LE(description.length, 4);
  head.writeUInt8(allTests ? 1 : 0, 8);
  return Buffer.concat([head, Buffer.from(key), description]);
}

/** Cuts a byte stream into messages; `push` throws for one that is too large. `headBytes` bytes come first; `measure` reads from them how many follow. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(
    private readonly headBytes: number,
    private readonly measure: (head: Buffer) => number,
    private readonly onMessage: (head: Buffer, body: Buffer) => void,
  ) {}

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (;;) {
      if (this.#size < this.headBytes) return;
      const first = this.#chunks[0];
      const head = first !== undefined && first.length >= this.headBytes ? first : this.#join();
      const length = this.measure(head);
      if (length > LARGEST_MESSAGE) throw new RangeError(`a message of ${length} bytes`);
      const total = this.headBytes + length;
      if (this.#size < total) return;
      const data = this.#join();
      this.#size -= total;
      this.#chunks = this.#size > 0 ? [data.subarray(total)] : [];
      this.onMessage(data.subarray(0, this.headBytes), data.subarray(this.headBytes, total));
    }
  }

  #join(): Buffer {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}
