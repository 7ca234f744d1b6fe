/** Tags of code blocks, by language. What is not here stands for itself. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  python: ["python", "py", "py3", "python2", "python3", "ipython", "ipython3", "cpython", "pypy", "pypy3", "sage"],
};

const LANGUAGE_OF = new Map(
  Object.entries(ALIASES).flatMap(([language, tags]) => tags.map((tag) => [tag, language] as const)),
);

/**
 * Language of a code block.
 *
 * @param info the text behind the opening fence, for instance `python`, `Python3.11 title="a"` or `{.py}`
 * @returns the language, the lower-cased first word where it is unknown, or "" for a block without one
 */
export function readLanguage(info: string): string {
  const word = /^[{.\s]*([^\s{},:;=]*)/.exec(info)?.[1]?.toLowerCase() ?? "";
  // Versions: python3.11, python-3, py3.
  const stem = /^(python|py)[-\d.]+$/.exec(word)?.[1] ?? word;
  return LANGUAGE_OF.get(stem) ?? stem;
}
