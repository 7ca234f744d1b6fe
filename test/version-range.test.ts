import { describe, expect, it } from "vitest";

import { isInRange } from "../src/server/version-range.js";

describe("isInRange", () => {
  it.each([
    ["*", true],
    ["x", true],
    ["3", true],
    ["3.x", true],
    ["3.11", true],
    ["3.11.2", true],
    ["v3.11.2", true],
    ["=3.11.2", true],
    ["^3.8", true],
    ["^3.11.3", false],
    ["~3.11", true],
    ["~3.11.1", true],
    ["~3.10.0", false],
    [">=3.8 <4", true],
    [">= 3.8", true],
    [">3.11", false],
    [">3.10", true],
    ["<3.11", false],
    ["<=3.11", true],
    ["3.8 - 3.12", true],
    ["3.12 - 3.13", false],
    ["2.7 || 3.11.2", true],
    ["2.7.18", false],
    ["3.10.0", false],
    ["latest", false],
    ["^0.0.3", false],
    ["3.11.2.1", false],
  ])("3.11.2 in %j: %j", (range, expected) => {
    expect(isInRange("3.11.2", range)).toBe(expected);
  });

  it.each([
    ["^0.2.3", "0.2.9", true],
    ["^0.2.3", "0.3.0", false],
    ["^0.0.3", "0.0.4", false],
    ["^0", "0.9.1", true],
  ])("a caret keeps the first number that is not zero: %s, %s", (range, version, expected) => {
    expect(isInRange(version, range)).toBe(expected);
  });
});
