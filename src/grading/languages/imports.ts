/** Lines that make names known and may stand only once, or only at the beginning of a program. */
const IMPORT_LINES: Readonly<Record<string, RegExp>> = {
  bash: /^#!/,
  c: /^\s*#\s*include\b/,
  cpp: /^\s*(?:#\s*include\b|using\s+namespace\b)/,
  csharp: /^\s*using\s+[\w.= ]+;/,
  d: /^\s*import\b/,
  java: /^\s*import\b/,
  kotlin: /^\s*import\b/,
  php: /^\s*<\?(?:php)?\s*$/,
  racket: /^\s*#lang\b/,
  rust: /^\s*(?:use|extern crate)\b/,
  scala: /^\s*import\b/,
  swift: /^\s*import\b/,
};

/** `head` without those of its import lines that `code` has as well, whatever the white space in them. */
export function dropRepeatedImports(head: string, code: string, language: string): string {
  const isImport = IMPORT_LINES[language];
  if (isImport === undefined) return head;
  const there = new Set(code.split("\n").map(squeeze));
  return head
    .split("\n")
    .filter((line) => !isImport.test(line) || !there.has(squeeze(line)))
    .join("\n");
}

function squeeze(line: string): string {
  return line.replace(/\s+/g, "");
}
