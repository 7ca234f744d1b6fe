/** A piece of a formula. `spaced` says that white space stood before it. */
export interface Token {
  readonly kind: "number" | "letter" | "command" | "mark";
  readonly text: string;
  readonly spaced: boolean;
}

/** Plain words that mean what the LaTeX command of the name does. */
const WORDS = "sqrt pi infinity infty sin cos tan cot sec csc arcsin arccos arctan log ln exp theta alpha beta".split(
  " ",
);
const WORD = new RegExp(`^(?:${WORDS.join("|")})(?![A-Za-z])`);

/** Commands that are only about looks. */
const LOOKS =
  /^\\(?:left|right|bigl?|bigr|Bigl?|Bigr|displaystyle|textstyle|limits|mathrm|mathbf|mathit|rm|bf|it)(?![A-Za-z])/;
const SPACE = /^(?:\s|~|\\[,;:! ]|\\q?quad(?![A-Za-z]))+/;

const SAME: Readonly<Record<string, string>> = {
  "\\dfrac": "\\frac",
  "\\tfrac": "\\frac",
  "\\cfrac": "\\frac",
  "\\dbinom": "\\binom",
  "\\tbinom": "\\binom",
  "\\cdot": "*",
  "\\times": "*",
  "\\ast": "*",
  "\\div": "/",
  "\\lbrace": "\\{",
  "\\rbrace": "\\}",
  "\\lvert": "|",
  "\\rvert": "|",
  "\\vert": "|",
  "\\infinity": "\\infty",
  "\\varphi": "\\phi",
  "\\varepsilon": "\\epsilon",
};
const CHARACTERS: Readonly<Record<string, string>> = {
  "−": "-",
  "–": "-",
  "×": "*",
  "·": "*",
  "∙": "*",
  "÷": "/",
  "√": "\\sqrt",
  π: "\\pi",
  θ: "\\theta",
  "∞": "\\infty",
  "°": "\\degree",
};

/** Cuts a formula into tokens; null where a character has no meaning in one. */
export function tokenise(text: string): Token[] | null {
  const tokens: Token[] = [];
  let rest = text;
  let spaced = false;
  const take = (kind: Token["kind"], name: string, length: number): void => {
    tokens.push({ kind, text: name, spaced });
    spaced = false;
    rest = rest.slice(length);
  };
  while (rest !== "") {
    const space = SPACE.exec(rest)?.[0] ?? LOOKS.exec(rest)?.[0];
    if (space !== undefined) {
      rest = rest.slice(space.length);
      spaced = true;
      continue;
    }
    const number = /^(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![A-Za-z]))?/.exec(rest)?.[0];
    const trailing = number === undefined ? undefined : /^\d+\.(?!\d)/.exec(rest)?.[0];
    const command = /^\\(?:[A-Za-z]+|[{}|])/.exec(rest)?.[0];
    const word = WORD.exec(rest)?.[0];
    const first = rest.charAt(0);
    const same = CHARACTERS[first];
    if (number !== undefined) take("number", trailing ?? number, (trailing ?? number).length);
    else if (command !== undefined) takeNamed(SAME[command] ?? command, command.length);
    else if (word !== undefined) take("command", `\\${word === "infinity" ? "infty" : word}`, word.length);
    else if (same !== undefined) takeNamed(same, 1);
    else if (rest.startsWith("**")) take("mark", "^", 2);
    else if (/^[A-Za-z]/.test(first)) take("letter", first, 1);
    else if (/^[-+*/^_(){}[\]|!']/.test(first)) take("mark", first, 1);
    else return null;
  }
  return tokens;

  function takeNamed(name: string, length: number): void {
    take(name.startsWith("\\") ? "command" : "mark", name, length);
  }
}
