import type { Judge } from "../../sandbox/contract.js";
import { scriptCallsPrelude, markNumbers } from "../comparators/script-calls.js";
import type { ComparatorName } from "../comparators/index.js";
import { findLastDefinition } from "../languages/definitions.js";
import type { CallTests, Problem, SharedTests } from "../types.js";
import { stripTypes } from "./strip-types.js";

/** Languages whose test code runs in a judge of its own, which only data reaches. */
const JUDGED = ["javascript", "typescript"];

/** Whether the functions of programs in this language can be called by a judge that holds the tests. */
export function hasScriptJudge(family: string): boolean {
  return JUDGED.includes(family);
}

/**
 * Test code that comes with a problem in JavaScript or TypeScript, for a judge apart from the candidate. Before it stands
 * what the prompt defines before its last function: helpers that tests use must not be the candidate's. Null where there is
 * no function to be called.
 */
export function scriptJudge(problem: Problem, tests: SharedTests): Judge | null {
  const { language = "", entryPoint, prompt } = problem;
  if (!hasScriptJudge(language) || entryPoint === null) return null;
  const plain = (code: string): string => (language === "typescript" ? stripTypes(code) : code);
  const last = findLastDefinition(prompt, language);
  const helpers = prompt.slice(0, last?.at ?? 0);
  // HumanEvalPack has an entry point that is spelt otherwise than its function.
  const names = new Set([entryPoint, last?.name ?? entryPoint]);
  return {
    prelude: plain(`${tests.setup}\n${helpers}`),
    stubs: [...names].map((name) => ({ name })),
    checks: [{ source: plain(tests.source) }],
    countAssertions: false,
  };
}

/** The judges of calls that are answered in JavaScript or TypeScript, one for each case. */
export function scriptCallJudges({ functionName: name, cases }: CallTests, comparator: ComparatorName): Judge[] {
  const prelude = scriptCallsPrelude(comparator);
  const source = `const $value = await ${name}(...$assayArguments(data.args));
if (!$assayAnswers(data.expected, $value)) throw new assert.AssertionError({ message: "", expected: $assayPlain(data.expected) });`;
  return cases.map(({ args, expected }) => ({
    prelude,
    stubs: [{ name, receiver: "Solution" }],
    checks: [{ source, data: `{"args":${markNumbers(args)},"expected":${markNumbers(expected)}}` }],
    countAssertions: false,
  }));
}
