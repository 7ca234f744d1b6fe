/** An identifier in Python source, and how it stands there. */
interface Word {
  readonly text: string;
  /** It begins its line. */
  readonly isFirst: boolean;
  /** It follows a dot, so it is no variable. */
  readonly isAttribute: boolean;
  /** An opening parenthesis follows. */
  readonly isCalled: boolean;
  /** A single `=` follows. */
  readonly isAssigned: boolean;
  /** Not inside any bracket. */
  readonly isOutermost: boolean;
}

const KEYWORDS = new Set(
  `and as assert async await break class continue def del elif else except finally for from global if import in is lambda
  nonlocal not or pass raise return try while with yield True False None`.split(/\s+/),
);

const BUILTINS = new Set(
  `abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr
  dict dir divmod enumerate eval exec filter float format frozenset getattr globals hasattr hash help hex id input int
  isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print property range
  repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip`.split(/\s+/),
);

const TOKEN = new RegExp(
  [
    /(?<text>[rbfu]{0,2}(?:"""(?:[^\\]|\\.)*?(?:"""|$)|'''(?:[^\\]|\\.)*?(?:'''|$)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?))/,
    /(?<comment>#[^\n]*)/,
    /(?<number>\d[\w.]*)/,
    /(?<word>[\p{L}_][\p{L}\p{N}_]*)/u,
    /(?<bracket>[()[\]{}])/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gisu",
);

/** The names that Python source uses as variables: no attributes, no keywords, nothing inside strings. */
export function listUsedNames(source: string): string[] {
  return [...new Set(usedWords(source).map(({ text }) => text))];
}

/** The names that Python source calls, in order; `isBuiltin` tells those that Python has anyway. */
export function listCalledNames(source: string): string[] {
  return [...new Set(usedWords(source).flatMap(({ text, isCalled }) => (isCalled ? [text] : [])))];
}

export function isBuiltin(name: string): boolean {
  return BUILTINS.has(name);
}

/** Names that Python source binds at its top level: functions and classes, and apart from them imports and variables. */
export function listDefinedNames(source: string): { definitions: Set<string>; others: Set<string> } {
  const definitions = new Set<string>();
  const others = new Set<string>();
  const words = [...readWords(source)];
  words.forEach(({ text, isFirst, isAssigned }, index) => {
    if (!isFirst) return;
    const [next, afterNext] = words.slice(index + 1, index + 3);
    if ((text === "def" || text === "class") && next) definitions.add(next.text);
    else if (text === "async" && afterNext) definitions.add(afterNext.text);
    else if (text === "import" || text === "from") {
      const end = words.findIndex((word, at) => at > index && word.isFirst);
      for (const name of listImported(words.slice(index, end === -1 ? undefined : end))) others.add(name);
    } else if (isAssigned) others.add(text);
  });
  return { definitions, others };
}

/** The names an import statement binds: `import a.b as c, d` binds c and d. */
function listImported(statement: readonly Word[]): string[] {
  const names: string[] = [];
  const start = statement.findIndex(({ text }) => text === "import") + 1;
  for (const { text, isAttribute } of statement.slice(start)) {
    if (text === "as") names.pop();
    else if (!isAttribute) names.push(text);
  }
  return names;
}

function usedWords(source: string): Word[] {
  return [...readWords(source)].filter(
    ({ text, isAttribute, isAssigned, isOutermost }) =>
      // Inside brackets a name before a single "=" is the name of an argument.
      !KEYWORDS.has(text) && !isAttribute && (!isAssigned || isOutermost),
  );
}

/** The words of Python source outside strings and comments, in order. */
function* readWords(source: string): Generator<Word> {
  let depth = 0;
  for (const { 0: text, index, groups } of source.matchAll(TOKEN)) {
    const bracket = groups?.["bracket"];
    if (bracket !== undefined) depth = Math.max(0, depth + ("([{".includes(bracket) ? 1 : -1));
    if (groups?.["word"] === undefined) continue;
    const after = source.slice(index + text.length, index + text.length + 40);
    yield {
      text,
      isFirst: depth === 0 && (index === 0 || source[index - 1] === "\n"),
      isAttribute: /\.\s*$/.test(source.slice(Math.max(0, index - 20), index)),
      isCalled: /^[ \t]*\(/.test(after),
      isAssigned: /^[ \t]*=(?!=)/.test(after),
      isOutermost: depth === 0,
    };
  }
}
