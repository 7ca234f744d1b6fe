import { readLastBoxed, readNegatedBox } from "./boxed.js";

/** An answer taken out of a text, and by which rule; null where the rules asked for find none. */
export interface FoundAnswer {
  readonly answer: string;
  readonly rule: AnswerRule;
}

/** Rules by which an answer is found, and what each takes. */
export const ANSWER_RULES = {
  boxed: "what the last \\boxed{…} or \\fbox{…} holds",
  negated_box: "what the last \\boxed{…} holds, with the minus sign before it: = -\\boxed{…}",
  final_answer: `what follows the last "final answer is", up to "I hope it is correct" or the end of the sentence`,
  minerva: `what stands between "Final Answer: The final answer is" and ". I hope it is correct."`,
  hash_marks: "the number behind the last ####",
  after_a: "the number behind the last A: at the start of a line",
  answer_is: `what follows the last "answer is" or "Answer:", up to the end of the sentence`,
  last_number: "the last number",
  bbh: `what follows the last "the answer is ", else the whole, less one full stop at the end`,
  whole: "the text itself",
} as const;
export type AnswerRule = keyof typeof ANSWER_RULES;

const NUMBER = /-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)/g;

/** The answer by the first of `rules` that finds one. Looks at the text's last 100,000 characters. */
export function findAnswer(text: string, rules: readonly AnswerRule[]): FoundAnswer | null {
  const end = text.slice(-100_000);
  for (const rule of rules) {
    const answer = FINDERS[rule](end)?.trim() ?? "";
    if (answer !== "") return { answer, rule };
  }
  return null;
}

const FINDERS: Readonly<Record<AnswerRule, (text: string) => string | null>> = {
  boxed: readLastBoxed,
  negated_box: readNegatedBox,
  final_answer: (text) => {
    const rest = readAfterLast(text, /final answer is[: ]*/gi);
    return rest === null ? null : endSentence(rest.split(/[.,]?\s*I hope it is correct/i)[0] ?? "");
  },
  minerva: (text) =>
    /Final Answer: The final answer is(.*?)\. I hope it is correct\./s.exec(`${text}I hope it is correct.`)?.[1] ??
    null,
  hash_marks: (text) => readLast(text, /#### (-?[0-9.,]+)/g),
  after_a: (text) => readLast(text, /^A: (-?[0-9.,]+)/gm),
  answer_is: (text) => {
    const rest = readAfterLast(text, /answer(?:\s+is|\s*:|\*\*\s*:?|\s+is:)[:\s*]*/gi);
    return rest === null ? null : endSentence(rest);
  },
  last_number: (text) => text.match(NUMBER)?.at(-1)?.replace(/,+$/, "") ?? null,
  bbh: (text) => (text.split("the answer is ").at(-1) ?? "").replace(/\.$/, ""),
  whole: (text) => text,
};

function readLast(text: string, pattern: RegExp): string | null {
  return [...text.matchAll(pattern)].at(-1)?.[1] ?? null;
}

function readAfterLast(text: string, pattern: RegExp): string | null {
  const match = [...text.matchAll(pattern)].at(-1);
  return match === undefined ? null : text.slice(match.index + match[0].length);
}

/** Up to the end of the line or sentence; `$…$` at the beginning is the whole answer. */
function endSentence(text: string): string {
  const line = text.trimStart().split("\n")[0] ?? "";
  const formula = /^\$((?:\\.|[^$\\])+)\$/s.exec(line)?.[1] ?? /^\\\((.+?)\\\)/.exec(line)?.[1];
  if (formula !== undefined) return formula;
  const boxed = line.startsWith("\\boxed") ? readLastBoxed(line) : null;
  return boxed ?? (line.split(/\.(?=\s|$)/)[0] ?? "").replace(/[*\s]+$/, "");
}
