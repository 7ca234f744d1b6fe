/** Random numbers that only depend on the seed: mulberry32 (Tommy Ettinger, public domain), 32 bits of state. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not give neighbouring streams.
    this.#state = mix(mix(seed >>> 0) ^ Math.floor(seed / 2 ** 32));
  }

  /** From 0 up to, but not with, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, but not with, `below`. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(from: readonly T[]): T {
    const item = from[this.below(from.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  /** Exponentially distributed with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.next());
  }

  /** Puts the items into another order, in place. */
  shuffle(items: number[] | Uint32Array): void {
    for (let at = items.length - 1; at > 0; at--) {
      const other = this.below(at + 1);
      const item = items[at] ?? 0;
      items[at] = items[other] ?? 0;
      items[other] = item;
    }
  }
}

/** A 32-bit hash in which every bit of the input counts (the end of MurmurHash3). */
export function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash of a sequence that begins with what `hash` stands for and goes on with `value`. */
export function extend(hash: number, value: number): number {
  return mix(Math.imul(hash, 31) + value + 0x9e3779b9);
}

export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix(hash);
}
