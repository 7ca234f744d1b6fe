import type { Lease, RunResult } from "../../sandbox/contract.js";
import { FILES_BYTES } from "../../sandbox/files.js";
import type { Comparator } from "../comparators/index.js";
import { comparators } from "../comparators/index.js";
import { compareKattis } from "../comparators/kattis.js";
import type { JudgingProgram, StdinTests, Tests } from "../types.js";
import { blame, type Decision, type Reading, RIGHT, undecided, wrong } from "./decision.js";
import { cannotBeGiven, JUDGING_LIMITS, readDecision, toProgram } from "./judging.js";
import { PROTOCOLS } from "./protocols.js";

/** A test of a program that reads stdin, ready to be run. */
export interface ScriptTest {
  readonly stdin: Uint8Array;
  readonly output: string;
}

/** Decides whether what a program wrote answers a test. */
export type OutputJudge = (test: ScriptTest, result: RunResult) => Decision | Promise<Decision>;

/**
 * What decides over outputs: the problem's own checker, flags or comparator where it has one, else that of the run.
 *
 * @param lease the candidate's, beside which a checker has a cell of its own
 */
export function judgeOutputs(tests: StdinTests, comparator: Comparator, lease: Lease): OutputJudge {
  const { checker, rule } = tests;
  if (checker !== undefined) return askChecker(checker, lease);
  const own = tests.comparator === undefined ? comparator : comparators[tests.comparator];
  const answers = rule === undefined ? own.stdin : compareKattis.bind(null, rule);
  return ({ output }, { stdout }) => (answers(output, stdout.toString("utf8")) ? RIGHT : wrong(""));
}

/** What decided, for the record: the name of a comparator, or what kind of program it was. */
export function nameJudge(tests: Tests, otherwise: string): string {
  if (tests.kind !== "stdin") return otherwise;
  const { interactor, checker, rule, comparator } = tests;
  if (interactor !== undefined) return `${interactor.protocol} interactor`;
  if (checker !== undefined) return `${checker.protocol} checker`;
  return rule === undefined ? (comparator ?? otherwise) : "kattis";
}

function askChecker(checker: JudgingProgram, candidate: Lease): OutputJudge {
  let lease: Lease;
  try {
    lease = candidate.besides(toProgram(checker));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { message } = error;
    return () => ({ outcome: "infrastructure_error", message });
  }
  const decide = async (input: Uint8Array, answer: Uint8Array, output: Uint8Array): Promise<Reading> => {
    const size = input.length + answer.length + output.length;
    if (size > FILES_BYTES) return undecided(`its checker cannot be given ${size} bytes of input, output and answer`);
    const { files, args, stdin: read } = PROTOCOLS[checker.protocol].give({ input, answer, output });
    const all = [...args, ...(checker.arguments ?? [])];
    const spec = {
      limits: JUDGING_LIMITS,
      files,
      args: all,
      again: true,
      ...(read === undefined ? {} : { stdin: read }),
    };
    try {
      return readDecision(checker, await lease.run(spec));
    } catch (error) {
      return cannotBeGiven(error, "checker");
    }
  };
  return async ({ stdin, output }, { stdout }) => {
    const answer = Buffer.from(output, "utf8");
    const said = await decide(stdin, answer, stdout);
    if (said.outcome !== "undecided") return said;
    return blame(said.message, await decide(stdin, answer, answer), "where the answer stands for the output");
  };
}
