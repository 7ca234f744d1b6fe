/**
 * Text and numbers as Python takes them. JavaScript draws the lines elsewhere: its `\s` has U+FEFF and lacks U+001C,
 * `Number` reads "0x10" and "" and rejects "1_000", and `toFixed` rounds ties away from zero.
 */

/** What `str.isspace` holds for. */
// eslint-disable-next-line no-control-regex
const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
/** Where `str.splitlines` splits. */
// eslint-disable-next-line no-control-regex
const LINE_ENDS = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;
const DIGITS = String.raw`[0-9](?:_?[0-9])*`;
const FLOAT = new RegExp(String.raw`^[+-]?(?:${DIGITS}(?:\.(?:${DIGITS})?)?|\.${DIGITS})(?:[eE][+-]?${DIGITS})?$`);

/** `text.splitlines()` */
export function splitLines(text: string): string[] {
  const lines = text.split(LINE_ENDS);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** `text.split()` */
export function splitTokens(text: string): string[] {
  return text.split(SPACES).filter((token) => token !== "");
}

/** `text.strip()` */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACES.test(text.charAt(start))) start++;
  while (end > start && SPACES.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** `float(text)`, or null where Python raises ValueError. */
export function readFloat(text: string): number | null {
  // Of spaces and digits beyond ASCII Python makes ASCII ones, and then takes only ASCII white space from the ends.
  const ascii = toAscii(text).replace(/^[\t-\r ]+/, "");
  let end = ascii.length;
  while (end > 0 && /[\t-\r ]/.test(ascii.charAt(end - 1))) end--;
  const number = ascii.slice(0, end);
  if (FLOAT.test(number)) return Number(number.replaceAll("_", ""));
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(number);
  if (word === null) return null;
  if (word[2]?.toLowerCase() === "nan") return Number.NaN;
  return word[1] === "-" ? -Infinity : Infinity;
}

/** `round(value, 3)`: the binary value is rounded exactly, and a tie goes to the even neighbour. */
export function roundToThousandths(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value;
  const sixteenths = Math.abs(value) * 16;
  // Only odd sixteenths lie half-way between two thousandths: 1/16 = 0.0625.
  if (!Number.isInteger(sixteenths) || sixteenths % 2 === 0) return Number(value.toFixed(3));
  const below = (BigInt(sixteenths) * 125n - 1n) / 2n;
  const even = below % 2n === 0n ? below : below + 1n;
  return Math.sign(value) * Number(`${even}e-3`);
}

/** Spaces and decimal digits of any script as Python reads them in numbers: as ASCII ones. */
export function toAscii(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return text
    .replace(/[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g, " ")
    .replace(/\p{Nd}/gu, readDigit);
}

/** The value of a decimal digit of any script: Unicode has them in runs that begin with zero. */
function readDigit(digit: string): string {
  const known = digitValues.get(digit);
  if (known !== undefined) return known;
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(code - before - 1))) before++;
  const value = String(before % 10);
  digitValues.set(digit, value);
  return value;
}

/** There are a few hundred digits, and outputs of millions of them. */
const digitValues = new Map<string, string>();
