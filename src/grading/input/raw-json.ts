/**
 * Reads JSON by slicing it: the parts of an array or object come back as the text they were written in, so that
 * `12345678901234567890` and `1.0` stay what they are, which JSON.parse would round to other numbers. The dialect is
 * what Python's json module writes: `NaN`, `Infinity` and `-Infinity` are numbers too.
 */

/** Text that is no JSON. `offset` counts UTF-16 units from the start of the text. */
export class JsonError extends Error {
  override readonly name = "JsonError";
  constructor(
    readonly what: string,
    readonly offset: number,
  ) {
    super(`${what} at character ${offset + 1}`);
  }
}

export interface RawMember {
  readonly name: string;
  /** The value as it was written. */
  readonly raw: string;
  /** Where the value starts in the text. */
  readonly offset: number;
}

/** Deeper nesting than Python's reader takes is refused, which also keeps this recursion off the end of the stack. */
const MAX_DEPTH = 1000;

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)|NaN/y;
const WORD = /true|false|null/y;

/** The first significant character: `{`, `[`, `"`, …, or "" for blank text. */
export function firstCharacter(text: string): string {
  return text.charAt(skipSpace(text, 0));
}

/**
 * The members of the one object that `text` is; of members with the same name the last counts, as for JSON.parse.
 * @throws JsonError when the text is no JSON object
 */
export function sliceObject(text: string): Map<string, RawMember> {
  const members = new Map<string, RawMember>();
  sliceWhole(text, "{", (name, offset, end) => members.set(name, { name, offset, raw: text.slice(offset, end) }));
  return members;
}

/**
 * The items of the one array that `text` is; their names are their indices.
 * @throws JsonError when the text is no JSON array
 */
export function sliceArray(text: string): RawMember[] {
  const items: RawMember[] = [];
  sliceWhole(text, "[", (name, offset, end) => items.push({ name, offset, raw: text.slice(offset, end) }));
  return items;
}

/**
 * The value of a JSON text, with numbers as JavaScript has them (so integers above 2^53 are rounded).
 * @throws JsonError when the text is no JSON
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Either broken, or in Python's dialect.
    return parseSlices(text);
  }
}

function parseSlices(text: string): unknown {
  switch (firstCharacter(text)) {
    case "{":
      return Object.fromEntries([...sliceObject(text)].map(([name, { raw }]) => [name, parseSlices(raw)]));
    case "[":
      return sliceArray(text).map(({ raw }) => parseSlices(raw));
  }
  const start = skipSpace(text, 0);
  const end = skipValue(text, start, 0);
  requireEnd(text, end);
  const scalar = text.slice(start, end);
  return /[NI]/.test(scalar.slice(0, 2)) ? Number(scalar) : (JSON.parse(scalar) as unknown);
}

type Visit = (name: string, start: number, end: number) => void;

function sliceWhole(text: string, open: "{" | "[", visit: Visit): void {
  const start = skipSpace(text, 0);
  if (text[start] !== open) throw new JsonError(`no JSON ${open === "{" ? "object" : "array"}`, start);
  requireEnd(text, skipContainer(text, start, 0, visit));
}

function requireEnd(text: string, end: number): void {
  const rest = skipSpace(text, end);
  if (rest < text.length) throw new JsonError("unexpected text after the JSON value", rest);
}

function skipContainer(text: string, start: number, depth: number, visit?: Visit): number {
  if (depth >= MAX_DEPTH) throw new JsonError("nested too deeply", start);
  const isObject = text[start] === "{";
  const close = isObject ? "}" : "]";
  let at = skipSpace(text, start + 1);
  if (text[at] === close) return at + 1;
  for (let index = 0; ; index += 1) {
    let name = "";
    if (isObject) {
      const end = skipString(text, at);
      if (visit) name = JSON.parse(text.slice(at, end)) as string;
      at = skipSpace(text, end);
      if (text[at] !== ":") throw new JsonError(`":" expected`, at);
      at = skipSpace(text, at + 1);
    } else if (visit) name = String(index);
    const end = skipValue(text, at, depth);
    visit?.(name, at, end);
    at = skipSpace(text, end);
    if (text[at] === close) return at + 1;
    if (text[at] !== ",") throw new JsonError(`"," or "${close}" expected`, at);
    at = skipSpace(text, at + 1);
  }
}

function skipValue(text: string, start: number, depth: number): number {
  const first = text[start];
  if (first === "{" || first === "[") return skipContainer(text, start, depth + 1);
  if (first === '"') return skipString(text, start);
  const end = match(NUMBER, text, start) ?? match(WORD, text, start);
  if (end === null) throw new JsonError("a JSON value expected", start);
  return end;
}

// A loop, not a pattern: patterns give up on strings of some megabytes.
function skipString(text: string, start: number): number {
  if (text[start] !== '"') throw new JsonError("a string expected", start);
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) {
      at += 1;
      if (!/^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(at, at + 5))) throw new JsonError("a bad escape", at - 1);
    } else if (code < 0x20) throw new JsonError("an unescaped control character", at);
  }
  throw new JsonError("a string without an end", start);
}

function skipSpace(text: string, start: number): number {
  return match(SPACE, text, start) ?? start;
}

function match(pattern: RegExp, text: string, start: number): number | null {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : null;
}
