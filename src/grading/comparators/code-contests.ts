const TOLERANCE = 1e-5;
/** What `absl::SimpleAtod` reads, after lower-casing; each digit has one place in it, so that long tokens take no time. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/;

/**
 * Whether CodeContests takes `actual` for `expected`: `OutputsMatch` of its tester (github.com/google-deepmind/
 * code_contests, execution/tester_sandboxer.cc). Tokens between white space are compared in order, lines do not count,
 * and neither does the case of ASCII letters. Where both tokens are numbers, they may differ by less than 1e-5
 * (absolute, no relative tolerance), as doubles: above 2^53 neighbouring integers are the same to it.
 */
export function compareCodeContests(expected: string, actual: string): boolean {
  const wanted = splitTokens(expected);
  const given = splitTokens(actual);
  if (wanted.length !== given.length) return false;
  // The tester looks for equal texts first, as a whole: `inf` alone answers `inf`, beside a differing number it does not.
  return (
    wanted.every((token, index) => token === given[index]) ||
    wanted.every((token, index) => answers(token, given[index] ?? ""))
  );
}

/** Form feed is no white space to it. */
function splitTokens(text: string): string[] {
  return toLowerAscii(text)
    .split(/[ \n\t\r\v]+/)
    .filter((token) => token !== "");
}

function toLowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function answers(expected: string, actual: string): boolean {
  const wanted = readDouble(expected);
  const given = readDouble(actual);
  if (wanted === null || given === null) return expected === actual;
  return Math.abs(wanted - given) < TOLERANCE;
}

function readDouble(token: string): number | null {
  if (NUMBER.test(token)) return Number(token);
  if (/^[+-]?nan$/.test(token)) return Number.NaN;
  const infinite = INFINITE.exec(token);
  return infinite === null ? null : infinite[1] === "-" ? -Infinity : Infinity;
}
