import { EXTRACTION_VERSION } from "../extraction/index.js";
import type { AnswerTests, Equivalence, Extraction, Failure, Sample } from "../types.js";
import { findAnswer } from "./extract.js";
import { decideSame, type Decision } from "./decide.js";
import { ANSWER_POLICIES, type AnswerPolicyName } from "./policies.js";
import type { SymbolicCheck } from "./symbolic.js";

/** What became of an answer; `verdict` is null where it is right. */
export interface GradedAnswer {
  readonly verdict: "wrong_answer" | "no_code" | null;
  readonly failure: Failure | null;
  readonly extraction: Extraction;
  readonly equivalence: Equivalence;
  /** What the symbolic check used, where it was asked. */
  readonly usage: Decision["usage"] | null;
}

/** Longest text of a failure or of an answer in a record, in UTF-16 units. */
const SHOWN = 1000;

/**
 * Grades an answer; nothing is run but the symbolic check, where there is one and it is needed. A sample's `solution` is
 * the answer itself, as it is.
 *
 * @throws SymbolicFault where the check could not be carried out
 */
export async function gradeAnswer(
  tests: AnswerTests,
  sample: Sample,
  policy: AnswerPolicyName,
  check: SymbolicCheck | null,
): Promise<GradedAnswer> {
  const found =
    sample.solution === null
      ? findAnswer(sample.completion ?? "", ANSWER_POLICIES[policy].rules)
      : sample.solution.trim() === ""
        ? null
        : { answer: sample.solution.trim(), rule: "solution" };
  const extraction = {
    ...{ rule: found?.rule ?? "no_answer", version: EXTRACTION_VERSION },
    ...{ language: "text", truncated: false, blocks: 0 },
  };
  if (found === null) {
    return {
      verdict: "no_code",
      failure: null,
      extraction,
      equivalence: { policy, tier: null, answer: null },
      usage: null,
    };
  }
  const { same, tier, undecided, usage } = await decideSame(policy, tests.answer, found.answer, check);
  const equivalence = {
    ...{ policy, tier, answer: cut(found.answer) },
    ...(undecided === null ? {} : { undecided }),
  };
  if (same) return { verdict: null, failure: null, extraction, equivalence, usage };
  const verdict = "wrong_answer";
  const shown = { input: "", expected: cut(tests.answer), actual: cut(found.answer), stderr: "" };
  return { verdict, failure: { index: 0, verdict, ...shown }, extraction, equivalence, usage };
}

function cut(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`;
}
