import type { Expression } from "./expression.js";
import * as polynomial from "./polynomial.js";
import type { Polynomial } from "./polynomial.js";
import { equalRationals, invertRational, makeRational, multiplyRationals, NoExactValue, ONE } from "./rational.js";
import { raiseRational, type Rational } from "./rational.js";

/** A quotient of two polynomials. The bottom is never 0; where it was one term it is 1. */
export interface ExactValue {
  readonly top: Polynomial;
  readonly bottom: Polynomial;
}

const UNIT = polynomial.constant(ONE);
const LARGEST_FACTORIAL = 170n;
/** Highest power of a sum that is multiplied out. */
const HIGHEST_POWER = 24n;

/**
 * The exact value of a formula. Functions are not evaluated: each call is an atom, known by its exact parameters.
 *
 * @throws NoExactValue for a division by 0 and for values too large to be worth computing
 */
export function evaluate(expression: Expression): ExactValue {
  switch (expression.kind) {
    case "number":
      return whole(polynomial.constant(expression.value));
    case "symbol":
      return whole(polynomial.atom(expression.name));
    case "sum":
      return expression.terms.map(evaluate).reduce(addValues);
    case "product":
      return expression.factors.map(evaluate).reduce(multiplyValues);
    case "quotient":
      return multiplyValues(evaluate(expression.top), invert(evaluate(expression.bottom)));
    case "power":
      return raise(evaluate(expression.base), evaluate(expression.exponent));
    case "root":
      return takeRoot(evaluate(expression.radicand), expression.degree);
    case "call":
      return call(expression.name, expression.parameters.map(evaluate));
  }
}

/** The exact value, or null where there is none. */
export function evaluateOrNull(expression: Expression): ExactValue | null {
  try {
    return evaluate(expression);
  } catch (error) {
    if (error instanceof NoExactValue) return null;
    throw error;
  }
}

/** Whether two values are the same. True is a proof; false may also mean that nothing was found out. */
export function isSame(a: ExactValue, b: ExactValue): boolean {
  return subtract(polynomial.multiply(a.top, b.bottom), polynomial.multiply(b.top, a.bottom)).size === 0;
}

/** Whether one value is the other times a number other than 0, as the two sides of an equation may be. */
export function isMultiple(a: ExactValue, b: ExactValue): boolean {
  const [left, right] = [polynomial.multiply(a.top, b.bottom), polynomial.multiply(b.top, a.bottom)];
  const [key, term] = [...left][0] ?? ["", null];
  const other = right.get(key);
  if (term === null || other === undefined) return false;
  const ratio = multiplyRationals(other.coefficient, invertRational(term.coefficient));
  return subtract(polynomial.scale(left, ratio), right).size === 0;
}

/** The value as a fraction, or null when it is none (or is not known to be one). */
export function readRational({ top, bottom }: ExactValue): Rational | null {
  const [above, below] = [polynomial.readConstant(top), polynomial.readConstant(bottom)];
  return above === null || below === null ? null : multiplyRationals(above, invertRational(below));
}

export function addValues(a: ExactValue, b: ExactValue): ExactValue {
  if (a.bottom === b.bottom) return { top: polynomial.add(a.top, b.top), bottom: a.bottom };
  const top = polynomial.add(polynomial.multiply(a.top, b.bottom), polynomial.multiply(b.top, a.bottom));
  return { top, bottom: polynomial.multiply(a.bottom, b.bottom) };
}

export function multiplyValues(a: ExactValue, b: ExactValue): ExactValue {
  const top = polynomial.multiply(a.top, b.top);
  return top.size === 0 ? whole(top) : divide(top, polynomial.multiply(a.bottom, b.bottom));
}

export function negate(a: ExactValue): ExactValue {
  return { ...a, top: polynomial.scale(a.top, makeRational(-1n)) };
}

function whole(top: Polynomial): ExactValue {
  return { top, bottom: UNIT };
}

function invert({ top, bottom }: ExactValue): ExactValue {
  if (top.size === 0) throw new NoExactValue("division by 0");
  return divide(bottom, top);
}

function divide(top: Polynomial, bottom: Polynomial): ExactValue {
  if (bottom === UNIT) return whole(top);
  const inverse = polynomial.invertTerm(bottom);
  return inverse === null ? { top, bottom } : whole(polynomial.multiply(top, inverse));
}

function subtract(a: Polynomial, b: Polynomial): Polynomial {
  return polynomial.add(a, polynomial.scale(b, makeRational(-1n)));
}

