import type { ComparatorName } from "./index.js";

/** By what a returned value answers an expected one; JavaScript's counterparts of the preludes in `calls.ts`. */
type Rule = "strict" | "equal" | "equal-or-first";

const RULES: Readonly<Record<ComparatorName, Rule>> = {
  ...{ strict: "strict", "code-contests": "strict", lines: "strict", livecodebench: "equal", apps: "equal-or-first" },
};

/**
 * JavaScript that a judge executes before its checks, so that they can compare as `comparator` says. It defines
 * `$assayArguments(args)` and `$assayAnswers(expected, actual)`, for values as `markNumbers` writes them.
 *
 * - strict: types agree, and lengths and keys; `undefined` answers null, as a function that returns nothing does in Python.
 *   Where a decimal is expected, any number within 1e-6 of it, absolute or relative, does. A Map answers an object.
 *   As APPS has it, an expected list of one element may stand for the element.
 * - equal: the same without nearness, but true equals 1 and false 0, as in Python.
 * - equal-or-first: the same, and an expected list may stand for its first element.
 */
export function scriptCallsPrelude(comparator: ComparatorName): string {
  return `const $assayRule = ${JSON.stringify(RULES[comparator])};\n${PRELUDE}`;
}

const PRELUDE = String.raw`
const $assayMark = (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value)[0] : "");
const $assayPlain = (value) => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map($assayPlain);
  const mark = $assayMark(value);
  if (mark === "\u0000float" || mark === "\u0000big") return Number(value[mark]);
  const plain = {};
  for (const key of Object.keys(value)) Object.defineProperty(plain, key, { value: $assayPlain(value[key]), configurable: true, enumerable: true, writable: true });
  return plain;
};
const $assayArguments = (args) => args.map($assayPlain);
const $assayNumber = (want, got) => {
  if ($assayRule !== "strict" && typeof got === "boolean") got = Number(got);
  const mark = $assayMark(want);
  if (mark === "\u0000big") return typeof got === "bigint" ? got === BigInt(want[mark]) : got === Number(want[mark]);
  if (typeof got === "bigint") return mark === "" && BigInt(want) === got;
  if (typeof got !== "number") return false;
  if (mark === "") return got === want;
  const exact = Number(want[mark]);
  if (got === exact) return true;
  if ($assayRule !== "strict" || !Number.isFinite(exact)) return false;
  return Math.abs(got - exact) <= 1e-6 || Math.abs(got - exact) <= 1e-6 * Math.abs(exact);
};
const $assaySame = (expected, actual) => {
  // A stack of pairs instead of recursion: values may be nested deeply.
  const pairs = [[expected, actual]];
  while (pairs.length > 0) {
    const [want, got] = pairs.pop();
    const mark = $assayMark(want);
    if (typeof want === "number" || mark === "\u0000float" || mark === "\u0000big") {
      if (!$assayNumber(want, got)) return false;
    } else if (want === null) {
      if (got !== null && got !== undefined) return false;
    } else if (Array.isArray(want)) {
      const items = ArrayBuffer.isView(got) && !(got instanceof DataView) ? Array.from(got) : got;
      if (!Array.isArray(items) || items.length !== want.length) return false;
      for (let at = 0; at < want.length; at++) pairs.push([want[at], items[at]]);
    } else if (typeof want === "object") {
      if (typeof got !== "object" || got === null || Array.isArray(got)) return false;
      const entries = new Map(got instanceof Map ? Array.from(got, ([key, item]) => [String(key), item]) : Object.entries(got));
      const keys = Object.keys(want);
      if (entries.size !== keys.length || (got instanceof Map && got.size !== keys.length)) return false;
      for (const key of keys) {
        if (!entries.has(key)) return false;
        pairs.push([want[key], entries.get(key)]);
      }
    } else if ($assayRule !== "strict" && typeof want === "boolean") {
      if (got !== want && got !== Number(want)) return false;
    } else if (got !== want) return false;
  }
  return true;
};
const $assayAnswers = (expected, actual) => {
  if ($assaySame(expected, actual)) return true;
  if (!Array.isArray(expected) || $assayRule === "equal") return false;
  return $assayRule === "strict" ? expected.length === 1 && $assaySame(expected[0], actual) : expected.length > 0 && $assaySame(expected[0], actual);
};
`;

const STRING_OR_NUMBER = /"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-?Infinity|NaN/g;

/**
 * A JSON text in which decimals and integers that JavaScript would round are objects with one key, which no object of the
 * data set has: what is left of such a number after `JSON.parse` would not say what it was.
 */
export function markNumbers(json: string): string {
  return json.replace(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"')) return token;
    if (/[.eEN]/.test(token) || token.endsWith("Infinity")) return `{"\\u0000float":"${token}"}`;
    return Number.isSafeInteger(Number(token)) ? token : `{"\\u0000big":"${token}"}`;
  });
}
