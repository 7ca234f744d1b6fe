import type { ProblemSet } from "../../grading/problems/index.js";
import type { Failure, Verdict } from "../../grading/types.js";
import { escapeLine } from "../escape.js";
import { formatTable } from "../table.js";

/** What was found out about a set of problems; the object that `--json` prints. */
export interface Soundness {
  readonly problems: number;
  readonly references: number;
  /** Problems all of whose references were accepted. */
  sound: number;
  readonly no_reference: string[];
  readonly invalid: { readonly task_id: string; readonly reason: string }[];
  readonly failing: FailingReference[];
  infrastructure_errors: number;
}

export interface FailingReference {
  readonly task_id: string;
  /** Which of the problem's references, from 0. */
  readonly reference: number;
  readonly verdict: Verdict;
  readonly first_failure: Failure | null;
}

const MOST_NAMED = 20;
const MOST_CHARACTERS = 200;

/** What was found out, for people. */
export function describeSoundness(set: ProblemSet, found: Soundness): string {
  const { invalid, failing, no_reference: none, infrastructure_errors: broken } = found;
  const rows = [
    ["problems", String(found.problems), `${set.format}, from ${escapeLine(set.path)}`],
    ["references", String(found.references), ""],
    ["sound", String(found.sound), ""],
    ["no reference", String(none.length), nameSome(none)],
    ["invalid", String(invalid.length), ""],
    ["failing", String(failing.length), "references"],
  ];
  if (broken > 0) rows.push(["not graded", String(broken), "infrastructure errors"]);
  return [
    formatTable(rows, [1]),
    ...invalid.map(({ task_id, reason }) => `\n${escapeLine(task_id)}: invalid: ${escapeLine(reason)}\n`),
    ...failing.map(describeFailing),
  ].join("");
}

function describeFailing({ task_id, reference, verdict, first_failure: failure }: FailingReference): string {
  const head = `\n${escapeLine(task_id)}: reference ${reference + 1}: ${verdict}`;
  if (failure === null) return `${head}\n`;
  const texts = (["input", "expected", "actual", "stderr"] as const)
    .filter((name) => failure[name] !== "")
    .map((name) => [`  ${name}`, cutLine(failure[name])]);
  return `${head} in test ${failure.index + 1}\n${formatTable(texts)}`;
}

function nameSome(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  const named = names.slice(0, MOST_NAMED).map(escapeLine).join(", ");
  return more > 0 ? `${named} and ${more} more` : named;
}

function cutLine(text: string): string {
  const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return escapeLine(cut);
}
