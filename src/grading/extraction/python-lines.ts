/**
 * Reads Python line by line without parsing it: which lines begin a statement, and what is left of each once string
 * literals and comments are out of the way. Linear in the length of the text, whatever the text is.
 */

/** One physical line of a source. */
export interface PythonLine {
  /** Offset of its first character. */
  readonly start: number;
  readonly text: string;
  /** The line with every string literal replaced by `""` and without its comment. */
  readonly skeleton: string;
  /** False for lines inside a triple-quoted string, inside brackets, or after a backslash. */
  readonly startsStatement: boolean;
  /** A quote was opened on the line and never closed: no Python, or a word such as `can't`. */
  readonly brokenString: boolean;
}

/** Outside strings such a line is a statement even when a bracket was left open above it. */
const NEVER_IN_BRACKETS = /^(?:(?:async[ \t]+)?def[ \t]|class[ \t]|import[ \t]|@)/;
const NOTEWORTHY = /["'#\\()[\]{}]/;

/** Where in strings and brackets a reader of Python is; `feed` takes it over one physical line. */
export class PythonLexer {
  #quote = "";
  #depth = 0;
  #continued = false;
  #brokenString = false;

  get inTripleQuotes(): boolean {
    return this.#quote.length === 3;
  }

  /** Whether the line last fed held a quote that was never closed. */
  get brokenString(): boolean {
    return this.#brokenString;
  }

  /** Whether `line`, which is about to be fed, begins a statement. */
  startsStatement(line: string): boolean {
    if (this.#quote !== "" || this.#continued) return false;
    if (this.#depth > 0 && NEVER_IN_BRACKETS.test(line)) this.#depth = 0;
    return this.#depth === 0;
  }

  /** Reads one line (without its line feed) and returns its skeleton. */
  feed(line: string): string {
    this.#continued = false;
    this.#brokenString = false;
    if (this.#quote === "" && !NOTEWORTHY.test(line)) return line;
    let skeleton = "";
    let from = 0;
    if (this.#quote !== "") {
      skeleton = '""';
      from = this.#skipString(line, 0);
    }
    for (let at = from; at < line.length; at++) {
      switch (line[at]) {
        case "#":
          return skeleton + line.slice(from, at);
        case '"':
        case "'":
          skeleton += line.slice(from, at) + '""';
          from = this.#skipString(line, this.#openString(line, at));
          at = from - 1;
          break;
        case "(":
        case "[":
        case "{":
          this.#depth++;
          break;
        case ")":
        case "]":
        case "}":
          this.#depth = Math.max(0, this.#depth - 1);
          break;
        case "\\":
          this.#continued = at === line.length - 1;
          break;
      }
    }
    return skeleton + line.slice(from);
  }

  #openString(line: string, at: number): number {
    const mark = line.charAt(at);
    const triple = mark.repeat(3);
    this.#quote = line.startsWith(triple, at) ? triple : mark;
    return at + this.#quote.length;
  }

  /** Offset behind the open string, or the line's length when the string goes on (or is broken). */
  #skipString(line: string, from: number): number {
    const mark = this.#quote.charAt(0);
    let at = from;
    while (at < line.length) {
      if (line[at] === "\\") at += 2;
      else if (line[at] === mark && line.startsWith(this.#quote, at)) {
        at += this.#quote.length;
        this.#quote = "";
        return at;
      } else at++;
    }
    // A backslash took the line feed with it: then even a string in single quotes goes on.
    const escaped = at > line.length;
    if (this.#quote.length === 1 && !escaped) {
      this.#brokenString = true;
      this.#quote = "";
    }
    return line.length;
  }
}

/** The lines of `source` in order. */
export function* scanLines(source: string): Generator<PythonLine> {
  const lexer = new PythonLexer();
  for (let start = 0; start <= source.length;) {
    const feed = source.indexOf("\n", start);
    const end = feed === -1 ? source.length : feed;
    const text = source.slice(start, end);
    const startsStatement = lexer.startsStatement(text);
    const skeleton = lexer.feed(text);
    yield { start, text, skeleton, startsStatement, brokenString: lexer.brokenString };
    start = end + 1;
  }
}
