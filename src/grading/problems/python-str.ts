import { firstCharacter, sliceArray, sliceObject } from "../input/raw-json.js";

/**
 * What Python's `str` makes of a JSON value: `3`, `1e-05`, `True`, `[1, 'a']`; a string is itself.
 *
 * @param raw a JSON text
 */
export function toPythonStr(raw: string): string {
  return firstCharacter(raw) === '"' ? (JSON.parse(raw) as string) : toPythonRepr(raw);
}

function toPythonRepr(raw: string): string {
  const text = raw.trim();
  switch (text[0]) {
    case "[":
      return `[${sliceArray(text)
        .map((item) => toPythonRepr(item.raw))
        .join(", ")}]`;
    case "{": {
      const members = [...sliceObject(text).values()];
      return `{${members.map(({ name, raw }) => `${quote(name)}: ${toPythonRepr(raw)}`).join(", ")}}`;
    }
    case '"':
      return quote(JSON.parse(text) as string);
    case "t":
      return "True";
    case "f":
      return "False";
    case "n":
      return "None";
    default:
      return /^-?\d+$/.test(text) ? text.replace(/^-0$/, "0") : formatFloat(Number(text));
  }
}

/** Python and JavaScript pick the same digits for a float, but lay them out differently. */
function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace("Infinity", "inf").replace("NaN", "nan");
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = Object.is(value, -0) ? "-0" : toPlain(value, digits, exponent);
  return plain.includes(".") ? plain : `${plain}.0`;
}

function toPlain(value: number, digits: string, exponent: number): string {
  const places = Math.max(0, digits.replace(/^-?\d\.?/, "").length - exponent);
  return value.toFixed(places);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(
    /[\\\n\r\t\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
    (character) => ESCAPES[character] ?? escapeCode(character),
  );
  return mark + (mark === "'" ? body.replaceAll("'", "\\'") : body) + mark;
}

function escapeCode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const [letter, width] =
    code < 0x100 ? (["x", 2] as const) : code < 0x10000 ? (["u", 4] as const) : (["U", 8] as const);
  return `\\${letter}${code.toString(16).padStart(width, "0")}`;
}
