import { describe, it } from "vitest";

import { freezeCells, freezeCellsForGood } from "./cells-frozen.js";
import { FAKETIME, stepClock } from "./clock-stepped.js";
import { exhaustDescriptors } from "./descriptors-out.js";
import { fillDisk, mayMount } from "./disk-full.js";
import { DRILL_MS, useDrill } from "./drill.js";
import { oversubscribe } from "./machine-busy.js";
import { ROUNDS } from "./mixed-list.js";
import { killWardens } from "./wardens-killed.js";

const drill = useDrill();
const LONG = ROUNDS > 1;

/** In a long drill, says what came of it. */
async function tell(what: string, figures: Promise<object>): Promise<void> {
  const found = JSON.stringify(await figures);
  if (LONG) console.info(`drill of ${drill.samples} samples: ${what}: ${found}`);
}

describe("whatever befalls a grading, a verdict is right or missing, no sample is lost and none is graded twice", () => {
  it("wardens killed at random", () => tell("wardens killed", killWardens(drill)), DRILL_MS);
  it("cells frozen and continued", () => tell("frozen", freezeCells(drill, LONG ? 20_000 : 500)), DRILL_MS);
  it.skipIf(!LONG)("cells frozen for good", () => tell("frozen for good", freezeCellsForGood(drill)), 10 * DRILL_MS);
  it.skipIf(!mayMount())("a disk that is full", () => tell("disk full", fillDisk(drill)), DRILL_MS);
  it("no descriptors left", () => tell("descriptors", exhaustDescriptors(drill)), DRILL_MS);
  it.skipIf(FAKETIME === undefined)("a clock that leaps", () => tell("clock", stepClock(drill)), DRILL_MS);
  it.skipIf(!LONG)(
    "a machine with 16 times the work it can do",
    () => tell("busy", oversubscribe(drill)),
    10 * DRILL_MS,
  );
});
