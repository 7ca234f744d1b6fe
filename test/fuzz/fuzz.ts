import { setImmediate as breathe, setTimeout as pause } from "node:timers/promises";
import { it } from "vitest";

import { Random } from "./random.js";

const SECONDS = Number(process.env.ASSAY_FUZZ_SECONDS ?? 0);
const SEED = Number(process.env.ASSAY_FUZZ_SEED ?? 1);
/** A case that takes longer hangs, on however busy a machine. */
const HANGS_MS = 120_000;
const ONLY = process.env.ASSAY_FUZZ_CASE === undefined ? null : Number(process.env.ASSAY_FUZZ_CASE);

/**
 * A fuzzer as a test: `tryCase` throws where a promise is broken. Without a time budget the first `slice` cases are
 * tried, the same each time. `ASSAY_FUZZ_SECONDS` goes on for that long, `ASSAY_FUZZ_SEED` draws other cases, and
 * `ASSAY_FUZZ_CASE` tries a single one again, as the message of a broken one says.
 */
export function fuzz(name: string, slice: number, tryCase: (random: Random, number: number) => void | Promise<void>) {
  it(
    name,
    async () => {
      const begun = performance.now();
      const goesOn = (tried: number): boolean =>
        SECONDS > 0 ? performance.now() - begun < 1000 * SECONDS : tried < slice;
      let tried = 0;
      let breathed = begun;
      for (let number = ONLY ?? 0; ONLY === null ? goesOn(tried) : tried === 0; number++, tried++) {
        try {
          await inTime(tryCase(new Random(SEED * 1_000_003 + Math.imul(number, 0x9e3779b1)), number));
        } catch (error) {
          const again = `ASSAY_FUZZ_SEED=${SEED} ASSAY_FUZZ_CASE=${number}`;
          const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
          throw new Error(`case ${number} (again with ${again}): ${what}`, { cause: error });
        }
        // The test runner speaks on this thread too.
        if (performance.now() - breathed > 50) {
          await breathe();
          breathed = performance.now();
        }
      }
      if (SECONDS > 0) console.info(`${name}: ${tried} cases in ${SECONDS} s, seed ${SEED}, all held`);
    },
    2 * HANGS_MS + 2000 * SECONDS,
  );
}

async function inTime(work: void | Promise<void>): Promise<void> {
  const over = new AbortController();
  const alarm = pause(HANGS_MS, undefined, { signal: over.signal }).then(
    () => Promise.reject(new Error("it hangs")),
    () => undefined,
  );
  try {
    await Promise.race([work, alarm]);
  } finally {
    over.abort();
  }
}
