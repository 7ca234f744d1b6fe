import { toAscii } from "./python-text.js";

const DIGITS = String.raw`[0-9]`;
const NUMBER = new RegExp(
  String.raw`^([+-]?)(?:(${DIGITS}+)(?:\.(${DIGITS}*))?|\.(${DIGITS}+))(?:[eE]([+-]?${DIGITS}+))?$`,
);
/** Exponents beyond this make Python's Decimal refuse the text. */
const LARGEST_EXPONENT = 10n ** 18n;

/**
 * A text that is the same for all spellings of one value of Python's `decimal.Decimal`, so that `1.0`, `1` and `10e-1`
 * agree and no digit is lost: compare these for `Decimal(a) == Decimal(b)`. NaN has none, since it equals nothing.
 *
 * @param token without white space
 * @returns null where Decimal raises, "nan" for NaN
 */
export function canonicalDecimal(token: string): string | null {
  const text = toAscii(token).replaceAll("_", "");
  const match = NUMBER.exec(text);
  if (match === null) {
    const word = /^([+-]?)(?:(inf|infinity)|s?nan[0-9]*)$/i.exec(text);
    if (word === null) return null;
    return word[2] === undefined ? "nan" : word[1] === "-" ? "-inf" : "inf";
  }
  const [, sign, whole = "", fraction = "", bare = "", power = "0"] = match;
  const places = fraction.length + bare.length;
  if (power.length > 20) return null;
  const exponent = BigInt(power);
  if (exponent > LARGEST_EXPONENT || exponent < -2n * LARGEST_EXPONENT) return null;
  const digits = trimZeros(whole + fraction + bare);
  if (digits.text === "") return "0";
  return `${sign === "-" ? "-" : ""}${digits.text}e${exponent - BigInt(places) + BigInt(digits.dropped)}`;
}

/** Without zeros at the start, and with those at the end counted instead. A loop: patterns are slow on long runs. */
function trimZeros(digits: string): { text: string; dropped: number } {
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === "0") start++;
  while (end > start && digits[end - 1] === "0") end--;
  return { text: digits.slice(start, end), dropped: digits.length - end };
}
