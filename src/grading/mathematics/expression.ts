import type { Rational } from "./rational.js";

/** A formula that was read. Differences and signs are products with -1. */
export type Expression =
  | { readonly kind: "number"; readonly value: Rational }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "sum"; readonly terms: readonly Expression[] }
  | { readonly kind: "product"; readonly factors: readonly Expression[] }
  | { readonly kind: "quotient"; readonly top: Expression; readonly bottom: Expression }
  | { readonly kind: "power"; readonly base: Expression; readonly exponent: Expression }
  | { readonly kind: "root"; readonly degree: number; readonly radicand: Expression }
  /** A function such as `sin`, `log_2`, `abs`, `!` or `binom`. */
  | { readonly kind: "call"; readonly name: string; readonly parameters: readonly Expression[] };

/** Names of functions that are read, with a backslash or without. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp gcd lcm max min".split(" "),
);
