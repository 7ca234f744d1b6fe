import type { Limits } from "../sandbox/contract.js";
import type { TimeMultipliers } from "../sandbox/languages.js";
import type { ComparatorName } from "./comparators/index.js";

/** What became of a test, or of a whole completion. */
export const VERDICTS = [
  "accepted",
  "wrong_answer",
  "time_limit",
  "memory_limit",
  "output_limit",
  "runtime_error",
  "compile_error",
  "no_code",
  "invalid_problem",
  "infrastructure_error",
] as const;
export type Verdict = (typeof VERDICTS)[number];

export const PROBLEM_FORMATS = [
  "humaneval",
  "evalplus",
  "mbpp",
  "apps",
  "livecodebench",
  "code-contests",
  "taco",
  "codeforces",
  "kattis",
  "humaneval-x",
  "humanevalpack",
  "multipl-e",
  "custom",
  "math",
  "gsm8k",
  "question-answer",
  "bbh",
] as const;
export type ProblemFormat = (typeof PROBLEM_FORMATS)[number];

export interface Problem {
  /** The id that result rows use, for instance `HumanEval/0`. */
  readonly id: string;
  /** Other spellings by which samples may name the problem (`0`, `MBPP/11`, `Mbpp/11`, …). */
  readonly aliases: readonly string[];
  readonly format: ProblemFormat;
  /** What its programs and its test code are written in; absent for Python, and for stdin tests, which take any. */
  readonly language?: string;
  readonly prompt: string;
  /** What a model is shown before the question, where the set has demonstrations. */
  readonly fewShot?: FewShot;
  /** The function (or method of `Solution`) that tests call; null for programs that read stdin. */
  readonly entryPoint: string | null;
  readonly starterCode: string;
  readonly difficulty: string | null;
  readonly tests: Tests;
  /** With assertions: Python that stands in front of every program. */
  readonly preamble?: string;
  /** Parts of the tests that are told apart in the verdict, in the order of the tests. */
  readonly groups?: readonly TestGroup[];
  /** Whole programs that the data set says are right. */
  readonly references: readonly string[];
  /** Whole programs that the data set says are wrong. */
  readonly wrong?: readonly string[];
  /** The same in other languages than Python. */
  readonly foreign?: { readonly references: readonly ForeignProgram[]; readonly wrong: readonly ForeignProgram[] };
  /** Texts before which a completion of the prompt ends, where the data set says so. */
  readonly stops?: readonly string[];
  /** Limits the data set states; they go before the defaults and behind the command line. */
  readonly limits: Partial<Limits>;
  /** Where the time limits of some languages are to be longer than their manifests say. */
  readonly timeMultipliers?: TimeMultipliers;
  /** Why this problem cannot be graded (no tests, unreadable tests), or null. */
  readonly invalid: string | null;
}

export interface ForeignProgram {
  /** A name that `findLanguage` knows. */
  readonly language: string;
  readonly source: string;
}

/** So many tests in a row, the first of them after the group before. */
export interface TestGroup {
  readonly name: string;
  readonly tests: number;
}

export type Tests = StdinTests | CallTests | AssertionTests | SharedTests | AnswerTests;

/** Demonstrations: a line about the task, then questions with answers, each followed by an empty line. */
export interface FewShot {
  /** With the answers alone. */
  readonly direct: string;
  /** With the reasoning before each answer. */
  readonly chainOfThought: string;
}

/** The program reads `input` and must write what answers `output`. */
export interface StdinTests {
  readonly kind: "stdin";
  /** Ask once, and never for each case: they may be unpacked each time. */
  readonly cases: readonly { readonly input: string; readonly output: string }[];
  /** How outputs are compared, where the problem itself says so: that goes before the comparator of the run. */
  readonly rule?: OutputRule;
  /** The same, by the name of a comparator. */
  readonly comparator?: ComparatorName;
  /** A program of the problem set's that decides in the place of a comparison. */
  readonly checker?: JudgingProgram;
  /** A program that the candidate talks to, and that decides: the candidate reads from it what it would read from stdin. */
  readonly interactor?: JudgingProgram;
}

/** By what protocol a program of a problem set's is told of a test and tells its decision; see `checkers/protocols.ts`. */
export const CHECKER_PROTOCOLS = ["function", "testlib", "kattis", "score"] as const;
export const INTERACTOR_PROTOCOLS = ["testlib", "kattis"] as const;
export type CheckerProtocol = (typeof CHECKER_PROTOCOLS)[number];

/** A checker or an interactor. It is trusted more than a candidate and less than assay, and runs in a cell. */
export interface JudgingProgram {
  readonly protocol: CheckerProtocol;
  /** A name that `findLanguage` knows. */
  readonly language: string;
  readonly source: string;
  /** Beside the source when it is compiled: headers, mostly. */
  readonly files?: readonly { readonly path: string; readonly content: string }[];
  /** Behind the arguments of the protocol. */
  readonly arguments?: readonly string[];
}

