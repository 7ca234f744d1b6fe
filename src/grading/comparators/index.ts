import { compareApps } from "./apps.js";
import { asAppsRunsIt } from "./apps-harness.js";
import { appsCallsPrelude, strictCallsPrelude } from "./calls.js";
import { compareCodeContests } from "./code-contests.js";
import { compareLines } from "./lines.js";
import { asLiveCodeBenchOffersIt, compareLiveCodeBench, liveCodeBenchCallsPrelude } from "./livecodebench.js";
import { compareStrict } from "./strict.js";

/** Decides whether an output answers a test. */
export interface Comparator {
  /** For programs that read stdin: both are whole texts. */
  readonly stdin: (expected: string, actual: string) => boolean;
  /** For call-based problems: Python that defines `prepare_args` and `compare_call`, see `calls.ts`. */
  readonly callsPrelude: string;
  /** What the program is made into before it runs. */
  readonly prepare: (source: string, kind: "stdin" | "calls") => string;
}

/** Sites that publish such problems offer these names without an import, and models rely on it. */
const USUAL_NAMES = `from typing import *
import sys, time, itertools, collections, functools, math, random, heapq, bisect, re, string, operator
from itertools import accumulate, product, permutations, combinations
from collections import Counter, OrderedDict, deque, defaultdict, ChainMap
from functools import lru_cache, cache, reduce, cmp_to_key
from math import sqrt, sin, cos, tan, ceil, fabs, floor, gcd, exp, log, log2, inf
from heapq import *
from bisect import *
`;

/** What can be asked for by name. `docs/comparators.md` says what each does with white space, case and numbers. */
export const COMPARATOR_NAMES = ["strict", "apps", "livecodebench", "code-contests", "lines"] as const;
export type ComparatorName = (typeof COMPARATOR_NAMES)[number];

export const comparators: Record<ComparatorName, Comparator> = {
  strict: { stdin: compareStrict, callsPrelude: strictCallsPrelude, prepare: withUsualNames },
  apps: { stdin: compareApps, callsPrelude: appsCallsPrelude, prepare: asAppsRunsIt },
  livecodebench: {
    stdin: compareLiveCodeBench,
    callsPrelude: liveCodeBenchCallsPrelude,
    prepare: asLiveCodeBenchOffersIt,
  },
  // These two are for stdin problems only; calls are compared strictly.
  "code-contests": { stdin: compareCodeContests, callsPrelude: strictCallsPrelude, prepare: withUsualNames },
  lines: { stdin: compareLines, callsPrelude: strictCallsPrelude, prepare: withUsualNames },
};

function withUsualNames(source: string, kind: "stdin" | "calls"): string {
  // Nothing may stand before a __future__ import.
  return kind === "stdin" || source.includes("from __future__") ? source : USUAL_NAMES + source;
}