function raise(base: ExactValue, exponent: ExactValue): ExactValue {
  const power = readRational(exponent);
  if (power === null) return whole(polynomial.atom(`(${nameOf(base)})^(${nameOf(exponent)})`));
  if (power.bottom === 1n) return raiseWhole(base, power.top);
  const number = readRational(base);
  // The root of a negative number is left alone: which one of them is meant differs.
  if (number !== null && number.top >= 0n && power.bottom <= 20n) {
    return raiseWhole(takeRoot(base, Number(power.bottom)), power.top);
  }
  if (power.bottom === 2n) return raiseWhole(takeRoot(base, 2), power.top);
  return whole(polynomial.atom(`(${nameOf(base)})^(${nameOf(exponent)})`));
}

function raiseWhole(base: ExactValue, exponent: bigint): ExactValue {
  const number = readRational(base);
  if (number !== null) {
    // Nobody agrees on 0^0.
    if (number.top === 0n && exponent <= 0n) throw new NoExactValue("0 to a power of 0 or less");
    return whole(polynomial.constant(raiseRational(number, exponent)));
  }
  if (exponent < 0n) return raiseWhole(invert(base), -exponent);
  const limit = base.top.size === 1 && base.bottom === UNIT ? 200n : HIGHEST_POWER;
  if (exponent > limit) throw new NoExactValue("too large");
  let result = whole(UNIT);
  for (let count = 0n; count < exponent; count++) result = multiplyValues(result, base);
  return result;
}

function takeRoot(radicand: ExactValue, degree: number): ExactValue {
  const number = readRational(radicand);
  if (number === null) return whole(polynomial.atom(`root${degree}(${nameOf(radicand)})`));
  if (number.top < 0n) {
    const positive = whole(polynomial.constant({ ...number, top: -number.top }));
    if (degree === 2) return multiplyValues(whole(polynomial.atom("i")), takeRoot(positive, 2));
    if (degree % 2 === 1) return negate(takeRoot(positive, degree));
    throw new NoExactValue("an even root of a negative number");
  }
  if (degree === 2) {
    // √(a/b) is √(ab)/b.
    const { outside, inside } = polynomial.splitSquare(number.top * number.bottom);
    const factor = whole(polynomial.constant(makeRational(outside, number.bottom)));
    return inside <= 1n ? factor : multiplyValues(factor, whole(polynomial.atom(`√${inside}`)));
  }
  const [top, bottom] = [findRoot(number.top, degree), findRoot(number.bottom, degree)];
  if (top !== null && bottom !== null) return whole(polynomial.constant(makeRational(top, bottom)));
  const { outside, inside } = splitPower(number.top, degree);
  const atom = polynomial.atom(`root${degree}(${inside}/${number.bottom})`);
  return multiplyValues(whole(polynomial.constant(makeRational(outside))), whole(atom));
}

/** The whole root of a number, or null when it has none that is found. */
function findRoot(number: bigint, degree: number): bigint | null {
  const guess = BigInt(Math.round(Math.min(Number(number), 1e300) ** (1 / degree)));
  return guess < 10n ** 15n && guess ** BigInt(degree) === number ? guess : null;
}

function splitPower(number: bigint, degree: number): { outside: bigint; inside: bigint } {
  let [outside, inside] = [1n, number];
  for (let factor = 2n; factor <= 200n; factor++) {
    for (const power = factor ** BigInt(degree); inside % power === 0n && inside > 0n; inside /= power)
      outside *= factor;
  }
  return { outside, inside };
}

function call(name: string, parameters: readonly ExactValue[]): ExactValue {
  const numbers = parameters.map(readRational);
  const [first, second] = numbers;
  if (name === "abs" && first != null) {
    return whole(polynomial.constant(first.top < 0n ? { ...first, top: -first.top } : first));
  }
  if (name === "!" && first?.bottom === 1n) return whole(polynomial.constant(makeRational(factorial(first.top))));
  if (name === "binom" && first?.bottom === 1n && second?.bottom === 1n) {
    return whole(polynomial.constant(makeRational(binomial(first.top, second.top))));
  }
  if ((name === "ln" || name === "log") && first !== undefined && first !== null && equalRationals(first, ONE)) {
    return whole(polynomial.constant(makeRational(0n)));
  }
  return whole(polynomial.atom(`${name}(${parameters.map(nameOf).join(",")})`));
}

function factorial(number: bigint): bigint {
  if (number < 0n || number > LARGEST_FACTORIAL) throw new NoExactValue("too large");
  let result = 1n;
  for (let factor = 2n; factor <= number; factor++) result *= factor;
  return result;
}

function binomial(n: bigint, k: bigint): bigint {
  if (n < 0n || n > 1000n || k < 0n || k > n) throw new NoExactValue("too large");
  let result = 1n;
  for (let step = 1n; step <= k; step++) result = (result * (n - step + 1n)) / step;
  return result;
}

/** Different values may have one name only if they are the same; the same value may have several names. */
function nameOf({ top, bottom }: ExactValue): string {
  return bottom === UNIT ? polynomial.nameOf(top) : `(${polynomial.nameOf(top)})/(${polynomial.nameOf(bottom)})`;
}
