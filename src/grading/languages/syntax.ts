/** How a language writes what is not code. Enough to find braces and definitions, not to parse. */
interface Syntax {
  readonly line: readonly string[];
  readonly block: readonly (readonly [open: string, close: string])[];
  /** Marks that open and close a string; a backslash escapes in it. */
  readonly quotes: readonly string[];
  /** Strings without escapes: the opening, of which the first group gives what the closing must hold. */
  readonly raw?: { readonly open: RegExp; readonly close: (group: string) => string };
  /** `'` opens a literal of one character only (or nothing at all, as in a lifetime or `1'000`). */
  readonly characters?: boolean;
  /** A comment mark counts only at the beginning of a word (`$#` and `${a#b}` hold none). */
  readonly spaced?: boolean;
  /** `/` may open a regular expression. */
  readonly regex?: boolean;
  /** Outside of strings, too, a backslash takes the meaning from what comes next. */
  readonly escapes?: boolean;
}

const C_BLOCK = [["/*", "*/"]] as const;
const C: Syntax = { line: ["//"], block: C_BLOCK, quotes: ['"'], characters: true };
const HASH: Syntax = { line: ["#"], block: [], quotes: ['"', "'"], spaced: true };

const SYNTAXES: Readonly<Record<string, Syntax>> = {
  c: C,
  cpp: { ...C, raw: { open: /R"([^\s()\\]{0,16})\(/y, close: (delimiter) => `)${delimiter}"` } },
  csharp: { ...C, raw: { open: /@"()/y, close: () => '"' } },
  d: { ...C, quotes: ['"', "`"] },
  go: { ...C, raw: { open: /`()/y, close: () => "`" } },
  java: { ...C, raw: { open: /"""()/y, close: () => '"""' } },
  javascript: { line: ["//"], block: C_BLOCK, quotes: ['"', "'", "`"], regex: true },
  kotlin: { ...C, raw: { open: /"""()/y, close: () => '"""' } },
  lua: { line: ["--"], block: [["--[[", "]]"]], quotes: ['"', "'"], raw: { open: /\[\[()/y, close: () => "]]" } },
  perl: HASH,
  php: { line: ["//", "#"], block: C_BLOCK, quotes: ['"', "'"] },
  r: { ...HASH, quotes: ['"', "'", "`"], spaced: false },
  racket: { line: [";"], block: [["#|", "|#"]], quotes: ['"'] },
  ruby: { ...HASH, block: [["\n=begin", "\n=end"]] },
  rust: { ...C, raw: { open: /\br(#{0,8})"/y, close: (hashes) => `"${hashes}` } },
  scala: { ...C, raw: { open: /"""()/y, close: () => '"""' } },
  swift: { ...C, characters: false, raw: { open: /"""()/y, close: () => '"""' } },
  bash: { ...HASH, quotes: ['"'], raw: { open: /'()/y, close: () => "'" }, escapes: true },
  julia: { line: ["#"], block: [["#=", "=#"]], quotes: ['"'], raw: { open: /"""()/y, close: () => '"""' } },
};
const ALSO: Readonly<Record<string, string>> = { typescript: "javascript" };

const CHARACTER = /'(?:\\[^\n']{1,12}|\\'|[^\\'\n]{1,2})'/y;
const REGEX = /\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;

/**
 * The text with every comment and every string blanked out: the same length, the same lines, and nothing in it but
 * code. What a language is not known for stays as it is. Takes time in proportion to the text.
 */
export function maskText(code: string, language: string): string {
  const syntax = SYNTAXES[ALSO[language] ?? language];
  if (syntax === undefined) return code;
  let masked = "";
  for (let at = 0; at < code.length;) {
    const end = endOfOther(code, at, syntax);
    if (end === at) masked += code.charAt(at++);
    else {
      masked += code.slice(at, end).replace(/[^\n]/g, " ");
      at = end;
    }
  }
  return masked;
}

/** Where the comment or string that begins at `at` ends; `at` itself where none does. */
function endOfOther(code: string, at: number, syntax: Syntax): number {
  const character = code.charAt(at);
  const { raw } = syntax;
  for (const [open, close] of syntax.block) if (code.startsWith(open, at)) return behind(code, close, at + open.length);
  if (syntax.line.some((mark) => code.startsWith(mark, at)) && (syntax.spaced !== true || isWordStart(code, at))) {
    const feed = code.indexOf("\n", at);
    return feed === -1 ? code.length : feed;
  }
  if (raw !== undefined) {
    raw.open.lastIndex = at;
    const opening = raw.open.exec(code);
    if (opening !== null) return behind(code, raw.close(opening[1] ?? ""), at + opening[0].length);
  }
  if (character === "\\" && syntax.escapes === true) return Math.min(at + 2, code.length);
  if (syntax.quotes.includes(character)) return endOfString(code, at);
  if (character === "'" && syntax.characters === true) return endOfMatch(CHARACTER, code, at);
  if (character === "/" && syntax.regex === true && mayOpenRegex(code, at)) return endOfMatch(REGEX, code, at);
  return at;
}

/** `${#all}` is a length. */
function isWordStart(code: string, at: number): boolean {
  return at === 0 || (/[\s;&|(){}]/.test(code.charAt(at - 1)) && !code.startsWith("${", at - 2));
}

/** Behind an operator or an opening bracket a value begins; a slash there divides nothing. */
function mayOpenRegex(code: string, at: number): boolean {
  const before = /(\S?)\s*$/.exec(code.slice(Math.max(0, at - 64), at))?.[1] ?? "";
  return before === "" || "(,=:[!&|?{};+".includes(before);
}

function behind(code: string, mark: string, from: number): number {
  const found = code.indexOf(mark, from);
  return found === -1 ? code.length : found + mark.length;
}

/** A string in double or single quotes that is not closed ends with its line: it was an apostrophe. */
function endOfString(code: string, at: number): number {
  const mark = code.charAt(at);
  for (let next = at + 1; next < code.length; next++) {
    if (code[next] === "\\") next++;
    else if (code[next] === mark) return next + 1;
  }
  const feed = code.indexOf("\n", at);
  return feed === -1 ? code.length : feed;
}

function endOfMatch(pattern: RegExp, code: string, at: number): number {
  pattern.lastIndex = at;
  const found = pattern.exec(code);
  return found === null ? at : at + found[0].length;
}

/** How many braces a masked text leaves open; negative where it closes more than it opens. */
export function countOpenBraces(masked: string): number {
  let depth = 0;
  for (const character of masked) {
    if (character === "{") depth++;
    else if (character === "}") depth--;
  }
  return depth;
}

/**
 * Behind the brace that brings a masked text down to `depth` open braces, counted from `from` with `open` of them
 * open there; -1 where none does.
 */
export function findBraceTo(masked: string, depth: number, from = 0, open = 0): number {
  let now = open;
  for (let at = from; at < masked.length; at++) {
    if (masked[at] === "{") now++;
    else if (masked[at] === "}" && --now === depth) return at + 1;
  }
  return -1;
}
