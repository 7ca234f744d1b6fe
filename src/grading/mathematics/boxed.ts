/**
 * What the last `\boxed{…}` (or else `\fbox{…}`) of a text holds, braces matched; `\boxed 5` and `\boxed 5$` hold
 * `5`. Null when there is none, or its braces do not match.
 */
export function readLastBoxed(text: string): string | null {
  const start = findLastBox(text);
  if (start === -1) return null;
  const rest = text.slice(start).replace(/^\\\w+/, "");
  const bare = /^ +([^{}$\s][^$\n]*)/.exec(rest);
  if (bare !== null) return (bare[1] ?? "").trim();
  return readGroup(rest.trimStart(), 0)?.body ?? null;
}

/**
 * What the last box holds with a minus sign that stands before it, behind an equals sign or at the beginning of a
 * formula: `a = -\boxed{256}` is -256. Null where there is none: before a box with several terms, for a difference, and
 * for a dash in a sentence.
 */
export function readNegatedBox(text: string): string | null {
  const body = readLastBoxed(text);
  if (body === null || !ONE_TERM.test(body) || /\\(?:[lgn]eq?|pm|text)(?![A-Za-z])/.test(body)) return null;
  const start = findLastBox(text);
  const before = text.slice(Math.max(0, start - FARTHEST), start);
  // A backslash more: some write `\\\\boxed`.
  const opening = /(=|\$|\\\(|\\\[)\s*-\s*\\?$/.exec(before)?.[1];
  if (opening === undefined) return null;
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const closes = opening === "$" && line.split("$").length % 2 === 1 && !/\$\$\s*-\s*\\?$/.test(before);
  return closes ? null : `-${body}`;
}

const ONE_TERM = /^[\d.A-Za-z\\][^-+=<>,]*$/;

/** Characters before a box that are looked at for its sign. */
const FARTHEST = 500;

function findLastBox(text: string): number {
  const boxed = text.lastIndexOf("\\boxed");
  return boxed === -1 ? text.lastIndexOf("\\fbox") : boxed;
}

/** The group `{…}` that begins at `from`, without its braces, and where the text goes on; null where none does. */
export function readGroup(text: string, from: number): { readonly body: string; readonly end: number } | null {
  if (text[from] !== "{") return null;
  let depth = 0;
  for (let index = from; index < text.length; index++) {
    const character = text[index];
    if (character === "\\") index += 1;
    else if (character === "{") depth += 1;
    else if (character === "}" && --depth === 0) return { body: text.slice(from + 1, index), end: index + 1 };
  }
  return null;
}
