import { findBraceTo, maskText } from "./syntax.js";

const C_HEAD = String.raw`(?<=[\w>\]&*][ \t\n]+[*&]*)(?<!\b(?:return|else|new|throw|case|do)\s+)NAME\s*\([^;{}]{0,1000}\)[^;{}()]{0,200}(?=\{)`;
/** The head of a function's definition in each language, with `NAME` where its name stands. */
const HEADS: Readonly<Record<string, string>> = {
  bash: String.raw`^[ \t]*(?:function[ \t]+)?NAME[ \t]*(?:\([ \t]*\))?\s*(?=\{)`,
  c: C_HEAD,
  cpp: C_HEAD,
  csharp: C_HEAD,
  // Types may end in the arguments of a template: `Tuple!(long, long)`.
  d: C_HEAD.replace(String.raw`[\w>\]&*]`, String.raw`[\w>\]&*)]`),
  go: String.raw`\bfunc[ \t]+NAME\s*[([]`,
  java: C_HEAD,
  javascript: String.raw`\bfunction\s*\*?\s*NAME\s*\(|\b(?:const|let|var)\s+NAME\s*=`,
  julia: String.raw`\bfunction\s+NAME\s*[({]|^NAME\([^\n]*\)[^\n=]*=(?!=)`,
  kotlin: String.raw`\bfun\s+(?:<[^>]*>\s*)?NAME\s*\(`,
  lua: String.raw`\bfunction\s+NAME\s*\(|\bNAME\s*=\s*function\b`,
  perl: String.raw`\bsub\s+NAME\b`,
  php: String.raw`\bfunction\s+&?\s*NAME\s*\(`,
  r: String.raw`(?<![\w.])NAME\s*(?:<-|=)\s*function\b`,
  racket: String.raw`\(define\s+\(?NAME(?=[\s)])`,
  ruby: String.raw`\bdef\s+(?:self\.)?NAME(?![\w?!])`,
  rust: String.raw`\bfn\s+NAME\s*[(<]`,
  scala: String.raw`\bdef\s+NAME\b`,
  swift: String.raw`\bfunc\s+NAME\s*[(<]`,
  typescript: String.raw`\bfunction\s*\*?\s*NAME\s*[(<]|\b(?:const|let|var)\s+NAME\s*[=:]`,
};
const ANY_NAME = String.raw`([\p{L}_$][\p{L}\p{N}_$]*)`;

/** Whether `code` holds a definition of the function, anywhere but in comments and strings. */
export function definesFunction(code: string, language: string, name: string): boolean {
  return code.includes(name) && findFunction(maskText(code, language), language, name) !== -1;
}

/** Offset of the function's head in a masked text, or -1. */
export function findFunction(masked: string, language: string, name: string): number {
  const head = HEADS[language];
  if (head === undefined) return -1;
  const escaped = `(?<![\\w$])${name.replace(/[$]/g, "\\$&")}(?![\\w$])`;
  return masked.search(new RegExp(head.replaceAll("NAME", escaped), "mu"));
}

/** A definition: its name, and where its head begins. */
export interface Definition {
  readonly name: string;
  readonly at: number;
}

/** The last function that `code` begins to define, which is the one that a prompt ends with; null where there is none. */
export function findLastDefinition(code: string, language: string): Definition | null {
  const head = HEADS[language];
  if (head === undefined) return null;
  const masked = maskText(code, language);
  // A head at the very end has no brace yet where the language writes it on the line below.
  const pattern = head.replaceAll("NAME", ANY_NAME).replace(String.raw`(?=\{)`, String.raw`(?=\{|\s*$(?![^]))`);
  const found = [...masked.matchAll(new RegExp(pattern, "gmu"))].at(-1);
  const name = found?.slice(1).find((group) => Boolean(group));
  return found === undefined || name === undefined ? null : { name, at: found.index };
}

/** Bounds the work on a hostile text; real ones hold one. */
const MOST_MAINS = 4;

/** The program without its own function `main`, which would stand in the way of the one that runs the tests. */
export function dropMain(code: string, language: string): string {
  let rest = code;
  for (let found = 0; found < MOST_MAINS; found++) {
    const masked = maskText(rest, language);
    const at = findFunction(masked, language, language === "csharp" ? "Main" : "main");
    const open = at === -1 ? -1 : masked.indexOf("{", at);
    const end = open === -1 ? -1 : findBraceTo(masked, 0, open);
    if (end === -1) break;
    // What stands before its name on the line is its type and its modifiers.
    const start = masked.lastIndexOf("\n", at) + 1;
    rest = rest.slice(0, start) + rest.slice(end);
  }
  return rest;
}
