import { maskText } from "../languages/syntax.js";

/**
 * Tests ask what a candidate's function returns whether it equals what is expected, and an `equals` of the candidate's own
 * would say yes. Each `a.equals(b)` and `Objects.equals(a, b)` becomes `compare(a, b)`, which asks both. An `a` that is no
 * call is left.
 */
export function compareBothWays(tests: string, compare: string): string {
  let text = tests.replace(/(?<![\w$.])Objects\.equals\(/g, `${compare}(`);
  // From the last one on: what is put in does not move those in front of it.
  for (let dot = lastEquals(text, text.length); dot !== -1; dot = lastEquals(text, dot)) {
    const masked = maskText(text, "java");
    const start = startOfCall(masked, dot);
    const open = dot + EQUALS.length - 1;
    const end = closing(masked, open);
    if (masked.startsWith(EQUALS, dot) && start !== -1 && end !== -1) {
      const [got, wanted] = [text.slice(start, dot), text.slice(open + 1, end)];
      text = `${text.slice(0, start)}${compare}(${got}, ${wanted})${text.slice(end + 1)}`;
    }
  }
  return text;
}

const EQUALS = ".equals(";

function lastEquals(text: string, before: number): number {
  return before === 0 ? -1 : text.lastIndexOf(EQUALS, before - 1);
}

/** Where `a.b(…).c(…)` begins that ends in front of `end`; -1 where no such call stands there. */
function startOfCall(masked: string, end: number): number {
  if (masked[end - 1] !== ")") return -1;
  let start = end;
  while (masked[start - 1] === ")") {
    const open = opening(masked, start - 1);
    if (open === -1) return -1;
    const [name = ""] = /[\w$.]*$/.exec(masked.slice(0, open)) ?? [];
    start = open - name.length;
    // `x(…).name(`: the call in front belongs to it.
    if (!name.startsWith(".")) break;
  }
  return /[\w$>]\s*$/.test(masked.slice(0, start)) && !/\breturn\s+$/.test(masked.slice(0, start)) ? -1 : start;
}

function opening(masked: string, close: number): number {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    if (masked[at] === ")") depth++;
    else if (masked[at] === "(" && --depth === 0) return at;
  }
  return -1;
}

function closing(masked: string, open: number): number {
  let depth = 0;
  for (let at = open; at < masked.length; at++) {
    if (masked[at] === "(") depth++;
    else if (masked[at] === ")" && --depth === 0) return at;
  }
  return -1;
}
