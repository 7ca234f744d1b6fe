import { findLanguage } from "../../sandbox/languages.js";

/** Tags of code blocks that are no aliases of the languages themselves. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  bash: ["shell", "zsh", "ksh", "console", "shell-session", "shellscript"],
  csharp: ["dotnet"],
  javascript: ["node", "nodejs", "mjs", "cjs", "jsx"],
  typescript: ["tsx", "mts"],
  python: ["python", "py", "py3", "python2", "python3", "ipython", "ipython3", "cpython", "pypy", "pypy3", "sage"],
};

const LANGUAGE_OF = new Map(
  Object.entries(ALIASES).flatMap(([language, tags]) => tags.map((tag) => [tag, language] as const)),
);

/**
 * Language of a code block.
 *
 * @param info the text behind the opening fence, for instance `python`, `Python3.11 title="a"` or `{.py}`
 * @returns the language's id, the lower-cased first word where it is unknown, or "" for a block without one
 */
export function readLanguage(info: string): string {
  const word = /^[{.\s]*([^\s{},:;=]*)/.exec(info)?.[1]?.toLowerCase() ?? "";
  // Versions: python3.11, python-3, py3.
  const stem = /^(python|py)[-\d.]+$/.exec(word)?.[1] ?? word;
  return LANGUAGE_OF.get(stem) ?? findLanguage(stem)?.id ?? stem;
}

/** Whether two names mean one language; variants such as C++17 and C++20 are one. */
export function isSameLanguage(one: string, other: string): boolean {
  return one === other || familyOf(one) === familyOf(other);
}

/** The language that a variant is one of, for instance `cpp` of `cpp20`. */
export function familyOf(language: string): string {
  return findLanguage(language)?.family ?? language;
}
