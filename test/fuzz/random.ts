/** Random choices that a seed brings back. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to 2^32 - 1: the splitmix32 generator. */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** An integer from 0 to `end` - 1. */
  below(end: number): number {
    return Math.floor((this.bits() / 2 ** 32) * end);
  }

  /** True in one of `outOf` cases. */
  once(outOf: number): boolean {
    return this.below(outOf) === 0;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("there is nothing to pick from");
    return items[this.below(items.length)] as T;
  }

  /** An integer from 0 on: mostly small, now and then up to `most`. */
  size(most: number): number {
    return Math.floor(most ** (this.bits() / 2 ** 32)) - (this.once(2) ? 1 : 0);
  }

  many<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }
}

/** Changes some bytes: flipped, cut out, doubled, put in, cut off. */
export function damage(random: Random, original: Uint8Array): Buffer<ArrayBuffer> {
  let bytes: Buffer<ArrayBuffer> = Buffer.from(original);
  for (let change = 0; change <= random.below(4); change++) {
    const at = random.below(bytes.length + 1);
    const end = Math.min(bytes.length, at + 1 + random.size(64));
    const [before, hit, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
    switch (random.below(6)) {
      case 0:
        bytes = Buffer.concat([before, Buffer.from(hit.map((byte) => byte ^ (1 << random.below(8)))), after]);
        break;
      case 1:
        bytes = Buffer.concat([before, after]);
        break;
      case 2:
        bytes = Buffer.concat([before, hit, hit, after]);
        break;
      case 3:
        bytes = Buffer.concat([
          before,
          Buffer.from(random.many(1 + random.size(16), () => random.below(256))),
          hit,
          after,
        ]);
        break;
      case 4:
        bytes = Buffer.concat([before, Buffer.alloc(hit.length, random.pick([0, 0xff, 0x22, 0x5b])), after]);
        break;
      default:
        if (random.once(3)) bytes = Buffer.from(before);
    }
  }
  return bytes;
}

/** The same for a text, in UTF-16 units, with words that mean something to whoever reads it. */
export function damageText(random: Random, original: string, words: readonly string[]): string {
  let text = original;
  for (let change = 0; change <= random.below(5); change++) {
    const at = random.below(text.length + 1);
    const end = Math.min(text.length, at + random.size(400));
    const [before, hit, after] = [text.slice(0, at), text.slice(at, end), text.slice(end)];
    switch (random.below(6)) {
      case 0:
        text = before + after;
        break;
      case 1:
        text = before + hit + hit + after;
        break;
      case 2:
        text = before + random.pick(words) + hit + after;
        break;
      case 3:
        text = before + random.pick(words) + after;
        break;
      case 4:
        text = before + String.fromCharCode(random.below(random.pick([0x80, 0x3000, 0x10000]))) + hit + after;
        break;
      default:
        if (random.once(3)) text = before;
    }
  }
  return text;
}
