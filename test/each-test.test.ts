import { describe, expect, it } from "vitest";

import { splitTests } from "../src/server/routers/each-test.js";
import { makeProblem } from "./cli-fakes.js";

/** Counts how often its cases are unpacked. */
function makePacked(parts: object, listed: readonly object[]) {
  const packed = { asked: 0, tests: {} };
  packed.tests = {
    ...parts,
    get cases() {
      packed.asked += 1;
      return listed;
    },
  };
  return packed;
}

describe("a problem whose cases are unpacked when asked for", () => {
  it.each([
    ["stdin", { kind: "stdin" }, ["1", "2", "3"].map((input) => ({ input, output: input }))],
    ["calls", { kind: "calls", functionName: "f" }, ["[1]", "[2]", "[3]"].map((args) => ({ args, expected: "1" }))],
  ])("is split into one for each case by unpacking once (%s)", (_kind, parts, listed) => {
    const packed = makePacked(parts, listed);
    const problem = makeProblem("packed", { tests: packed.tests as never });
    const split = splitTests(problem).map(({ tests }) => tests);
    expect(split).toEqual(listed.map((one) => ({ ...parts, cases: [one] })));
    expect(packed.asked).toBe(1);
  });
});
