/**
 * The string normalisation published with MATH (Hendrycks et al., 2021, arXiv:2103.03874): two answers are equal when
 * their normal forms are. Each step and their order are part of what published numbers mean, its oddities too.
 */
export function isSameToHendrycks(expected: string, given: string): boolean {
  try {
    return normaliseLikeHendrycks(expected) === normaliseLikeHendrycks(given);
  } catch (error) {
    if (error instanceof NoNormalForm) return expected === given;
    throw error;
  }
}

/** Thrown where the published procedure fails; answers are then compared as they are written. */
export class NoNormalForm extends Error {
  override readonly name = "NoNormalForm";
}

/** @throws NoNormalForm where the published procedure would fail */
export function normaliseLikeHendrycks(answer: string): string {
  let text = answer
    .replaceAll("\n", "")
    .replaceAll("\\!", "")
    .replaceAll("\\\\", "\\")
    .replaceAll("tfrac", "frac")
    .replaceAll("dfrac", "frac")
    .replaceAll("\\left", "")
    .replaceAll("\\right", "")
    .replaceAll("^{\\circ}", "")
    .replaceAll("^\\circ", "")
    .replaceAll("\\$", "");
  text = dropUnits(text).replaceAll("\\%", "").replaceAll(" .", " 0.").replaceAll("{.", "{0.");
  if (text === "") return text;
  if (text.startsWith(".")) text = `0${text}`;
  const sides = text.split("=");
  if (sides.length === 2 && (sides[0] ?? "").length <= 2) text = sides[1] ?? "";
  text = braceRoots(text).replaceAll(" ", "");
  text = braceFractions(text);
  if (text === "0.5") text = "\\frac{1}{2}";
  return writeSlashAsFraction(text);
}

function dropUnits(text: string): string {
  const parts = text.split("\\text{ ");
  if (parts.length > 2) throw new NoNormalForm();
  return parts[0] ?? "";
}

function braceRoots(text: string): string {
  const [first = "", ...rest] = text.split("\\sqrt");
  return (
    first +
    rest
      .map((part) => {
        if (part === "") throw new NoNormalForm();
        return part.startsWith("{") ? `\\sqrt${part}` : `\\sqrt{${part.charAt(0)}}${part.slice(1)}`;
      })
      .join("")
  );
}

function braceFractions(text: string): string {
  const [first = "", ...rest] = text.split("\\frac");
  let result = first;
  for (const part of rest) {
    if (part.startsWith("{")) result += `\\frac${part}`;
    else if (part.length < 2) return text;
    else {
      const [top, bottom] = [part.charAt(0), part.charAt(1)];
      result += bottom === "{" ? `\\frac{${top}}${part.slice(1)}` : `\\frac{${top}}{${bottom}}${part.slice(2)}`;
    }
  }
  return result;
}

function writeSlashAsFraction(text: string): string {
  const match = /^(-?(?:0|[1-9]\d*))\/(-?(?:0|[1-9]\d*))$/.exec(text);
  return match === null ? text : `\\frac{${match[1]}}{${match[2]}}`;
}
