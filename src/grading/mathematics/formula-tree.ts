import type { Expression } from "./expression.js";

/** A formula as data for the symbolic check: a word that says what it is, then its parts. Integers are hexadecimal. */
export type Tree = readonly (string | number | Tree)[];

const CONSTANTS: Readonly<Record<string, string>> = { "\\pi": "pi", e: "e", i: "i" };
const TRIGONOMETRIC = new Set("sin cos tan cot sec csc".split(" "));
/** Functions that mean the same to everybody. */
const FUNCTIONS = new Set(
  "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh exp ln log abs ! binom".split(" "),
);

/**
 * The tree of a formula; null for one with a part that could mean two things or that is no value: infinity, `\sin^{-1}`,
 * functions that are not known. Variables become numbers in the order of `symbols`, so that no name reaches the check.
 */
export function writeTree(expression: Expression, symbols: Map<string, number>, inAngle = false): Tree | null {
  switch (expression.kind) {
    case "number": {
      const { top, bottom } = expression.value;
      return ["n", hexadecimal(top), hexadecimal(bottom)];
    }
    case "symbol":
      return writeSymbol(expression.name, symbols, inAngle);
    case "sum":
      return join(["+"], expression.terms, symbols, inAngle);
    case "product":
      return join(["*"], expression.factors, symbols, inAngle);
    case "quotient":
      return join(["/"], [expression.top, expression.bottom], symbols, inAngle);
    case "power": {
      const { base, exponent } = expression;
      if (base.kind === "call" && TRIGONOMETRIC.has(base.name) && isNegative(exponent)) return null;
      return join(["^"], [base, exponent], symbols, inAngle);
    }
    case "root":
      return join(["r", expression.degree], [expression.radicand], symbols, inAngle);
    case "call": {
      const { name, parameters } = expression;
      if (!FUNCTIONS.has(name)) return writeSymbol(JSON.stringify(expression, plain), symbols, false);
      return join(["f", name], parameters, symbols, TRIGONOMETRIC.has(name));
    }
  }
}

function join(
  head: readonly (string | number)[],
  parts: readonly Expression[],
  symbols: Map<string, number>,
  inAngle: boolean,
): Tree | null {
  const trees = parts.map((part) => writeTree(part, symbols, inAngle));
  return trees.some((tree) => tree === null) ? null : [...head, ...(trees as Tree[])];
}

function writeSymbol(name: string, symbols: Map<string, number>, inAngle: boolean): Tree | null {
  if (name.startsWith("\\infty")) return null;
  // An angle in degrees is a number of radians only inside a function: 180° as an answer is not π.
  if (name === "\\degree" && inAngle) return ["c", "degree"];
  const constant = CONSTANTS[name];
  if (constant !== undefined) return ["c", constant];
  const number = symbols.get(name) ?? symbols.size;
  symbols.set(name, number);
  return ["s", number];
}

function isNegative(exponent: Expression): boolean {
  if (exponent.kind === "number") return exponent.value.top < 0n;
  return exponent.kind === "product" && exponent.factors.some(isNegative);
}

function hexadecimal(value: bigint): string {
  return value.toString(16);
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
