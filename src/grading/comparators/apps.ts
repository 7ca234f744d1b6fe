import { readFloat, roundToThousandths, splitLines, splitTokens, strip } from "./python-text.js";

/**
 * Whether the official APPS harness takes `actual` for `expected`: the stdin comparison of `eval/testing_util.py`
 * (github.com/hendrycks/apps), oddities and all. It accepts reordered lines and tokens, dropped repetitions, any
 * numbers within 1e-5 of the expected ones line by line, and any within half a thousandth token by token. For results
 * that compare with published ones only.
 *
 * @param expected one text; where the data set has a list of lines, they are joined with line feeds
 * @param actual what the program wrote to stdout
 */
export function compareApps(expected: string, actual: string): boolean {
  const lines = splitLines(actual);
  const stripped = strip(expected);
  if (strip(lines.join("\n")) === stripped) return true;
  if (strip(lines.map(strip).join("\n")) === stripped) return true;

  const wanted = expected.split("\n").filter(isFilled).map(strip);
  if (areEqual(lines, wanted)) return true;
  const given = lines.filter(isFilled);
  if (areEqual(given, wanted)) return true;
  if (areClose(given, wanted)) return true;

  // From here on lines are sets of tokens, and their order and number are lost as well. A line of white space has been
  // stripped to nothing on the expected side, where it counts as an empty set, and is left away on the other.
  const wantedTokens = wanted.map(splitTokens);
  const givenTokens = given.map(splitTokens).filter((tokens) => tokens.length > 0);
  return areSameSets(givenTokens, wantedTokens) || areSameRounded(givenTokens, wantedTokens);
}

function isFilled(text: string): boolean {
  return text !== "";
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((line, index) => line === others[index]);
}

/** `np.allclose` of the lines as floats, with its default tolerances; false when one is no float. */
function areClose(given: readonly string[], wanted: readonly string[]): boolean {
  if (given.length !== wanted.length) return false;
  return given.every((line, index) => {
    const actual = readFloat(line);
    const expected = readFloat(wanted[index] ?? "");
    if (actual === null || expected === null) return false;
    if (Number.isFinite(actual) && Number.isFinite(expected)) {
      return Math.abs(actual - expected) <= 1e-8 + 1e-5 * Math.abs(expected);
    }
    return actual === expected;
  });
}

/** Tokens hold no space, so a set of them is one text when sorted and joined. */
function areSameSets(given: readonly (readonly string[])[], wanted: readonly (readonly string[])[]): boolean {
  const write = (tokens: readonly string[]): string => [...new Set(tokens)].sort().join(" ");
  return haveSameElements(given.map(write), wanted.map(write));
}

/** As `areSameSets`, for numbers rounded to three decimals; false when a token is no float, or is NaN. */
function areSameRounded(given: readonly (readonly string[])[], wanted: readonly (readonly string[])[]): boolean {
  const some = given.map(writeRounded);
  const others = wanted.map(writeRounded);
  return some.every(isPresent) && others.every(isPresent) && haveSameElements(some, others);
}

function writeRounded(tokens: readonly string[]): string | null {
  const numbers = new Set<number>();
  for (const token of tokens) {
    const value = readFloat(token);
    if (value === null || Number.isNaN(value)) return null;
    numbers.add(roundToThousandths(value));
  }
  return [...numbers].sort((a, b) => (a < b ? -1 : 1)).join(" ");
}

function isPresent(text: string | null): text is string {
  return text !== null;
}

function haveSameElements(some: readonly string[], others: readonly string[]): boolean {
  const first = new Set(some);
  const second = new Set(others);
  return first.size === second.size && [...first].every((element) => second.has(element));
}
