import { approximate, type Point } from "./approximate.js";
import { readRational, type ExactValue } from "./exact.js";
import type { Expression } from "./expression.js";

/** Share of the larger value by which two may differ for no other reason than floating point. */
const NEAR = 1e-6;
/** Variables are looked at in two places, all of them positive. */
const POINTS: readonly Point[] = [pointFor(1), pointFor(2)];

interface Formula {
  readonly formula: Expression;
  readonly value: ExactValue | null;
}

/** Whether two formulas that were not found equal are surely different, so that nobody else need be asked. */
export function isDecided(one: Formula, other: Formula): boolean {
  if (one.value !== null && other.value !== null) {
    if (readRational(one.value) !== null && readRational(other.value) !== null) return true;
  }
  return POINTS.some((point) => {
    const [a, b] = [approximate(one.formula, point), approximate(other.formula, point)];
    return a !== null && b !== null && Math.abs(a - b) > NEAR * Math.max(Math.abs(a), Math.abs(b));
  });
}

/** A number between 0.5 and 2.5 for each name, always the same. */
function pointFor(seed: number): Point {
  return (name) => {
    let hash = 2166136261 ^ seed;
    for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 16777619);
    return 0.5 + (2 * (hash >>> 8)) / 2 ** 24;
  };
}
