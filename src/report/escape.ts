/**
 * Control characters (a terminal obeys them), marks that turn the direction of writing, line and paragraph
 * separators, and lone surrogates. Newline and tab are left to the caller.
 */
// eslint-disable-next-line no-control-regex -- finding control characters is the point
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu;

/** `text` with everything a terminal might obey written as `\x1b` or `\u202e`. Newlines and tabs stay. */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** `text` on one line: as `escapeControls`, and newlines and tabs written as `\n` and `\t`. */
export function escapeLine(text: string): string {
  return escapeControls(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
