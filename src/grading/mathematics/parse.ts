import { FUNCTIONS, type Expression } from "./expression.js";
import { makeRational, NoExactValue, ONE, parseDecimal, ZERO } from "./rational.js";
import { tokenise, type Token } from "./tokens.js";

/** Longest formula that is read, and how deep it may be nested. */
const MOST_CHARACTERS = 2000;
const DEEPEST = 60;

/** Thrown inside, for what is no formula or could mean two things. */
class Unreadable extends Error {}

const MINUS_ONE: Expression = { kind: "number", value: makeRational(-1n) };
const GREEK = /^\\(?:alpha|beta|gamma|delta|epsilon|theta|lambda|mu|phi|psi|rho|sigma|tau|omega|pi|infty|degree)$/i;

/**
 * Reads a formula in LaTeX or plain writing. Null for what is no formula, and for what could mean two things
 * (`1/2x`): a wrong reading could make two answers equal that are not.
 */
export function parseExpression(text: string): Expression | null {
  if (text.length > MOST_CHARACTERS) return null;
  const tokens = tokenise(text);
  if (tokens === null || tokens.length === 0) return null;
  try {
    return new Parser(tokens).parse();
  } catch (error) {
    if (error instanceof Unreadable || error instanceof NoExactValue) return null;
    throw error;
  }
}

class Parser {
  #at = 0;
  #depth = 0;

  constructor(private readonly tokens: Token[]) {}

