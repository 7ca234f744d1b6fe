import type { Answer } from "./answer.js";
import { isDecided } from "./decided.js";
import { evaluateOrNull, isMultiple, isSame } from "./exact.js";
import type { Expression } from "./expression.js";
import { proveNothing, type Prove } from "./prove.js";
import { makeRational, NoExactValue } from "./rational.js";

const HUNDREDTH: Expression = { kind: "number", value: makeRational(1n, 100n) };

/**
 * Whether two answers are the same: a yes is a proof, up to what people leave out (units, `x =`, the brackets of a
 * choice or of a set). A no may also mean that nothing was found out; `prove` is asked before.
 */
export function isSameAnswer(expected: Answer, given: Answer, prove: Prove = proveNothing): boolean {
  if (expected.kind === "equation" || given.kind === "equation") return isSameEquation(expected, given, prove);
  if (expected.kind === "list" && given.kind === "set") return isSameInAnyOrder(expected.items, given.items, prove);
  if (expected.kind === "set" && given.kind === "list") return isSameInAnyOrder(expected.items, given.items, prove);
  if (expected.kind === "choice" || given.kind === "choice") return isSameChoice(expected, given);
  switch (expected.kind) {
    case "text":
      return given.kind === "text" && isSameText(expected, given, prove);
    case "value":
      return given.kind === "value" && isSameQuantity(expected, given, prove);
    case "list":
    case "set":
    case "union":
      return given.kind === expected.kind && isSameInAnyOrder(expected.items, given.items, prove);
    case "bracket": {
      if (given.kind !== "bracket" || given.open !== expected.open || given.close !== expected.close) return false;
      return isSameInOrder(expected.items, given.items, prove);
    }
    case "matrix": {
      if (given.kind !== "matrix" || given.rows.length !== expected.rows.length) return false;
      return expected.rows.every((row, index) => isSameInOrder(row, given.rows[index] ?? [], prove));
    }
    case "inequality": {
      if (given.kind !== "inequality" || expected.operators.join() !== given.operators.join()) return false;
      return isSameInOrder(expected.sides, given.sides, prove);
    }
  }
}

function isSameText(expected: Answer & { kind: "text" }, given: Answer & { kind: "text" }, prove: Prove): boolean {
  const [one, other] = [expected.text, given.text];
  if (one === "" || other === "") return false;
  if (one === other) return true;
  if (!expected.words && !given.words) return false;
  if (expected.words && given.words && one.toLowerCase() === other.toLowerCase()) return true;
  // Accents and symbols that LaTeX has commands for; what is more than a word is not for reading as one.
  const isMarked = /\\/.test(one + other) && !/[\^_/$]|\\(?:[dt]?frac|sqrt|binom|begin)/.test(one + other);
  return isMarked && prove({ kind: "texts", sides: [one, other] });
}

function isSameChoice(expected: Answer, given: Answer): boolean {
  if (expected.kind === "choice" && given.kind === "choice") return expected.letter === given.letter;
  return false;
}

type Quantity = Answer & { kind: "value" };

function isSameQuantity(expected: Quantity, given: Quantity, prove: Prove): boolean {
  if (expected.unit !== "" && given.unit !== "" && expected.unit !== given.unit) return false;
  if (isSameValue(expected, given, prove)) return true;
  if (expected.percent === given.percent) return false;
  // 30% is 0.3; and 30 where the question asks for percent.
  const [share, other] = expected.percent ? [expected, given] : [given, expected];
  const formula: Expression = { kind: "product", factors: [share.formula, HUNDREDTH] };
  return isSameValue({ formula, value: evaluateOrNull(formula), text: "" }, other, prove);
}

/** Two formulas: by their exact values, else by whoever can prove it. */
export function isSameValue(
  one: Pick<Quantity, "formula" | "value" | "text">,
  other: Pick<Quantity, "formula" | "value" | "text">,
  prove: Prove,
): boolean {
  const [a, b] = [one.value, other.value];
  if (a === null || b === null ? one.text === other.text && one.text !== "" : isProved(() => isSame(a, b))) return true;
  if (isDecided(one, other)) return false;
  return prove({ kind: "formulas", sides: [one.formula, other.formula] });
}

function isSameEquation(expected: Answer, given: Answer, prove: Prove): boolean {
  if (expected.kind !== "equation")
    return given.kind === "equation" && given.name !== null && isSameAnswer(expected, given.value, prove);
  if (given.kind !== "equation") return expected.name !== null && isSameAnswer(expected.value, given, prove);
  if (expected.name !== null && expected.name === given.name && isSameAnswer(expected.value, given.value, prove))
    return true;
  const { difference: one } = expected;
  const { difference: other } = given;
  return one !== null && other !== null && isProved(() => isMultiple(one, other));
}

function isSameInOrder(expected: readonly Answer[], given: readonly Answer[], prove: Prove): boolean {
  return (
    expected.length === given.length &&
    expected.every((item, index) => {
      const other = given[index];
      return other !== undefined && isSameAnswer(item, other, prove);
    })
  );
}

/** Each of one side has its own partner on the other. */
function isSameInAnyOrder(expected: readonly Answer[], given: readonly Answer[], prove: Prove): boolean {
  if (expected.length !== given.length) return false;
  const left = [...given];
  return expected.every((item) => {
    const partner = left.findIndex((other) => isSameAnswer(item, other, prove));
    if (partner !== -1) left.splice(partner, 1);
    return partner !== -1;
  });
}

function isProved(prove: () => boolean): boolean {
  try {
    return prove();
  } catch (error) {
    if (error instanceof NoExactValue) return false;
    throw error;
  }
}
