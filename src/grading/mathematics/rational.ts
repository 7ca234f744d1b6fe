/** An exact fraction in lowest terms; the denominator is positive. */
export interface Rational {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** Thrown where an exact value would be too large to be worth computing, or does not exist (a division by 0). */
export class NoExactValue extends Error {
  override readonly name = "NoExactValue";
}

/** Largest size of a numerator or denominator, in bits. */
const MOST_BITS = 4096;

export const ZERO: Rational = { top: 0n, bottom: 1n };
export const ONE: Rational = { top: 1n, bottom: 1n };

/** @throws NoExactValue for a denominator of 0 or a number too large */
export function makeRational(top: bigint, bottom = 1n): Rational {
  if (bottom === 0n) throw new NoExactValue("division by 0");
  const divisor = greatestCommonDivisor(top < 0n ? -top : top, bottom < 0n ? -bottom : bottom) || 1n;
  const sign = bottom < 0n ? -1n : 1n;
  const reduced = { top: (sign * top) / divisor, bottom: (sign * bottom) / divisor };
  if (countBits(reduced.top) > MOST_BITS || countBits(reduced.bottom) > MOST_BITS) throw new NoExactValue("too large");
  return reduced;
}

export function addRationals(a: Rational, b: Rational): Rational {
  return makeRational(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
}

export function multiplyRationals(a: Rational, b: Rational): Rational {
  return makeRational(a.top * b.top, a.bottom * b.bottom);
}

export function invertRational({ top, bottom }: Rational): Rational {
  return makeRational(bottom, top);
}

export function equalRationals(a: Rational, b: Rational): boolean {
  return a.top === b.top && a.bottom === b.bottom;
}

/** The size of the result is known before it is computed, so a tower of powers costs nothing. */
export function raiseRational(base: Rational, exponent: bigint): Rational {
  if (exponent < 0n) return raiseRational(invertRational(base), -exponent);
  const bits = BigInt(Math.max(countBits(base.top), countBits(base.bottom)));
  const isUnit = base.bottom === 1n && (base.top === 0n || base.top === 1n || base.top === -1n);
  if (isUnit) return exponent % 2n === 0n && base.top === -1n ? ONE : exponent === 0n ? ONE : base;
  if (bits * exponent > 2n * BigInt(MOST_BITS)) throw new NoExactValue("too large");
  return makeRational(base.top ** exponent, base.bottom ** exponent);
}

/**
 * A decimal number as it is written: `12`, `-0.5`, `.5`, `1.5e-3`. Null when the text is none, or its exponent is
 * beyond 300.
 */
export function parseDecimal(text: string): Rational | null {
  const match = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
  if (match === null || text.length > 1000) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return null;
  const shift = Number(exponent) - fraction.length;
  if (Math.abs(Number(exponent)) > 300) return null;
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  return shift >= 0 ? makeRational(digits * 10n ** BigInt(shift)) : makeRational(digits, 10n ** BigInt(-shift));
}

/** The nearest floating-point number. */
export function approximateRational({ top, bottom }: Rational): number {
  const shift = Math.max(0, countBits(bottom < 0n ? -bottom : bottom) - countBits(top < 0n ? -top : top) + 64);
  const scaled = Number((top << BigInt(shift)) / bottom);
  return scaled / 2 ** Math.min(shift, 1000) / 2 ** Math.max(0, shift - 1000);
}

function countBits(value: bigint): number {
  return value.toString(16).length * 4;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
