import type { OutputRule } from "../types.js";

/** What C's `strtod` reads to the end of a token; not its hexadecimal numbers. */
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i;

/**
 * Whether the default validator of the Kattis format takes `actual` for `expected`: tokens between white space, in any
 * case unless the rule says otherwise; where it has a tolerance and the expected token is a number, a number within it,
 * absolute or relative. With `spaceSensitive` white space counts too, every character of it.
 */
export function compareKattis(rule: OutputRule, expected: string, actual: string): boolean {
  const [wanted, given] = [split(expected, rule), split(actual, rule)];
  return wanted.length === given.length && wanted.every((token, index) => answers(rule, token, given[index] ?? ""));
}

function split(text: string, { spaceSensitive }: OutputRule): string[] {
  // Tokens and white space by turns, or tokens alone.
  if (spaceSensitive) return text.split(/([ \t\n\v\f\r]+)/);
  return text.split(/[ \t\n\v\f\r]+/).filter((token) => token !== "");
}

function answers({ caseSensitive, absolute, relative }: OutputRule, expected: string, actual: string): boolean {
  if ((absolute !== null || relative !== null) && NUMBER.test(expected)) {
    if (!NUMBER.test(actual)) return false;
    const difference = Math.abs(Number(actual) - Number(expected));
    if (Number(actual) === Number(expected)) return true;
    return difference <= (absolute ?? 0) || difference <= (relative ?? 0) * Math.abs(Number(expected));
  }
  return caseSensitive ? expected === actual : expected.toLowerCase() === actual.toLowerCase();
}
