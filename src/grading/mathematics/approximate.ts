import type { Expression } from "./expression.js";
import { approximateRational } from "./rational.js";

const FUNCTIONS: Readonly<Record<string, (value: number) => number>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  ln: Math.log,
  log: Math.log10,
  exp: Math.exp,
  abs: Math.abs,
};

/** The value of a formula as a floating-point number; null where it has variables or no finite real value. */
export function approximate(expression: Expression): number | null {
  const value = compute(expression);
  return Number.isFinite(value) ? value : null;
}

function compute(expression: Expression): number {
  switch (expression.kind) {
    case "number":
      return approximateRational(expression.value);
    case "symbol":
      return expression.name === "\\pi" ? Math.PI : expression.name === "e" ? Math.E : NaN;
    case "sum":
      return expression.terms.reduce((sum, term) => sum + compute(term), 0);
    case "product":
      return expression.factors.reduce((whole, factor) => whole * compute(factor), 1);
    case "quotient":
      return compute(expression.top) / compute(expression.bottom);
    case "power":
      return compute(expression.base) ** compute(expression.exponent);
    case "root": {
      const radicand = compute(expression.radicand);
      const size = Math.abs(radicand) ** (1 / expression.degree);
      return radicand >= 0 ? size : expression.degree % 2 === 1 ? -size : NaN;
    }
    case "call": {
      const evaluated = FUNCTIONS[expression.name];
      const [parameter] = expression.parameters;
      return evaluated === undefined || parameter === undefined ? NaN : evaluated(compute(parameter));
    }
  }
}
