import type { Answer } from "./answer.js";
import { isMultiple, isSame, multiplyValues, evaluate, type ExactValue } from "./exact.js";
import { makeRational, NoExactValue } from "./rational.js";

const HUNDREDTH = evaluate({ kind: "number", value: makeRational(1n, 100n) });

/**
 * Whether two answers are the same: a yes is a proof, up to what people leave out (units, `x =`, the brackets of a
 * choice or of a set). A no may also mean that nothing was found out.
 */
export function isSameAnswer(expected: Answer, given: Answer): boolean {
  if (expected.kind === "equation" || given.kind === "equation") return isSameEquation(expected, given);
  if (expected.kind === "list" && given.kind === "set") return isSameInAnyOrder(expected.items, given.items);
  if (expected.kind === "set" && given.kind === "list") return isSameInAnyOrder(expected.items, given.items);
  if (expected.kind === "choice" || given.kind === "choice") return isSameChoice(expected, given);
  switch (expected.kind) {
    case "text":
      return given.kind === "text" && isSameText(expected, given);
    case "value":
      return given.kind === "value" && isSameQuantity(expected, given);
    case "list":
    case "set":
    case "union":
      return given.kind === expected.kind && isSameInAnyOrder(expected.items, given.items);
    case "bracket": {
      if (given.kind !== "bracket" || given.open !== expected.open || given.close !== expected.close) return false;
      return isSameInOrder(expected.items, given.items);
    }
    case "matrix": {
      if (given.kind !== "matrix" || given.rows.length !== expected.rows.length) return false;
      return expected.rows.every((row, index) => isSameInOrder(row, given.rows[index] ?? []));
    }
    case "inequality": {
      if (given.kind !== "inequality" || expected.operators.join() !== given.operators.join()) return false;
      return isSameInOrder(expected.sides, given.sides);
    }
  }
}

function isSameText(expected: Answer & { kind: "text" }, given: Answer & { kind: "text" }): boolean {
  if (expected.text === "" || given.text === "") return false;
  if (expected.words && given.words) return expected.text.toLowerCase() === given.text.toLowerCase();
  return expected.text === given.text;
}

function isSameChoice(expected: Answer, given: Answer): boolean {
  if (expected.kind === "choice" && given.kind === "choice") return expected.letter === given.letter;
  return false;
}

function isSameQuantity(expected: Answer & { kind: "value" }, given: Answer & { kind: "value" }): boolean {
  if (expected.unit !== "" && given.unit !== "" && expected.unit !== given.unit) return false;
  if (isProvedSame(expected.value, given.value)) return true;
  if (expected.percent === given.percent) return false;
  // 30% is 0.3; and 30 where the question asks for percent.
  const [share, other] = expected.percent ? [expected.value, given.value] : [given.value, expected.value];
  return isProvedSame(multiplyValues(share, HUNDREDTH), other);
}

function isSameEquation(expected: Answer, given: Answer): boolean {
  if (expected.kind !== "equation")
    return given.kind === "equation" && given.name !== null && isSameAnswer(expected, given.value);
  if (given.kind !== "equation") return expected.name !== null && isSameAnswer(expected.value, given);
  if (expected.name !== null && expected.name === given.name && isSameAnswer(expected.value, given.value)) return true;
  const { difference: one } = expected;
  const { difference: other } = given;
  return one !== null && other !== null && isProved(() => isMultiple(one, other));
}

function isSameInOrder(expected: readonly Answer[], given: readonly Answer[]): boolean {
  return (
    expected.length === given.length &&
    expected.every((item, index) => {
      const other = given[index];
      return other !== undefined && isSameAnswer(item, other);
    })
  );
}

/** Each of one side has its own partner on the other. */
function isSameInAnyOrder(expected: readonly Answer[], given: readonly Answer[]): boolean {
  if (expected.length !== given.length) return false;
  const left = [...given];
  return expected.every((item) => {
    const partner = left.findIndex((other) => isSameAnswer(item, other));
    if (partner !== -1) left.splice(partner, 1);
    return partner !== -1;
  });
}

function isProvedSame(a: ExactValue, b: ExactValue): boolean {
  return isProved(() => isSame(a, b));
}

function isProved(prove: () => boolean): boolean {
  try {
    return prove();
  } catch (error) {
    if (error instanceof NoExactValue) return false;
    throw error;
  }
}
