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

/** Numbers for the variables of a formula, by their names. */
export type Point = (name: string) => number;

const NO_VARIABLES: Point = () => NaN;

/**
 * The value of a formula as a floating-point number, its variables as at `point`; null where it has no finite real
 * value, or variables and there is no point.
 */
export function approximate(expression: Expression, point: Point = NO_VARIABLES): number | null {
  const value = compute(expression, point);
  return Number.isFinite(value) ? value : null;
}

function compute(expression: Expression, point: Point): number {
  switch (expression.kind) {
    case "number":
      return approximateRational(expression.value);
    case "symbol":
      return valueOf(expression.name, point);
    case "sum":
      return expression.terms.reduce((sum, term) => sum + compute(term, point), 0);
    case "product":
      return expression.factors.reduce((whole, factor) => whole * compute(factor, point), 1);
    case "quotient":
      return compute(expression.top, point) / compute(expression.bottom, point);
    case "power":
      return compute(expression.base, point) ** compute(expression.exponent, point);
    case "root": {
      const radicand = compute(expression.radicand, point);
      const size = Math.abs(radicand) ** (1 / expression.degree);
      return radicand >= 0 ? size : expression.degree % 2 === 1 ? -size : NaN;
    }
    case "call": {
      const [parameter, base] = expression.parameters;
      if (base !== undefined && parameter !== undefined && expression.name === "log") {
        return Math.log(compute(parameter, point)) / Math.log(compute(base, point));
      }
      const evaluated = FUNCTIONS[expression.name];
      return evaluated === undefined || parameter === undefined ? NaN : evaluated(compute(parameter, point));
    }
  }
}

function valueOf(name: string, point: Point): number {
  if (name === "\\pi") return Math.PI;
  if (name === "e") return Math.E;
  // No real number, and one that means another thing inside a function.
  return name === "i" || name === "\\degree" ? NaN : point(name);
}
