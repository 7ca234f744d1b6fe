import { approximate } from "./approximate.js";
import { cleanAnswer, splitOutside } from "./clean.js";
import { parseExpression } from "./parse.js";
import { partUnit } from "./units.js";

/** How near two numbers must be. */
export interface Tolerance {
  /** Share of the expected value. */
  readonly relative: number;
  readonly absolute: number;
  /** A hundredth and a hundred times the expected value are right as well. */
  readonly percent: boolean;
}

/** Whether two answers, or the items of two tuples or lists in their order, are numbers near enough to each other. */
export function isNear(expected: string, given: string, tolerance: Tolerance): boolean {
  if (expected.length > 2000 || given.length > 2000) return false;
  const [left, right] = [listItems(expected), listItems(given)];
  return left.length === right.length && left.every((item, index) => isNumberNear(item, right[index] ?? "", tolerance));
}

function isNumberNear(expected: string, given: string, { relative, absolute, percent }: Tolerance): boolean {
  const [wanted, got] = [readNumber(expected), readNumber(given)];
  if (wanted === null || got === null) return false;
  const targets = percent ? [wanted / 100, wanted, wanted * 100] : [wanted];
  return targets.some(
    (target) => Math.abs(target - got) <= Math.max(relative * Math.max(Math.abs(target), Math.abs(got)), absolute),
  );
}

function listItems(text: string): string[] {
  const inner = /^[([](.*)[)\]]$/s.exec(cleanAnswer(text))?.[1] ?? cleanAnswer(text);
  return splitOutside(inner, /,/)?.pieces ?? [inner];
}

function readNumber(text: string): number | null {
  const named = /^[A-Za-z]\s*=\s*(.*)$/s.exec(text)?.[1] ?? text;
  const expression = parseExpression(partUnit(named).body);
  return expression === null ? null : approximate(expression);
}
