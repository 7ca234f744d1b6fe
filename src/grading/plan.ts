import type { Judge } from "../sandbox/contract.js";
import { comparators, type ComparatorName } from "./comparators/index.js";
import type { ScriptPlan } from "./scripts.js";
import { hasDriver } from "./shared/index.js";
import { hasScriptJudge, scriptCallJudges, scriptJudge } from "./shared/judge.js";
import type { AssertionTests, CallTests, Problem, SharedTests } from "./types.js";

/**
 * How a problem is carried out: as a script once per test, under judges (each is one run in a fresh process of the
 * candidate's), or as one program with its tests.
 */
export type RunnablePlan =
  | (ScriptPlan & { readonly kind: "script" })
  | { readonly kind: "judged"; readonly judges: readonly Judge[]; readonly testsPerJudge: "one" | "many" }
  | { readonly kind: "shared"; readonly tests: SharedTests };

export type Plan = RunnablePlan | { readonly kind: "invalid"; readonly reason: string };

/**
 * The plan of a problem under a comparator.
 *
 * @param language what the program is written in: a language with a judge of its own, or Python, can answer calls
 */
export function makePlan(problem: Problem, comparator: ComparatorName, language = problem.language ?? "python"): Plan {
  if (problem.invalid !== null) return { kind: "invalid", reason: problem.invalid };
  const { tests } = problem;
  switch (tests.kind) {
    case "answer":
      return { kind: "invalid", reason: "a question with an answer has nothing to run" };
    case "stdin": {
      const { cases } = tests;
      if (cases.length === 0) return NO_TESTS;
      return {
        kind: "script",
        tests: cases.map(({ input, output }) => ({ stdin: Buffer.from(input, "utf8"), output })),
        of: tests,
      };
    }
    case "calls": {
      // Listed once: cases may be unpacked each time that they are asked for.
      const { kind, functionName, cases } = tests;
      const calls = { kind, functionName, cases };
      if (cases.length === 0) return NO_TESTS;
      if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(functionName)) {
        return { kind: "invalid", reason: `"${functionName}" is no name of a function` };
      }
      return {
        kind: "judged",
        judges: hasScriptJudge(language)
          ? scriptCallJudges(calls, comparator)
          : callJudges(calls, comparators[comparator].callsPrelude),
        testsPerJudge: "one",
      };
    }
    case "shared": {
      if (tests.source.trim() === "") return NO_TESTS;
      const judge = scriptJudge(problem, tests);
      if (judge !== null) return { kind: "judged", judges: [judge], testsPerJudge: "many" };
      if (!hasDriver(problem.language ?? "")) {
        return { kind: "invalid", reason: `test code in ${problem.language ?? "no language"} cannot be run` };
      }
      return { kind: "shared", tests };
    }
    case "assertions":
      if (tests.checks.length === 0) return NO_TESTS;
      return { kind: "judged", judges: [assertionJudge(tests)], testsPerJudge: "many" };
  }
}

const NO_TESTS: Plan = { kind: "invalid", reason: "the problem has no tests" };

/** One judge per case: what the program remembers of one call must not help it with the next. */
function callJudges(tests: CallTests, prelude: string): Judge[] {
  const name = tests.functionName;
  const source = [
    `_arguments = prepare_args(data["args"])`,
    `_value = ${name}(*_arguments)`,
    `assert compare_call(data["expected"], _value)`,
  ].join("\n");
  return tests.cases.map(({ args, expected }) => ({
    prelude,
    stubs: [{ name, receiver: "Solution" }],
    checks: [{ source, data: `{"args":${args},"expected":${expected}}` }],
    countAssertions: false,
  }));
}

function assertionJudge(tests: AssertionTests): Judge {
  return {
    prelude: tests.prelude,
    stubs: tests.names.map((name) => ({ name })),
    checks: tests.checks,
    countAssertions: tests.countAssertions,
  };
}
