import type { Task } from "./task.js";

/**
 * Makes the program of the code taken from a completion. For a problem whose prompt is the beginning of a function the
 * prompt goes in front, whether the code is a body or the whole function: a prompt that ends in a docstring is a whole
 * function by itself, and some prompts define helpers that the code needs.
 */
export function assembleProgram(task: Task, code: string): string {
  if (!task.functionPrompt || startsWithPrompt(code, task.prompt)) return code;
  if (!task.definesEntryPoint(code)) return closeLastLine(task.prompt) + code;
  const { future, rest } = splitFutureImport(code);
  return `${future}${task.prompt}\n${rest}`;
}

/** Ends the prompt's last line, unless that line is nothing but the indentation of what comes next. */
function closeLastLine(prompt: string): string {
  return /(?:^|\n)[ \t]*$/.test(prompt) ? prompt : `${prompt}\n`;
}

/** Compares line by line without trailing white space; blank lines around the prompt do not count. */
export function startsWithPrompt(code: string, prompt: string): boolean {
  const promptLines = splitTrimmed(prompt);
  const firstCode = code.search(/\S/);
  if (firstCode === -1) return false;
  let at = code.lastIndexOf("\n", firstCode) + 1;
  for (const expected of promptLines) {
    if (at > code.length) return false;
    const feed = code.indexOf("\n", at);
    const end = feed === -1 ? code.length : feed;
    if (code.slice(at, end).trimEnd() !== expected) return false;
    at = end + 1;
  }
  return true;
}

function splitTrimmed(prompt: string): string[] {
  const lines = prompt.split("\n").map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line !== "");
  const last = lines.findLastIndex((line) => line !== "");
  return lines.slice(first, last + 1);
}

/** `from __future__` must be a program's first statement, so it cannot stay behind a prompt. */
function splitFutureImport(code: string): { future: string; rest: string } {
  const line = /^from[ \t]+__future__[ \t]+import[ \t]+[\w, \t]+$/m.exec(code)?.[0];
  return line === undefined ? { future: "", rest: code } : { future: `${line}\n`, rest: code.replace(line, "") };
}
