import type { Limits } from "../../sandbox/contract.js";
import type { AnswerTests, AssertionTests, CallTests, Problem, ProblemFormat, StdinTests } from "../types.js";
import { MBPP_PREAMBLE } from "./mbpp.js";
import { isBuiltin, listCalledNames, listDefinedNames } from "./python-names.js";

/** Tests as a request brings them. Assertions need not say which names are the candidate's. */
export type InlineTests =
  | StdinTests
  | CallTests
  | AnswerTests
  | (Pick<AssertionTests, "kind" | "checks"> & Partial<Omit<AssertionTests, "kind" | "checks">>);

export interface InlineProblem {
  /** The `task_id` of the record; "inline" by default. */
  readonly id?: string;
  readonly tests: InlineTests;
  /** The function that tests call; found in the tests where it is not said. */
  readonly entryPoint?: string | null;
  /** Decides how programs are prepared (`mbpp`: names of `typing` are there); by default what goes with the tests. */
  readonly format?: ProblemFormat;
  readonly prompt?: string;
  readonly starterCode?: string;
  readonly limits?: Partial<Limits>;
}

/** A problem that no data set holds, made of tests that came with a request. What cannot be graded is `invalid`. */
export function inlineProblem(given: InlineProblem): Problem {
  const { id = "inline", prompt = "", starterCode = "", limits = {} } = given;
  const said = given.entryPoint ?? null;
  const base = { id, aliases: [], prompt, starterCode, difficulty: null, references: [], limits };
  if (given.tests.kind !== "assertions") {
    const entryPoint = given.tests.kind === "calls" ? given.tests.functionName : said;
    return { ...base, format: given.format ?? "apps", entryPoint, tests: given.tests, invalid: null };
  }
  const tests = completeAssertions(given.tests, said);
  const entryPoint = said ?? tests.names[0] ?? null;
  const callsNothing = tests.checks.length > 0 && tests.names.length === 0;
  const format = given.format ?? (prompt === "" ? "mbpp" : "humaneval");
  return {
    ...base,
    format,
    ...(format === "mbpp" ? { preamble: MBPP_PREAMBLE } : {}),
    entryPoint,
    tests,
    invalid: callsNothing ? "unreadable tests: they call no function of the program" : null,
  };
}

function completeAssertions(given: InlineTests & { kind: "assertions" }, entryPoint: string | null): AssertionTests {
  const { checks, prelude = "", countAssertions = false } = given;
  const names = given.names ?? findNames(checks, prelude, entryPoint);
  return { kind: "assertions", prelude, names, checks, countAssertions };
}

/** What the tests call and neither Python nor they themselves define; the entry point first. */
function findNames(checks: AssertionTests["checks"], prelude: string, entryPoint: string | null): string[] {
  const test = checks.map(({ source }) => source).join("\n");
  const own = listDefinedNames(`${prelude}\n${test}`);
  const called = listCalledNames(test).filter(
    (name) => !isBuiltin(name) && !own.definitions.has(name) && !own.others.has(name) && !EXCEPTIONS.has(name),
  );
  return [...new Set([...(entryPoint === null ? [] : [entryPoint]), ...called])];
}

const EXCEPTIONS = new Set(
  `ArithmeticError AssertionError AttributeError BaseException EOFError Exception FileNotFoundError IndexError KeyError
  KeyboardInterrupt LookupError MemoryError NameError NotImplementedError OSError OverflowError RecursionError
  RuntimeError StopIteration SyntaxError SystemExit TypeError UnicodeError ValueError ZeroDivisionError`.split(/\s+/),
);
