import { describe, expect, it } from "vitest";
import { approximate } from "../src/grading/mathematics/approximate.js";
import { evaluate, isMultiple, isSame, type ExactValue } from "../src/grading/mathematics/exact.js";
import { parseExpression } from "../src/grading/mathematics/parse.js";
import { makeRational, NoExactValue, parseDecimal, raiseRational } from "../src/grading/mathematics/rational.js";

/** A generator of numbers from 0 up to below `limit`, the same ones in every run. */
function chance(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function writeFormula(pick: (limit: number) => number, depth: number): string {
  const inner = () => writeFormula(pick, depth - 1);
  switch (depth === 0 ? pick(3) : pick(11)) {
    case 0:
    case 1:
      return String(1 + pick(6));
    case 2:
      return ["0.5", "1.5", "2", "12"][pick(4)] ?? "2";
    case 3:
      return `(${inner()}+${inner()})`;
    case 4:
      return `(${inner()}-${inner()})`;
    case 5:
      return `${inner()}\\cdot ${inner()}`;
    case 6:
      return `\\frac{${inner()}}{${inner()}}`;
    case 7:
      return `\\sqrt{${inner()}}`;
    case 8:
      return `(${inner()})^{${1 + pick(3)}}`;
    case 9:
      return `\\sqrt[3]{${inner()}}`;
    default:
      return `(${inner()})^{-1}`;
  }
}

function read(text: string): { value: ExactValue; near: number } | null {
  const expression = parseExpression(text);
  if (expression === null) throw new Error(`cannot read ${text}`);
  try {
    const near = approximate(expression);
    return near === null ? null : { value: evaluate(expression), near };
  } catch (error) {
    if (error instanceof NoExactValue) return null;
    throw error;
  }
}

describe("exact values", () => {
  it("of random formulas are never the same where the numbers are not", () => {
    const pick = chance(7);
    const all = Array.from({ length: 1500 }, () => writeFormula(pick, 3))
      .map((text) => ({ text, read: read(text) }))
      .flatMap(({ text, read }) => (read === null ? [] : [{ text, ...read }]));
    let same = 0;
    for (const [index, one] of all.entries()) {
      // Those near it in number are where a false yes would hide; the next few stand for all others.
      const others = all.filter(
        (other, at) => at > index && (at < index + 5 || Math.abs(other.near - one.near) < 1e-3),
      );
      for (const other of others) {
        if (!isSame(one.value, other.value)) continue;
        same += 1;
        const scale = Math.max(1, Math.abs(one.near));
        expect(Math.abs(one.near - other.near) / scale, `${one.text} and ${other.text}`).toBeLessThan(1e-6);
      }
    }
    expect(same).toBeGreaterThan(100);
  });

  it("survive being multiplied out", () => {
    const value = (text: string): ExactValue => {
      const read = parseExpression(text);
      if (read === null) throw new Error(text);
      return evaluate(read);
    };
    expect(isSame(value("(x+y)^3"), value("x^3+3x^2y+3xy^2+y^3"))).toBe(true);
    expect(isSame(value("(x+y)^3"), value("x^3+3x^2y+3xy^2-y^3"))).toBe(false);
    expect(isSame(value("\\frac{x}{x^2+x}"), value("\\frac{1}{x+1}"))).toBe(true);
    expect(isMultiple(value("2x-4"), value("x-2"))).toBe(true);
    expect(isMultiple(value("2x-4"), value("x-3"))).toBe(false);
  });

  it("refuse what is too large before computing it", () => {
    expect(() => raiseRational(makeRational(9n), 10n ** 30n)).toThrow(NoExactValue);
    expect(raiseRational(makeRational(-1n), 10n ** 30n)).toEqual(makeRational(1n));
    expect(parseDecimal("1e9999")).toBeNull();
    expect(() => makeRational(1n, 0n)).toThrow(NoExactValue);
  });
});
