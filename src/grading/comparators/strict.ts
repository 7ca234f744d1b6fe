const TOLERANCE = 1e-6;
/** Each digit has one place in it: a token of millions of them that is no number after all is read once. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_A_NUMBER = /^[+-]?(?:nan|NaN|NAN)$/;

/**
 * Whether `actual` answers `expected`, token by token and line by line. Tokens are what stands between ASCII white
 * space and are compared as text, case and all. Only where the expected token is a decimal (a point or an exponent,
 * finite) does any finite number within 1e-6, absolute or relative to the expected one, do. NaN answers nothing, not
 * even NaN. Lines count, the blank ones at the start and in between too; blank lines at the end do not.
 */
export function compareStrict(expected: string, actual: string): boolean {
  const wanted = readTokens(expected);
  const given = readTokens(actual);
  for (;;) {
    const want = wanted.next();
    const got = given.next();
    if (want === END || got === END) return want === got;
    if (!answersToken(want, got)) return false;
  }
}

const END = null;
const LINE_END = "\n";

/** Tokens of a text, with a `LINE_END` for each line that ends before the last token. */
function readTokens(text: string): { next: () => string | typeof END } {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  let at = 0;
  return {
    next() {
      while (at < end && isSpace(text.charCodeAt(at))) {
        if (text[at++] === LINE_END) return LINE_END;
      }
      if (at >= end) return END;
      const start = at;
      while (at < end && !isSpace(text.charCodeAt(at))) at++;
      return text.slice(start, at);
    },
  };
}

/** Tab, line feed, vertical tab, form feed, carriage return, space. */
function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

function answersToken(expected: string, actual: string): boolean {
  if (expected === actual) return !NOT_A_NUMBER.test(expected);
  const wanted = readDecimal(expected);
  if (wanted === null || !NUMBER.test(actual)) return false;
  const given = Number(actual);
  if (!Number.isFinite(given)) return false;
  const difference = Math.abs(given - wanted);
  return difference <= TOLERANCE || difference <= TOLERANCE * Math.abs(wanted);
}

/** The value of a token that is written as a decimal; null for integers, words and what overflows. */
function readDecimal(token: string): number | null {
  if (!/[.eE]/.test(token) || !NUMBER.test(token)) return null;
  const value = Number(token);
  return Number.isFinite(value) ? value : null;
}