  parse(): Expression {
    const whole = this.#sum();
    if (this.#at < this.tokens.length) throw new Unreadable();
    return whole;
  }

  #sum(): Expression {
    if (++this.#depth > DEEPEST) throw new Unreadable();
    const terms: Expression[] = [];
    for (let sign = this.#sign(); ;) {
      const term = this.#product();
      terms.push(sign < 0 ? product([MINUS_ONE, term]) : term);
      if (!this.#sees("+") && !this.#sees("-")) break;
      sign = this.#sign();
    }
    this.#depth -= 1;
    return terms.length === 1 && terms[0] !== undefined ? terms[0] : { kind: "sum", terms };
  }

  #sign(): number {
    let sign = 1;
    while (this.#sees("+") || this.#sees("-")) if (this.#next().text === "-") sign = -sign;
    return sign;
  }

  #product(): Expression {
    let whole = this.#power();
    let divided = false;
    for (;;) {
      if (this.#skip("*")) {
        const sign = this.#sign();
        whole = product([...(sign < 0 ? [MINUS_ONE] : []), whole, this.#power()]);
      } else if (this.#skip("/")) {
        whole = { kind: "quotient", top: whole, bottom: this.#power() };
        divided = true;
      } else if (this.#beginsFactor()) {
        // In "1/2x" nobody knows what is divided.
        if (divided) throw new Unreadable();
        if (this.#peek()?.kind === "number" && this.tokens[this.#at - 1]?.kind === "number") {
          whole = this.#mixedNumber(whole);
        } else whole = joinFactors(whole, this.#peek(), this.#power());
      } else return whole;
    }
  }

  /** `3 1/2` behind the 3. Two numbers side by side are nothing else. */
  #mixedNumber(whole: Expression): Expression {
    const top = this.#numberValue();
    if (!this.#skip("/")) throw new Unreadable();
    const bottom = this.#numberValue();
    return mixed(whole, { kind: "quotient", top, bottom });
  }

  #numberValue(): Expression {
    const token = this.#next();
    const value = token.kind === "number" ? parseDecimal(token.text) : null;
    if (value === null) throw new Unreadable();
    return { kind: "number", value };
  }

  #power(): Expression {
    let base = this.#postfix(this.#atom());
    if (this.#skip("^")) {
      if (this.#peek()?.text === "\\circ") {
        this.#next();
        return product([base, { kind: "symbol", name: "\\degree" }]);
      }
      const braced = this.#sees("{");
      if (braced && this.tokens[this.#at + 1]?.text === "\\circ" && this.tokens[this.#at + 2]?.text === "}") {
        this.#at += 3;
        return product([base, { kind: "symbol", name: "\\degree" }]);
      }
      const sign = braced ? 1 : this.#sign();
      const exponent = this.#atom();
      base = { kind: "power", base, exponent: sign < 0 ? product([MINUS_ONE, exponent]) : exponent };
      // a^b^c without braces is an error in LaTeX.
      if (this.#sees("^")) throw new Unreadable();
      base = this.#postfix(base);
    }
    return base;
  }

  #postfix(base: Expression): Expression {
    if (!this.#skip("!")) return base;
    // `5!!` is no factorial of a factorial.
    if (this.#sees("!")) throw new Unreadable();
    return { kind: "call", name: "!", parameters: [base] };
  }

  #atom(): Expression {
    const token = this.#next();
    if (token.kind === "number") return this.#withBase(token);
    if (token.kind === "letter") return this.#withSubscript(token.text);
    if (token.kind === "command") return this.#command(token.text);
    if (token.text === "(") return this.#until(")");
    if (token.text === "{") return this.#until("}");
    if (token.text === "[") return this.#until("]");
    if (token.text === "|") return { kind: "call", name: "abs", parameters: [this.#until("|")] };
    throw new Unreadable();
  }

  #command(name: string): Expression {
    const plain = name.slice(1);
    if (name === "\\frac") return { kind: "quotient", top: this.#argument(), bottom: this.#argument() };
    if (name === "\\binom") return { kind: "call", name: "binom", parameters: [this.#argument(), this.#argument()] };
    if (name === "\\sqrt") return this.#root();
    if (name === "\\overline" || name === "\\bar") {
      return { kind: "call", name: "overline", parameters: [this.#argument()] };
    }
    if (FUNCTIONS.has(plain)) return this.#function(plain);
    if (GREEK.test(name)) return this.#withSubscript(name);
    throw new Unreadable();
  }

  #root(): Expression {
    let degree = 2;
    if (this.#skip("[")) {
      const token = this.#next();
      degree = Number(token.text);
      if (!Number.isInteger(degree) || degree < 2 || degree > 20 || !this.#skip("]")) throw new Unreadable();
    }
    const token = this.#peek();
    // LaTeX reads `\\sqrt12` as the root of 1 times 2, and hardly anyone means that.
    if (token?.kind === "number" && token.text.length > 1) throw new Unreadable();
    return { kind: "root", degree, radicand: this.#argument() };
  }

  #function(name: string): Expression {
    let full = name;
    const base = name === "log" && this.#skip("_") ? [this.#argument()] : [];
    if (this.#skip("_")) full = `${name}_${JSON.stringify(this.#argument(), plainBigints)}`;
    let exponent: Expression | null = null;
    if (this.#skip("^")) exponent = this.#atom();
    // `\sin 2x` goes on as far as factors go; `\sin(x)` ends with its parenthesis.
    const bracketed = this.#sees("(") || this.#sees("{");
    const parameter = bracketed ? this.#atom() : this.#bareParameter();
    const call: Expression = { kind: "call", name: full, parameters: [parameter, ...base] };
    return exponent === null ? call : { kind: "power", base: call, exponent };
  }

  #bareParameter(): Expression {
    let whole = this.#power();
    while (this.#peek()?.kind === "letter" || GREEK.test(this.#peek()?.text ?? "")) {
      whole = product([whole, this.#power()]);
    }
    // In `\sin x(1+y)` nobody knows where the function ends.
    if (this.#sees("(") || this.#sees("/")) throw new Unreadable();
    return whole;
  }

  /** A digit, a letter or a group behind `\frac` and the like. `\frac12` takes one digit each. */
  #argument(): Expression {
    const token = this.#peek();
    if (token?.kind === "number" && token.text.length > 1 && /^\d+$/.test(token.text)) {
      this.tokens[this.#at] = { ...token, text: token.text.slice(1) };
      return { kind: "number", value: parseDecimal(token.text.charAt(0)) ?? ZERO };
    }
    return this.#atom();
  }

  /** A number; one with a subscript is written in that base and only equal to itself. */
  #withBase(token: Token): Expression {
    const value = parseDecimal(token.text);
    if (value === null) throw new Unreadable();
    if (!this.#sees("_")) return this.#repeating(token.text) ?? { kind: "number", value };
    return this.#withSubscript(token.text);
  }

  /** `0.1\overline{6}` behind `0.1`. */
  #repeating(text: string): Expression | null {
    if (!/^\d*\.\d*$|^\d+$/.test(text) || this.#peek()?.text !== "\\overline" || this.#peek()?.spaced === true)
      return null;
    const [open, digits, close] = this.tokens.slice(this.#at + 1, this.#at + 4);
    const period = digits?.text ?? "";
    if (!text.includes(".") || open?.text !== "{" || !/^\d+$/.test(period) || close?.text !== "}")
      throw new Unreadable();
    this.#at += 4;
    const [whole = "", fraction = ""] = text.split(".");
    const [short, long] = [BigInt(`0${whole}${fraction}`), BigInt(`0${whole}${fraction}${period}`)];
    const bottom = 10n ** BigInt(fraction.length) * (10n ** BigInt(period.length) - 1n);
    return { kind: "number", value: makeRational(long - short, bottom) };
  }

  #withSubscript(name: string): Expression {
    let full = name;
    while (this.#skip("'")) full += "'";
    if (!this.#skip("_")) return { kind: "symbol", name: full };
    const braced = this.#skip("{");
    const parts: string[] = [];
    do parts.push(this.#next().text);
    while (braced && !this.#sees("}"));
    if (braced) this.#next();
    if (parts.some((part) => !/^(?:\w+|\\[A-Za-z]+)$/.test(part))) throw new Unreadable();
    return { kind: "symbol", name: `${full}_${parts.join("")}` };
  }

  #until(close: string): Expression {
    const inner = this.#sum();
    if (!this.#skip(close)) throw new Unreadable();
    return inner;
  }

  #beginsFactor(): boolean {
    const token = this.#peek();
    if (token === undefined) return false;
    if (token.kind !== "mark") return token.text !== "\\}" && token.text !== "\\{" && token.text !== "\\|";
    return token.text === "(" || token.text === "{" || token.text === "[";
  }

  #peek(): Token | undefined {
    return this.tokens[this.#at];
  }

  #sees(mark: string): boolean {
    const token = this.#peek();
    return token?.kind === "mark" && token.text === mark;
  }

  #skip(mark: string): boolean {
    const seen = this.#sees(mark);
    if (seen) this.#at += 1;
    return seen;
  }

  #next(): Token {
    const token = this.tokens[this.#at++];
    if (token === undefined) throw new Unreadable();
    return token;
  }
}

function product(factors: readonly Expression[]): Expression {
  return { kind: "product", factors };
}

/** `2\frac13` is a mixed number; any other two factors side by side are multiplied. */
function joinFactors(whole: Expression, token: Token | undefined, next: Expression): Expression {
  const isMixed = token?.text === "\\frac" && isNatural(whole) && next.kind === "quotient" && isProper(next);
  return isMixed ? mixed(whole, next) : product([whole, next]);
}

function mixed(whole: Expression, fraction: Expression & { kind: "quotient" }): Expression {
  if (!isNatural(whole) || !isProper(fraction)) throw new Unreadable();
  return { kind: "sum", terms: [whole, fraction] };
}

function isNatural(expression: Expression): expression is Expression & { kind: "number" } {
  return expression.kind === "number" && expression.value.bottom === ONE.bottom;
}

function isProper({ top, bottom }: Expression & { kind: "quotient" }): boolean {
  return isNatural(top) && isNatural(bottom) && top.value.top < bottom.value.top;
}

function plainBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
