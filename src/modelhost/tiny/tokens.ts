/** What ends a text. It is no text itself and cannot be written by anybody. */
export const END = "\u0000";

/** Stands for characters that the vocabulary does not have. */
const UNKNOWN = "\ufffd";

/** A word, a number or a sign, each with the space before it, or a line's end with the next line's indentation. */
const TOKEN = /\n *| ?(?:[A-Za-z_]\w*|\d+|[^\s\w])|\s|[^]/gu;

export function splitTokens(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** A token without the space before it. */
export function coreOf(token: string): string {
  return token.length > 1 && token.startsWith(" ") ? token.slice(1) : token;
}

/** The tokens that a model can write by itself. Any other text is written character by character. */
export class Vocabulary {
  readonly tokens: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
    this.#ids = new Map(tokens.map((token, id) => [token, id]));
  }

  /** Every token of the texts, the printable characters of ASCII, and the end. */
  static of(texts: Iterable<string>): Vocabulary {
    const tokens = new Set([END, UNKNOWN, "\n"]);
    for (let code = 0x20; code < 0x7f; code++) tokens.add(String.fromCharCode(code));
    for (const text of texts) for (const token of splitTokens(text)) tokens.add(token);
    return new Vocabulary([...tokens]);
  }

  id(token: string): number | undefined {
    return this.#ids.get(token);
  }

  /** The characters of a token that the vocabulary has not as a whole. */
  spell(token: string): string[] {
    return Array.from(token, (character) => (this.#ids.has(character) ? character : UNKNOWN));
  }
}
