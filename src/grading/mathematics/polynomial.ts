import { addRationals, makeRational, multiplyRationals, NoExactValue, ONE, type Rational } from "./rational.js";

/**
 * A sum of products of powers of atoms (`x`, `√2`, `i`, `sin(x)`, …) with exact coefficients, by the key of its product.
 * Atoms that stand for numbers are reduced (`i²` is -1, `√2·√3` is `√6`), so equal keys are equal values.
 */
export type Polynomial = ReadonlyMap<string, Term>;

export interface Term {
  readonly coefficient: Rational;
  /** Exponents by atom; none is 0. */
  readonly powers: ReadonlyMap<string, number>;
}

/** Most terms of a polynomial, and the highest power of an atom. */
const MOST_TERMS = 400;
const HIGHEST = 200;

/** An atom that is the square root of a whole number above 1. */
const ROOT = /^√(\d+)$/;

export function constant(value: Rational): Polynomial {
  return collect([{ coefficient: value, powers: new Map() }]);
}

export function atom(name: string): Polynomial {
  return collect([reduce({ coefficient: ONE, powers: new Map([[name, 1]]) })]);
}

export function add(a: Polynomial, b: Polynomial): Polynomial {
  return collect([...a.values(), ...b.values()]);
}

export function scale(a: Polynomial, factor: Rational): Polynomial {
  return collect(
    [...a.values()].map((term) => ({ ...term, coefficient: multiplyRationals(term.coefficient, factor) })),
  );
}

/** @throws NoExactValue when the product would be too large */
export function multiply(a: Polynomial, b: Polynomial): Polynomial {
  if (a.size * b.size > 50 * MOST_TERMS) throw new NoExactValue("too large");
  const terms: Term[] = [];
  for (const one of a.values()) for (const other of b.values()) terms.push(multiplyTerms(one, other));
  return collect(terms);
}

/** 1 / `a` where `a` is one term; null for a sum. */
export function invertTerm(a: Polynomial): Polynomial | null {
  const [term, more] = [...a.values()];
  if (term === undefined || more !== undefined) return null;
  const { top, bottom } = term.coefficient;
  const powers = new Map([...term.powers].map(([name, exponent]) => [name, -exponent]));
  return collect([reduce({ coefficient: makeRational(bottom, top), powers })]);
}

/** The value of a polynomial without atoms; null where there are some. */
export function readConstant(a: Polynomial): Rational | null {
  if (a.size === 0) return makeRational(0n);
  const [term] = a.values();
  return a.size === 1 && term?.powers.size === 0 ? term.coefficient : null;
}

/** The same text for the same polynomial. */
export function nameOf(a: Polynomial): string {
  const parts = [...a].sort(([one], [other]) => (one < other ? -1 : 1));
  return parts
    .map(
      ([
        key,
        {
          coefficient: { top, bottom },
        },
      ]) => `${top}/${bottom}*${key}`,
    )
    .join("+");
}

function multiplyTerms(a: Term, b: Term): Term {
  const powers = new Map(a.powers);
  for (const [name, exponent] of b.powers) powers.set(name, (powers.get(name) ?? 0) + exponent);
  return reduce({ coefficient: multiplyRationals(a.coefficient, b.coefficient), powers });
}

/** Takes the powers of `i` and of square roots of numbers out, and leaves at most one such root to the power 1. */
function reduce({ coefficient, powers }: Term): Term {
  const kept = new Map<string, number>();
  let factor = coefficient;
  let radicand = 1n;
  for (const [name, exponent] of powers) {
    if (exponent === 0) continue;
    if (Math.abs(exponent) > HIGHEST) throw new NoExactValue("too large");
    const root = ROOT.exec(name);
    if (root !== null) {
      const number = BigInt(root[1] ?? "1");
      // √n^e is n^⌊e/2⌋, times √n where e is odd.
      const whole = Math.floor(exponent / 2);
      const scaled = number ** BigInt(Math.abs(whole));
      factor = multiplyRationals(factor, whole < 0 ? makeRational(1n, scaled) : makeRational(scaled));
      if (exponent % 2 !== 0) radicand *= number;
    } else if (name === "i") {
      const turns = ((exponent % 4) + 4) % 4;
      if (turns >= 2) factor = multiplyRationals(factor, makeRational(-1n));
      if (turns % 2 === 1) kept.set("i", 1);
    } else kept.set(name, exponent);
  }
  if (radicand > 1n) {
    const { outside, inside } = splitSquare(radicand);
    factor = multiplyRationals(factor, makeRational(outside));
    if (inside > 1n) kept.set(`√${inside}`, 1);
  }
  return { coefficient: factor, powers: kept };
}

/**
 * `number` as outside² · inside. Factors above 2,000 are not looked for, save that a square is always found: what
 * stays inside may hold a square then, which leaves an equality unseen and never makes one.
 */
export function splitSquare(number: bigint): { readonly outside: bigint; readonly inside: bigint } {
  let [outside, inside] = [1n, number];
  for (let factor = 2n; factor <= 2000n && factor * factor <= inside; factor++) {
    while (inside % (factor * factor) === 0n) {
      inside /= factor * factor;
      outside *= factor;
    }
  }
  const root = floorRoot(inside);
  return root * root === inside ? { outside: outside * root, inside: 1n } : { outside, inside };
}

function floorRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) / 2n;
    if (next >= guess) return guess;
    guess = next;
  }
}

function collect(terms: readonly Term[]): Polynomial {
  const sum = new Map<string, Term>();
  for (const term of terms) {
    const key = [...term.powers]
      .map(([name, exponent]) => `${name}^${exponent}`)
      .sort()
      .join("·");
    const before = sum.get(key);
    const coefficient = before === undefined ? term.coefficient : addRationals(before.coefficient, term.coefficient);
    if (coefficient.top === 0n) sum.delete(key);
    else sum.set(key, { ...term, coefficient });
  }
  if (sum.size > MOST_TERMS) throw new NoExactValue("too large");
  return sum;
}
