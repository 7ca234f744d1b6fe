import type { SheetQuestion } from "../../grading/exam/sheet.js";
import { escapeControls, escapeLine } from "../../report/escape.js";
import { describePoints } from "./html-sheet.js";

/** The sheet as Markdown. Texts stand in code blocks: what a model wrote cannot pass for a part of the sheet. */
export function renderMarkdownSheet(title: string, sheet: readonly SheetQuestion[]): string {
  const parts = sheet.flatMap(({ id, text, points, reference, answers }) => [
    `## Question ${escapeLine(id)} (${describePoints(points)})`,
    fence(text),
    ...(reference === null ? [] : ["### Reference", fence(reference)]),
    ...answers.flatMap(({ label, text: answer }) => [
      `### Answer: ${escapeLine(label)}`,
      answer === null ? "No answer: 0 points." : fence(answer),
      ...(answer === null ? [] : [`Mark: ____${points === null ? "" : ` of ${points}`}`]),
    ]),
  ]);
  return [`# ${escapeLine(title)}`, `${sheet.length} questions.`, ...parts].join("\n\n");
}

/** A code block that no line of the text can end. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = "`".repeat(longest + 1);
  return `${mark}text\n${escapeControls(text)}\n${mark}`;
}