/** The default validator of the Kattis format and its flags, see `comparators/kattis.ts`. */
export interface OutputRule {
  readonly caseSensitive: boolean;
  readonly spaceSensitive: boolean;
  /** How far a number may be off; null where numbers are compared as texts. */
  readonly absolute: number | null;
  readonly relative: number | null;
}

/** The function is called with `args` and must return `expected`; both are JSON texts, so that no integer is rounded. */
export interface CallTests {
  readonly kind: "calls";
  readonly functionName: string;
  /** Ask once, as in StdinTests. */
  readonly cases: readonly { readonly args: string; readonly expected: string }[];
}

/** Python test code that calls the candidate's functions. */
export interface AssertionTests {
  readonly kind: "assertions";
  /** Executed before the tests, on the judge's side. */
  readonly prelude: string;
  /** Names of the candidate's functions and classes that the test code uses. */
  readonly names: readonly string[];
  /** Python source. Each is one test, or with `countAssertions` each assertion in them is. */
  readonly checks: readonly { readonly source: string; readonly data?: string }[];
  readonly countAssertions: boolean;
}

/** Test code in the program's own language that is put behind the program and runs in its process. */
export interface SharedTests {
  readonly kind: "shared";
  readonly source: string;
  /** Imports and headers that the data set gives its programs. */
  readonly setup: string;
  /** How many braces of the program the test code goes on in (1 inside a class); null where braces say nothing. */
  readonly open: number | null;
}

/** A question with one right answer; nothing is run. */
export interface AnswerTests {
  readonly kind: "answer";
  /** As the data set has it, in LaTeX or plain writing. */
  readonly answer: string;
  /** The key of `ANSWER_POLICIES` that the set is graded under where nobody names another. */
  readonly policy?: "bbh";
}

/** One row of a samples file. */
export interface Sample {
  readonly taskId: string;
  /** Either the text a model produced … */
  readonly completion: string | null;
  /** … or a whole program that is taken as it is. */
  readonly solution: string | null;
  /** The language that the row says the program is in (an id of `findLanguage`); absent where it does not say. */
  readonly language?: string;
  /** The row as it was read; its fields are carried through to the result row. */
  readonly row: Readonly<Record<string, unknown>>;
}

/** The program taken out of a completion, and how. */
export interface Extraction {
  /** The rule used, for instance `last_block_defining_entry_point`. */
  readonly rule: string;
  /** Version of the rules; raised whenever a rule changes what it takes. */
  readonly version: number;
  readonly language: string;
  /** The last code block had no end, so the completion was probably cut off. */
  readonly truncated: boolean;
  /** Number of code blocks seen. */
  readonly blocks: number;
}

export interface Failure {
  readonly index: number;
  readonly verdict: Verdict;
  readonly input: string;
  readonly expected: string;
  readonly actual: string;
  readonly stderr: string;
}

/** How an answer to a question was compared with the right one. */
export interface Equivalence {
  /** A key of `ANSWER_POLICIES`, see `mathematics/policies.ts`. */
  readonly policy: string;
  /** What decided: 0, the comparison in this process; 1, the symbolic check. Null where there was no answer. */
  readonly tier: number | null;
  /** The answer that was found, cut to 1,000 characters. */
  readonly answer: string | null;
  /** Why nobody could say whether the answers are equal, where that is so; they count as different. */
  readonly undecided?: string;
}

/** The Verdict record: the same in result rows and over HTTP. */
export interface VerdictRecord {
  readonly task_id: string;
  readonly verdict: Verdict;
  readonly passed: boolean;
  readonly reward: number;
  readonly tests: {
    readonly total: number;
    readonly run: number;
    readonly passed: number;
    /** Indices of the tests that were run and did not pass; only where every test was to be run. */
    readonly failed?: readonly number[];
  };
  readonly first_failure: Failure | null;
  /** Only for problems with groups of tests, by name: did all tests of the group, and of those before it, pass? */
  readonly groups?: Readonly<Record<string, boolean>>;
  readonly usage: {
    readonly cpu_ms: number;
    readonly wall_ms: number;
    readonly peak_memory_kb: number;
    readonly queue_ms: number;
  };
  readonly extraction: Extraction;
  /** Only for questions with answers. */
  readonly equivalence?: Equivalence;
  /** Which way the result was reached: nothing of the answer was in the candidate's process, or it shared the process. */
  readonly integrity: "isolated" | "shared_process";
  readonly isolation: "namespaces" | "unprivileged" | "none";
  readonly comparator: string;
  /** The policy (`--policy`) that the run was graded under, where one was named. */
  readonly policy?: string;
  readonly cached: boolean;
  /** For instance `assay 0.1.0, python 3.11.2`. */
  readonly grader: string;
  /** What a program in another language than Python was compiled or run by, for instance `cpp 12.2.0`. */
  readonly runtime?: string;
  /** By what the time limits were multiplied for the program's language; absent where they were not. */
  readonly time_multiplier?: number;
}
