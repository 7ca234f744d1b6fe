import { canonicalDecimal } from "./decimal.js";
import { splitTokens, strip } from "./python-text.js";

/**
 * Whether LiveCodeBench takes `actual` for `expected`: the stdin comparison of `lcb_runner/evaluation/testing_util.py`
 * (github.com/LiveCodeBench/LiveCodeBench). White space around the whole text and around each line does not count, the
 * number of lines does, blank ones in between too. A line must be the same text, case and inner spaces included, or
 * all tokens of both must be decimal numbers of exactly the same values: `1.0` answers `1`, `0.33` does not answer
 * `0.333`, and no digit of a long integer is lost.
 */
export function compareLiveCodeBench(expected: string, actual: string): boolean {
  const wanted = strip(expected).split("\n");
  const given = strip(actual).split("\n");
  return (
    wanted.length === given.length && wanted.every((line, index) => answersLine(strip(line), strip(given[index] ?? "")))
  );
}

function answersLine(expected: string, actual: string): boolean {
  if (expected === actual) return true;
  const wanted = splitTokens(expected);
  const given = splitTokens(actual);
  if (wanted.length !== given.length) return false;
  return wanted.every((token, index) => {
    const value = canonicalDecimal(token);
    return value !== null && value !== "nan" && value === canonicalDecimal(given[index] ?? "");
  });
}

/** What call-based problems are compared by: Python's `==`, after a tuple at the outermost level became a list. */
export const liveCodeBenchCallsPrelude = `
def prepare_args(args):
    return args


def compare_call(expected, actual):
    try:
        if isinstance(actual, tuple):
            actual = list(actual)
        return bool(actual == expected)
    except Exception:
        return False
`;

const STARRED =
  "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json";
/** The slowest of them to load, and only a program that names something of it can tell. */
const STATISTICS =
  /statistics|Statistics|mean|median|\bmode\b|multimode|stdev|variance|quantiles|NormalDist|correlation|linear_regression/;

/** The program with the names that the harness puts before every program, and its recursion limit. */
export function asLiveCodeBenchOffersIt(source: string): string {
  // Nothing may stand before a __future__ import.
  if (source.includes("from __future__")) return source;
  const modules = STARRED.split(" ").filter((name) => name !== "statistics" || STATISTICS.test(source));
  const stars = [...modules, "builtins", "typing"].map((name) => `from ${name} import *\n`);
  return `${stars.join("")}import ${modules.join(", ")}\nsys.setrecursionlimit(50000)\n${source}`;
}
