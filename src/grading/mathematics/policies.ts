import { readAnswer } from "./answer.js";
import { isSameAnswer, isSameValue } from "./compare.js";
import { evaluateOrNull } from "./exact.js";
import type { AnswerRule } from "./extract.js";
import { isSameToHendrycks } from "./hendrycks.js";
import { normaliseLikeMinerva } from "./minerva.js";
import { parseExpression } from "./parse.js";
import { isSameToPrm800k } from "./prm800k.js";
import { proveNothing, type Prove } from "./prove.js";
import { isNear } from "./tolerance.js";

/** How answers are found and compared. */
export interface AnswerPolicy {
  readonly title: string;
  /** Rules for a model's text; the first that finds an answer decides. */
  readonly rules: readonly AnswerRule[];
  /** `prove` is asked about formulas that are not found equal here. */
  readonly isSame: (expected: string, given: string, prove: Prove) => boolean;
}

const READ_ALL: readonly AnswerRule[] = [
  "negated_box",
  "boxed",
  "hash_marks",
  "final_answer",
  "answer_is",
  "last_number",
];

/**
 * assay's own policy, and those under which published numbers were made. Where a published grader asks sympy, `minerva`,
 * `prm800k` and `tora` ask the exact comparison and then the symbolic check: what is equal there has a proof.
 */
export const ANSWER_POLICIES = {
  default: {
    title: "equal as mathematics, exactly; units, `x =` and the brackets of a choice may be left out",
    rules: READ_ALL,
    isSame: (expected, given, prove) => isSameAnswer(readAnswer(expected), readAnswer(given), prove),
  },
  hendrycks: {
    title: "equal strings after the normalisation published with MATH",
    rules: ["boxed"],
    isSame: isSameToHendrycks,
  },
  minerva: {
    title: "equal strings after Minerva's normalisation, or equal formulas",
    rules: ["minerva"],
    isSame: (expected, given, prove) => {
      const [one, other] = [normaliseLikeMinerva(expected), normaliseLikeMinerva(given)];
      return one === other || isSameFormula(one, other, prove);
    },
  },
  prm800k: {
    title: "as the grader published with PRM800K: fractions must be reduced, decimals are no fractions",
    rules: READ_ALL,
    isSame: isSameToPrm800k,
  },
  "gsm8k-strict": {
    title: "the number behind #### (or A: at the start of a line), as text without its commas",
    rules: ["hash_marks", "after_a"],
    isSame: (expected, given) => expected.replaceAll(",", "") === given.replaceAll(",", ""),
  },
  "gsm8k-flexible": {
    title: "the last number of the text, as text without commas, dollar signs and a full stop",
    rules: ["last_number"],
    isSame: (expected, given) => stripNumber(expected) === stripNumber(given),
  },
  bbh: {
    title: "as BIG-Bench Hard was published: equal texts",
    rules: ["bbh"],
    isSame: (expected, given) => expected === given,
  },
  tora: {
    title: "as ToRA's evaluation and those made of it: within 0.01 % also as percent, or equal formulas",
    rules: ["final_answer", "boxed", "answer_is", "last_number"],
    isSame: (expected, given, prove) =>
      isNear(expected, given, { relative: 1e-4, absolute: 0, percent: true }) ||
      isSameAnswer(readAnswer(expected), readAnswer(given), prove),
  },
  mathcoder: {
    title: "as MathCoder's evaluation: numbers within 0.01 of each other, or equal answers",
    rules: READ_ALL,
    isSame: (expected, given, prove) =>
      isNear(expected, given, { relative: 0, absolute: 0.01, percent: false }) ||
      isSameAnswer(readAnswer(expected), readAnswer(restoreText(given)), prove) ||
      isSameAnswer(readAnswer(expected.toLowerCase()), readAnswer(restoreText(given)), prove),
  },
} as const satisfies Record<string, AnswerPolicy>;
export type AnswerPolicyName = keyof typeof ANSWER_POLICIES;

/** Longest answer that is compared; longer ones are wrong unless they are the expected text itself. */
const LONGEST = 4000;

/**
 * Whether `given` is the answer `expected` under a policy. Never throws, and takes a bounded time; `prove` is asked
 * about what cannot be decided here.
 */
export function isSameUnder(
  policy: AnswerPolicyName,
  expected: string,
  given: string,
  prove: Prove = proveNothing,
): boolean {
  if (given.length > LONGEST || expected.length > LONGEST) return given.trim() === expected.trim();
  return (ANSWER_POLICIES[policy] as AnswerPolicy).isSame(expected, given, prove);
}

function isSameFormula(one: string, other: string, prove: Prove): boolean {
  const [left, right] = [parseExpression(one), parseExpression(other)];
  if (left === null || right === null) return false;
  const [a, b] = [evaluateOrNull(left), evaluateOrNull(right)];
  return isSameValue({ formula: left, value: a, text: one }, { formula: right, value: b, text: other }, prove);
}

/** MathCoder writes `{kg}` for `\\text{kg}`, in small letters. */
function restoreText(given: string): string {
  return given.replace(/(^|\d)\{(\(?[a-z]+\)?)\}/, "$1\\text{$2}");
}

function stripNumber(text: string): string {
  return text.replace(/[,$]/g, "").replace(/\.$/, "");
}
