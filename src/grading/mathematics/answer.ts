import { cleanAnswer, splitOutside, unwrapText } from "./clean.js";
import { addValues, evaluateOrNull, negate, type ExactValue } from "./exact.js";
import type { Expression } from "./expression.js";
import { parseExpression } from "./parse.js";
import { makeRational, NoExactValue } from "./rational.js";
import { partUnit } from "./units.js";

/** An answer, read. What cannot be read as anything else is `text`, which only equals the same text. */
export type Answer =
  | { readonly kind: "text"; readonly text: string; readonly words: boolean }
  /** One of several choices, by its letter. */
  | { readonly kind: "choice"; readonly letter: string; readonly bracketed: boolean }
  /** A formula. `value` is null where it has no exact value, or one too large to be worth computing. */
  | {
      readonly kind: "value";
      readonly value: ExactValue | null;
      readonly formula: Expression;
      readonly text: string;
      readonly unit: string;
      readonly percent: boolean;
    }
  /** Several answers without brackets, in no order. */
  | { readonly kind: "list"; readonly items: readonly Answer[] }
  | { readonly kind: "set"; readonly items: readonly Answer[] }
  /** Tuple, point, vector or interval. */
  | { readonly kind: "bracket"; readonly open: string; readonly close: string; readonly items: readonly Answer[] }
  | { readonly kind: "union"; readonly items: readonly Answer[] }
  | { readonly kind: "matrix"; readonly rows: readonly (readonly Answer[])[] }
  /** `name = value`, or any equation by the difference of its sides. */
  | {
      readonly kind: "equation";
      readonly name: string | null;
      readonly value: Answer;
      readonly difference: ExactValue | null;
    }
  /** A chain of inequalities, smaller sides first. */
  | { readonly kind: "inequality"; readonly operators: readonly string[]; readonly sides: readonly Answer[] };

const LONGEST = 2000;
const DEEPEST = 6;
const MOST_ITEMS = 100;

const RELATION = /\\(?:leq?|geq?|neq?|lt|gt|leqslant|geqslant)(?![A-Za-z])|<=|>=|[=<>≤≥≠]/;
const NAME =
  /^(?:[A-Za-z]|\\[a-z]+)(?:_\{?\w+\}?)?'*(?:\([A-Za-z](?:,\s*[A-Za-z])*\))?$|^\\text\{[^{}]*\}$|^[a-z]{2,}$/i;

/** Reads an answer as a person would. Never throws, and takes time in proportion to a bounded length. */
export function readAnswer(raw: string): Answer {
  if (raw.length > LONGEST) return { kind: "text", text: raw, words: false };
  return read(cleanAnswer(raw), 0);
}

function read(text: string, depth: number): Answer {
  const plain = text.trim();
  if (depth > DEEPEST) return asText(plain);
  return (
    readChoice(plain) ??
    readMatrix(plain, depth) ??
    readParts(plain, depth) ??
    readBracket(plain, depth) ??
    readRelation(plain, depth) ??
    readWords(plain) ??
    readValue(plain) ??
    asText(plain)
  );
}

function readChoice(text: string): Answer | null {
  const match = /^(\()?\s*([A-Z])\s*(\))?$/.exec(unwrapText(text));
  if (match === null || (match[1] === undefined) !== (match[3] === undefined)) return null;
  return { kind: "choice", letter: match[2] ?? "", bracketed: match[1] !== undefined };
}

function readMatrix(text: string, depth: number): Answer | null {
  const body = /^\\begin\{[pbvBV]?matrix\}(.*)\\end\{[pbvBV]?matrix\}$/s.exec(text)?.[1];
  if (body === undefined || body.includes("\\begin")) return null;
  const lines = body.split(/\\\\/).filter((line) => line.trim() !== "");
  return { kind: "matrix", rows: lines.map((line) => line.split("&").map((cell) => read(cell, depth + 1))) };
}

/** Unions, answers with commas between them, and `±`, which is two answers. */
function readParts(text: string, depth: number): Answer | null {
  const union = splitOutside(text, /\\cup(?![A-Za-z])|∪/);
  if (union !== null && union.pieces.length > 1) return { kind: "union", items: readAll(union.pieces, depth) };
  const list = splitOutside(text, /,/);
  if (list !== null && list.pieces.length > 1) {
    const pieces = list.pieces.filter((piece) => piece.trim() !== "");
    if (pieces.length > MOST_ITEMS || pieces.length < 2) return asText(text);
    return { kind: "list", items: readAll(pieces, depth) };
  }
  if (/\\pm|±/.test(text)) {
    const [plus, minus] = ["+", "-"].map((sign) => text.replace(/\\pm(?![A-Za-z])|±/g, sign));
    if (plus !== undefined && minus !== undefined) return { kind: "list", items: readAll([plus, minus], depth) };
  }
  return null;
}

