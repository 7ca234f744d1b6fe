import { readAnswer } from "./answer.js";
import { cleanAnswer, splitOutside, unwrapText } from "./clean.js";
import { isSameAnswer } from "./compare.js";
import { isSameToHendrycks } from "./hendrycks.js";
import type { Prove } from "./prove.js";
import { partUnit } from "./units.js";

/**
 * As the grader published with PRM800K (Lightman et al., 2023, arXiv:2305.20050) decides: equal after the Hendrycks
 * normalisation, or item by item of tuples with the same brackets. A fraction must be the expected one literally, a
 * whole number is never equal to something that is none, and everything else must be equal as a formula.
 */
export function isSameToPrm800k(expected: string, given: string, prove: Prove): boolean {
  if (isSameToHendrycks(expected.trim(), given.trim())) return true;
  const [wanted, got] = [normalise(expected), normalise(given)];
  if (wanted === "" || got === "") return false;
  if (wanted === got) return true;
  const [items, others] = [splitTuple(wanted), splitTuple(got)];
  if (items.length !== others.length) return false;
  if (items.length > 1 && (wanted.at(0) !== got.at(0) || wanted.at(-1) !== got.at(-1))) return false;
  return items.every((item, index) => isSameItem(item, others[index] ?? "", prove));
}

function isSameItem(wanted: string, got: string, prove: Prove): boolean {
  if (isFraction(wanted) && isFraction(got)) return wanted === got;
  if (isWhole(wanted) !== isWhole(got)) return false;
  // Formulas that its sympy is not given: powers in braces or brackets, and exponents of several digits.
  if (/\^[{(]|\^\d\d/.test(wanted) || /\^[{(]|\^\d\d/.test(got)) return wanted === got;
  return isSameAnswer(readAnswer(wanted), readAnswer(got), prove);
}

function normalise(answer: string): string {
  const { body } = partUnit(cleanAnswer(answer));
  return unwrapText(body)
    .replace(/\\[dt]?frac\{(\d+)\}\{(\d+)\}/g, "$1/$2")
    .replace(/\\[dt]?frac(\d)(\d)/g, "$1/$2")
    .replace(/\s/g, "")
    .replace(/^(-?\d+)\.0+$/, "$1")
    .toLowerCase();
}

function splitTuple(text: string): string[] {
  const inner = /^[([](.*)[)\]]$/s.exec(text)?.[1];
  return inner === undefined ? [text] : (splitOutside(inner, /,/)?.pieces ?? [text]);
}

function isFraction(text: string): boolean {
  return /^-?\d+\/0*[1-9]\d*$/.test(text);
}

function isWhole(text: string): boolean {
  return /^-?\d+$/.test(text.replaceAll(",", ""));
}
