import type { RunFile, RunResult } from "../../sandbox/contract.js";
import type { CheckerProtocol } from "../types.js";
import { broken, type Reading, RIGHT, undecided, wrong } from "./decision.js";
import { FUNCTION_FILES, readFunctionAnswer } from "./function.js";

/** A test with what a program made of it. `output` is null for an interactor, which hears it as it comes. */
export interface Judged {
  readonly input: Uint8Array;
  readonly answer: Uint8Array;
  readonly output: Uint8Array | null;
}

/** What a judging program is given. */
export interface Given {
  readonly files: readonly RunFile[];
  readonly args: readonly string[];
  readonly stdin?: Uint8Array;
}

interface Protocol {
  give(test: Judged): Given;
  /** The decision of a program that ended with a status of its own. */
  read(result: RunResult): Reading;
}

/** Where a validator of the Kattis format may write; it has to be there, and so there is a file in it. */
const FEEDBACK = "feedback";

/** How each protocol hands over a test, and where the decision is. `docs/problem-format.md` describes them. */
export const PROTOCOLS: Readonly<Record<CheckerProtocol, Protocol>> = {
  function: {
    give: ({ input, answer, output }) => ({
      files: [
        file(FUNCTION_FILES.input, input),
        file(FUNCTION_FILES.output, output),
        file(FUNCTION_FILES.expected, answer),
      ],
      args: [],
    }),
    read: (result) => (result.exitCode === 0 ? readFunctionAnswer(result) : died(result)),
  },
  testlib: {
    give: ({ input, answer, output }) => ({
      files: [file("input.txt", input), file("output.txt", output), file("answer.txt", answer)],
      args: ["input.txt", "output.txt", "answer.txt"],
    }),
    read(result) {
      const message = lastWords(result);
      switch (result.exitCode) {
        case 0:
          return RIGHT;
        // Wrong, wrong form, more than was asked for, points (full ones end with 0), less than was asked for.
        case 1:
        case 2:
        case 4:
        case 7:
        case 8:
          return wrong(message);
        case 3:
          return broken(`failed: ${message}`);
        default:
          return died(result);
      }
    },
  },
  kattis: {
    give: ({ input, answer, output }) => ({
      files: [file("input.in", input), file("answer.ans", answer), file(`${FEEDBACK}/judgemessage.txt`, null)],
      args: ["input.in", "answer.ans", `${FEEDBACK}/`],
      ...(output === null ? {} : { stdin: output }),
    }),
    read(result) {
      if (result.exitCode === 42) return RIGHT;
      return result.exitCode === 43 ? wrong(lastWords(result)) : died(result);
    },
  },
  // Of open-r1/codeforces: 1 on stdout is right, any lesser number is wrong.
  score: {
    give: ({ input, answer, output }) => ({
      files: [file("input.txt", input), file("correct_output.txt", answer), file("solution_output.txt", output)],
      args: ["input.txt", "correct_output.txt", "solution_output.txt"],
    }),
    read(result) {
      if (result.exitCode !== 0) return died(result);
      const said = result.stdout.toString("utf8").trim();
      const score = /^\d+(?:\.\d+)?$/.test(said) ? Number(said) : NaN;
      if (score === 1) return RIGHT;
      return score < 1
        ? wrong(score > 0 ? `score ${said}` : "")
        : undecided(`printed no score from 0 to 1: ${cut(said)}`);
    },
  },
};

function file(path: string, content: Uint8Array | null): RunFile {
  return { path, content: content ?? EMPTY };
}

const EMPTY = new Uint8Array();
const MOST = 1000;

function cut(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
}

/** What it says for people: on stderr, as testlib does, else on stdout. */
function lastWords({ stderr, stdout }: RunResult): string {
  return cut(stderr.toString("utf8").trim() || stdout.toString("utf8").trim());
}

function died(result: RunResult): Reading {
  const how = result.signal === null ? `with exit status ${result.exitCode ?? 0}` : `by signal ${result.signal}`;
  return undecided(`ended ${how}: ${lastWords(result) || result.detail}`);
}
