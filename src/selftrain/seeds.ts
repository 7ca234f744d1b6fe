import { createHash } from "node:crypto";

/** Room between the seeds of two problems: sample s of a problem has its problem's seed plus s. */
const SEEDS_A_PROBLEM = 2 ** 16;
const BASES = 2 ** 15;

/**
 * The seed of a problem's first sample, a multiple of 65,536 below 2^31. A server that adds the index of a choice to
 * the seed of its request (vLLM does) then draws the same samples however they are split into requests.
 */
export function seedOfProblem(runSeed: number, iteration: number, purpose: string, taskId: string): number {
  return (hashOf(runSeed, iteration, purpose, taskId).readUInt32BE(0) % BASES) * SEEDS_A_PROBLEM;
}

/** A stream of numbers from 0 up to 1, the same for the same names. */
export function createRandom(...names: readonly (string | number)[]): () => number {
  // SplitMix32 over a hashed seed; its 2^32 numbers are more than any run draws.
  let state = hashOf(...names).readUInt32BE(0);
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A copy in random order (Fisher and Yates). */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}

function hashOf(...names: readonly (string | number)[]): Buffer {
  return createHash("sha256").update(JSON.stringify(names)).digest();
}