function readBracket(text: string, depth: number): Answer | null {
  const match = /^(\\\{|[([])(.*?)(\\\}|[)\]])$/s.exec(text);
  if (match === null) return null;
  const [, open = "", inner = "", close = ""] = match;
  const items = splitOutside(inner, /,/)?.pieces;
  if (items === undefined || items.length > MOST_ITEMS) return null;
  if (open === "\\{") {
    const filled = items.filter((item) => item.trim() !== "");
    return close === "\\}" ? { kind: "set", items: readAll(filled, depth) } : null;
  }
  if (items.length < 2 || close === "\\}") return null;
  return { kind: "bracket", open, close, items: readAll(items, depth) };
}

function readRelation(text: string, depth: number): Answer | null {
  const belongs = /^[A-Za-z]\s*\\in(?![A-Za-z])(.*)$/s.exec(text)?.[1];
  if (belongs !== undefined) return read(belongs, depth + 1);
  const cut = splitOutside(text, RELATION);
  if (cut === null || cut.pieces.length < 2 || cut.pieces.length > 4) return null;
  const sides = cut.pieces.map((piece) => piece.trim());
  const operators = cut.between.map(nameOperator);
  if (operators.every((operator) => operator === "=")) {
    const [left = "", right = ""] = sides;
    if (sides.length !== 2 || left === "" || right === "") return null;
    return {
      kind: "equation",
      name: NAME.test(left) ? unwrapText(left).replace(/\s/g, "") : null,
      value: read(right, depth + 1),
      difference: subtract(left, right),
    };
  }
  const items = readAll(sides, depth);
  const falling = operators.every((operator) => operator.startsWith(">"));
  if (falling)
    return {
      kind: "inequality",
      operators: operators.map((one) => one.replace(">", "<")).reverse(),
      sides: items.reverse(),
    };
  return { kind: "inequality", operators, sides: items };
}

function nameOperator(written: string): string {
  if (written === "=" || written === "<" || written === ">") return written;
  if (/lt/.test(written)) return "<";
  if (/gt/.test(written)) return ">";
  if (/^\\l|<=|≤/.test(written)) return "<=";
  return /^\\g|>=|≥/.test(written) ? ">=" : "!=";
}

function readWords(text: string): Answer | null {
  const words = unwrapText(text).replace(/^["'“”\s]+|["'“”\s]+$/g, "");
  const wrapped = /^(?:\s*\\text\{[^{}]*\}\s*)+$/.test(text);
  const isPlain = /^\p{L}{2,}(?:[ '’-]\p{L}+)*$/u.test(words) && !/^(?:pi|infinity|infty|sqrt)$/.test(words);
  return isPlain || (wrapped && /[A-Za-z]{2}/.test(words)) ? { kind: "text", text: words, words: true } : null;
}

function readValue(text: string): Answer | null {
  const { body, unit, percent, scale } = partUnit(text);
  const plain = parseExpression(body);
  if (plain === null) return null;
  const formula = scale === 0 ? plain : multiplyBy(plain, 10n ** BigInt(scale));
  return { kind: "value", value: evaluateOrNull(formula), formula, text: text.replace(/\s/g, ""), unit, percent };
}

function multiplyBy(formula: Expression, factor: bigint): Expression {
  return { kind: "product", factors: [formula, { kind: "number", value: makeRational(factor) }] };
}

function subtract(left: string, right: string): ExactValue | null {
  const [a, b] = [evaluateText(left), evaluateText(right)];
  try {
    return a === null || b === null ? null : addValues(a, negate(b));
  } catch (error) {
    if (error instanceof NoExactValue) return null;
    throw error;
  }
}

/** The exact value of a formula; null where it cannot be read or has none. */
export function evaluateText(text: string): ExactValue | null {
  const expression = parseExpression(text);
  return expression === null ? null : evaluateOrNull(expression);
}

function readAll(texts: readonly string[], depth: number): Answer[] {
  return texts.map((text) => read(text, depth + 1));
}

function asText(text: string): Answer {
  return { kind: "text", text: unwrapText(text).replace(/\s/g, ""), words: false };
}
