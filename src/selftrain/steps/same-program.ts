import { extractProgram } from "../../grading/extraction/index.js";
import { scanLines } from "../../grading/extraction/python-lines.js";
import type { Problem } from "../../grading/types.js";

/**
 * A text that is the same for programs that differ in comments, blank lines, spaces or the width of their indentation
 * only; for a question, the same for texts that differ in white space only.
 */
export function normaliseCompletion(problem: Problem, completion: string, extraction: string): string {
  if (problem.tests.kind === "answer") return completion.trim().replace(/\s+/g, " ");
  const sample = { taskId: problem.id, completion, solution: null, row: {} };
  const { source } = extractProgram(problem, sample, extraction);
  return source === null ? completion : normalisePython(source);
}

/** Programs whose strings differ are different; so are those in which a line inside a text or bracket is indented otherwise. */
export function normalisePython(source: string): string {
  const depths: number[] = [0];
  const lines: string[] = [];
  for (const { text, skeleton, startsStatement } of scanLines(source.replaceAll("\r", ""))) {
    if (startsStatement && skeleton.trim() === "") continue;
    if (!startsStatement) {
      lines.push(dropComment(text, skeleton).trimEnd());
      continue;
    }
    const width = indentOf(text);
    while (depths.length > 1 && (depths.at(-1) ?? 0) > width) depths.pop();
    if ((depths.at(-1) ?? 0) < width) depths.push(width);
    lines.push(" ".repeat(depths.length - 1) + squeeze(dropComment(text, skeleton).trim()));
  }
  return lines.join("\n");
}

/** The skeleton has each string as `""` and no comment, so the comment is what is left once both are walked along. */
function dropComment(text: string, skeleton: string): string {
  const before = text.indexOf("#") === -1 ? text : findCode(text, skeleton);
  return before;
}

function findCode(text: string, skeleton: string): string {
  // The comment starts at the first # behind which the skeleton of the rest is empty: everything before it is code.
  for (let at = text.indexOf("#"); at !== -1; at = text.indexOf("#", at + 1)) {
    const [line] = scanLines(text.slice(0, at));
    if (line !== undefined && line.skeleton === skeleton && !line.brokenString) return text.slice(0, at);
  }
  return text;
}

/** Runs of blanks outside strings become one, and those around operators none. */
function squeeze(code: string): string {
  return code
    .split(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/)
    .map((part, at) =>
      at % 2 === 1 ? part : part.replace(/[ \t]+/g, " ").replace(/ ?([-+*/%=<>!&|^~,:;.()[\]{}@]) ?/g, "$1"),
    )
    .join("");
}

function indentOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (character === " ") width += 1;
    else if (character === "\t") width = (Math.floor(width / 8) + 1) * 8;
    else break;
  }
  return width;
}
