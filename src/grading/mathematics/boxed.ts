/**
 * What the last `\boxed{…}` (or else `\fbox{…}`) of a text holds, braces matched; `\boxed 5` and `\boxed 5$` hold
 * `5`. Null when there is none, or its braces do not match.
 */
export function readLastBoxed(text: string): string | null {
  const boxed = text.lastIndexOf("\\boxed");
  const start = boxed === -1 ? text.lastIndexOf("\\fbox") : boxed;
  if (start === -1) return null;
  const rest = text.slice(start).replace(/^\\\w+/, "");
  const bare = /^ +([^{}$\s][^$\n]*)/.exec(rest);
  if (bare !== null) return (bare[1] ?? "").trim();
  return readGroup(rest.trimStart(), 0)?.body ?? null;
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
