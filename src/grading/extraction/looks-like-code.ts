import { scanLines } from "./python-lines.js";

/** Words that may stand beside a name with only a space between, in Python 3 or (print, exec) Python 2. */
const KEYWORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global " +
    "if import in is lambda nonlocal not or pass raise return try while with yield match case type _ print exec"
  ).split(" "),
);
const STATEMENT =
  /^(?:import|from|def|class|async|for|while|if|with|try|return|print|raise|assert|del|global|lambda|yield|pass)\b|^@\w/;
const ASSIGNMENT = /^[^=!<>]*(?:[-+*/%&|^@<>:]|\/\/|\*\*|<<|>>)?=[^=]/;
const CALL = /[\w\])]\(/;
const TOKEN = /[\p{L}_][\p{L}\p{M}\p{N}_]*|\p{N}[\p{N}\w.]*|\s+|[^]/gu;
const PUNCTUATION = new Set('+-*/%@&|^~<>()[]{},:;.=!"\\');

/** Characters of a line that are looked at. What begins as prose does not end as code. */
const LONGEST_LOOK = 500;

/** How much of a text reads as Python and how much cannot be. Lines that may be either count in neither. */
export interface Impression {
  readonly statements: number;
  readonly prose: number;
}

/**
 * Whether `text` may be a Python program (or part of one). In doubt it may: a program that does not compile costs
 * nothing, one that is thrown away is a right answer judged wrong.
 */
export function looksLikeCode(text: string): boolean {
  const { statements, prose } = readImpression(text, true);
  return statements > 0 || prose === 0;
}

/** Whether `text` has statements and not one line that cannot be Python. */
export function isPureCode(text: string): boolean {
  const { statements, prose } = readImpression(text, false);
  return statements > 0 && prose === 0;
}

function readImpression(text: string, stopAtStatement: boolean): Impression {
  let statements = 0;
  let prose = 0;
  for (const line of scanLines(text)) {
    const skeleton = line.skeleton.trimStart().slice(0, LONGEST_LOOK).trimEnd();
    if (skeleton === "") continue;
    if (line.brokenString || isProse(skeleton)) prose++;
    else if (isStatement(skeleton)) statements++;
    if (stopAtStatement ? statements > 0 : prose > 0) break;
  }
  return { statements, prose };
}

function isStatement(skeleton: string): boolean {
  return STATEMENT.test(skeleton) || ASSIGNMENT.test(skeleton) || CALL.test(skeleton);
}

/** Two names side by side, a full stop after a word, or a character that Python does not know. */
function isProse(skeleton: string): boolean {
  let spaced = false;
  let before = "";
  for (const [token] of skeleton.matchAll(TOKEN)) {
    if (/^\s/.test(token)) {
      if (before === "." || before === ". ") before = ". ";
      spaced = true;
      continue;
    }
    const isWord = /^[\p{L}\p{N}_]/u.test(token);
    if (isWord && before === ". " && /^\p{Lu}/u.test(token)) return true;
    if (isWord && spaced && /^[\p{L}\p{N}_]/u.test(before) && !KEYWORDS.has(token) && !KEYWORDS.has(before))
      return true;
    if (!isWord && !PUNCTUATION.has(token)) return true;
    before = token;
    spaced = false;
  }
  return /[\p{L}_]\.$/u.test(skeleton) || /!(?!=)/.test(skeleton);
}
