import { constants } from "node:buffer";
import { inflateSync } from "node:zlib";

/** Bytes that are no pickle of one text: damaged, or a pickle of something else. */
export class PickleError extends Error {
  override readonly name = "PickleError";
}

/**
 * The text that base64 of zlib of a Python pickle holds, as LiveCodeBench packs its private tests. No pickle is ever
 * executed: the few instructions by which Python writes one text, or a dict with the one entry `input_output` that is
 * a text, are read here, and whatever holds another instruction is refused.
 *
 * @throws PickleError
 */
export function readPackedText(base64: string): string {
  const packed = base64.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) throw new PickleError("no base64");
  let pickle: Buffer;
  try {
    pickle = inflateSync(Buffer.from(packed, "base64"), { maxOutputLength: constants.MAX_STRING_LENGTH });
  } catch (error) {
    throw new PickleError(`no zlib data (${error instanceof Error ? error.message : String(error)})`);
  }
  return readPickledText(pickle);
}

const OP = {
  proto: 0x80,
  frame: 0x95,
  shortText: 0x8c,
  text: 0x58,
  longText: 0x8d,
  memoize: 0x94,
  put: 0x71,
  longPut: 0x72,
  emptyDict: 0x7d,
  setItem: 0x73,
  stop: 0x2e,
} as const;

/**
 * The text of a pickle of exactly that shape, see `readPackedText`. Protocols 2 to 5.
 * @throws PickleError
 */
export function readPickledText(pickle: Buffer): string {
  const reader = new Reader(pickle);
  if (reader.takeByte() !== OP.proto) throw new PickleError("no pickle of protocol 2 to 5");
  const protocol = reader.takeByte();
  if (protocol < 2 || protocol > 5) throw new PickleError("no pickle of protocol 2 to 5");
  const isDict = reader.takeIf(OP.emptyDict);
  if (isDict) {
    reader.skipMemo();
    const key = reader.takeText();
    if (key !== "input_output") throw new PickleError(`a dict with the key ${JSON.stringify(key.slice(0, 40))}`);
  }
  const text = reader.takeText();
  if (isDict && !reader.takeIf(OP.setItem)) throw new PickleError("a dict with more than one entry");
  if (!reader.takeIf(OP.stop) || !reader.atEnd) throw new PickleError("more than one text");
  return text;
}

class Reader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  get atEnd(): boolean {
    return this.#at === this.bytes.length;
  }

  takeByte(): number {
    return this.#take(1).readUInt8();
  }

  /** Goes past the next instruction when it is `op`. */
  takeIf(op: number): boolean {
    this.#skipFrame();
    if (this.bytes[this.#at] !== op) return false;
    this.#at += 1;
    return true;
  }

  /** A text, and that Python remembers it. */
  takeText(): string {
    let length: number;
    if (this.takeIf(OP.shortText)) length = this.takeByte();
    else if (this.takeIf(OP.text)) length = this.#take(4).readUInt32LE();
    else if (this.takeIf(OP.longText)) length = Number(this.#take(8).readBigUInt64LE());
    else throw new PickleError("something other than a text");
    const text = this.#take(length).toString("utf8");
    this.skipMemo();
    return text;
  }

  skipMemo(): void {
    if (this.takeIf(OP.memoize)) return;
    if (this.takeIf(OP.put)) this.#take(1);
    else if (this.takeIf(OP.longPut)) this.#take(4);
  }

  /** Frames only say how many bytes belong together. */
  #skipFrame(): void {
    if (this.bytes[this.#at] !== OP.frame) return;
    this.#at += 1;
    this.#take(8);
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.bytes.length) throw new PickleError("the data ends too early");
    const taken = this.bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
