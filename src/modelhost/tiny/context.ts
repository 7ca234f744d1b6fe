import { extend, hashText } from "./random.js";
import { coreOf, splitTokens } from "./tokens.js";

/** A token of the prompt that the model may copy: a name or a number, and a label by which it is known in any prompt. */
export interface Pointer {
  readonly core: string;
  readonly label: number;
}

interface Line {
  readonly words: readonly number[];
  readonly hash: number;
  readonly numbers: readonly Pointer[];
}

const NAME = /^[A-Za-z_]\w*$/;
const NUMBER = /^\d+$/;
const NOTHING: Line = { words: [], hash: hashText("nothing"), numbers: [] };

/**
 * The part of a prompt that the model looks at: the lines of its last paragraph. Names (words that touch a bracket)
 * and numbers are known by where they stand, not by what they are, so that what is learned holds for others too.
 */
export class Prompt {
  readonly names: readonly Pointer[];
  readonly #lines: readonly Line[];

  constructor(text: string) {
    const paragraph =
      text
        .trimEnd()
        .split(/\n\s*\n/)
        .at(-1) ?? "";
    const lines = paragraph.split("\n").map((line) => splitTokens(line.trim()).map(coreOf));
    const names = new Map<string, Pointer>();
    for (const tokens of lines) {
      tokens.forEach((core, at) => {
        const [before = "", after = ""] = [tokens[at - 1], tokens[at + 1]];
        if (!NAME.test(core) || !/[()]/.test(before + after) || names.has(core)) return;
        const touching = (/[()]/.exec(before) ?? [""])[0] + " " + (/[()]/.exec(after) ?? [""])[0];
        names.set(core, { core, label: hashText(`name ${touching}`) });
      });
    }
    this.names = [...names.values()];
    this.#lines = lines.map((tokens) => readLine(tokens, names));
  }

  /** Line `at`, from 0; past the end a line with nothing in it. */
  line(at: number): Line {
    return this.#lines[at] ?? NOTHING;
  }

  get lines(): number {
    return this.#lines.length;
  }
}

function readLine(tokens: readonly string[], names: ReadonlyMap<string, Pointer>): Line {
  const numbers: Pointer[] = [];
  const words = tokens.map((core) => {
    if (NUMBER.test(core)) {
      const pointer = { core, label: hashText(`number ${numbers.length}`) };
      numbers.push(pointer);
      return pointer.label;
    }
    return names.get(core)?.label ?? hashText(core);
  });
  return { words, hash: words.reduce(extend, 0), numbers };
}

/** Most features that are active at once; of a longer line only the first words count. */
const MOST_WORDS = 16;

/**
 * Where the model is: a prompt and what has been written so far. Line i of what is written looks at line i of the
 * prompt's last paragraph: the model's one attention head, which is built in and not learned.
 */
export class Context {
  readonly #prompt: Prompt;
  /** Labels of the last three tokens, and of all since the line began. */
  #last: [number, number, number] = [0, 0, 0];
  #written = 0;
  #at = 0;

  constructor(prompt: Prompt) {
    this.#prompt = prompt;
  }

  /** What may be copied here: names of the prompt, and numbers of the line that is looked at. */
  pointers(): Pointer[] {
    return [...this.#prompt.names, ...this.#prompt.line(this.#at).numbers];
  }

  push(token: string): void {
    const core = coreOf(token);
    const pointer = this.pointers().find((candidate) => candidate.core === core);
    const label = pointer === undefined ? hashText(token) : extend(pointer.label, token === core ? 0 : 1);
    this.#last = [label, this.#last[0], this.#last[1]];
    if (token.startsWith("\n")) {
      this.#at += 1;
      this.#written = 0;
    } else this.#written = extend(this.#written, label);
  }

  /** Hashes of the features that are active for the next token. */
  features(): number[] {
    const line = this.#prompt.line(this.#at);
    const [one, two, three] = this.#last;
    const place = Math.sign(this.#at - this.#prompt.lines + 1);
    const pair = extend(one, two);
    const features = [
      extend(1, 0),
      extend(2, one),
      extend(3, pair),
      extend(4, extend(pair, three)),
      extend(5, this.#written),
      extend(extend(6, this.#written), place),
      extend(extend(7, this.#written), line.hash),
      extend(extend(8, one), line.hash),
    ];
    const words = Math.min(line.words.length, MOST_WORDS);
    for (let at = 0; at < words; at++) features.push(extend(extend(9, this.#written), line.words[at] ?? 0));
    return features;
  }

  /** The same for copying `pointer`, with a space before it or without. */
  pointerFeatures({ label }: Pointer, space: boolean): number[] {
    const [one, two] = this.#last;
    const copy = extend(extend(10, label), space ? 1 : 0);
    const line = this.#prompt.line(this.#at);
    return [
      copy,
      extend(copy, one),
      extend(copy, extend(one, two)),
      extend(extend(copy, this.#written), 1),
      extend(extend(copy, this.#written), line.hash),
    ];
  }
}
