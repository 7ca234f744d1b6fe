import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { InputError } from "../../errors.js";
import { createGrader } from "../../grading/grader.js";
import { makeStdinProblem } from "../../grading/problems/stdin.js";
import type { Sandbox } from "../../sandbox/contract.js";
import { findLanguage, findVersion, howToInstall, isInstalled, type Language } from "../../sandbox/languages.js";
import { whatRuns } from "../../sandbox/what-runs.js";
import { runFloor, type FloorJob } from "./floor.js";
import { functionRates } from "./functions.js";
import { median, TESTS_PER_PROGRAM, times } from "./numbers.js";
import { withTrusted } from "./trusted.js";

/** Programs that add two numbers, in every language; the same place seen from the source and from what is built of it. */
const FIXTURES = fileURLToPath(new URL("../../../fixtures/languages/", import.meta.url));
const INPUT = "2 3\n";
const OUTPUT = "5\n";

/** The same work with and without assay's walls; `toBare` is the median of the ratios round by round. */
export interface BesideBare {
  readonly bare: number;
  readonly assay: number;
  readonly toBare: number;
}

export interface LanguageReport {
  readonly processors: number;
  readonly runtime: string;
  readonly rounds: number;
  readonly language: string;
  /** Of its toolchain; empty where it does not say. */
  readonly version: string;
  /** Tests of a trivial stdin program per second, each in a process of its own, the program being compiled already. */
  readonly tests: BesideBare;
  /** Milliseconds that a program takes that is new: compiled (where the language is) and run once, with nothing beside it. */
  readonly firstTest: BesideBare;
  /** Programs of a function problem per second, where a judge calls the language's functions: each is one run of its own. */
  readonly functions?: BesideBare;
}

export interface LanguageBenchOptions {
  readonly sandbox: Sandbox;
  readonly processors: number;
  /** Id, alias or variant of an installed language whose programs are commands. */
  readonly language: string;
  /** Programs of 20 tests that each processor is given in a round. */
  readonly repeat: number;
  readonly rounds: number;
  readonly onStep: (step: string) => void;
}

/** Programs of a function problem for each test of a stdin program. */
const FUNCTIONS_A_TEST = 4;

interface Pair {
  readonly bare: number;
  readonly assay: number;
}

/**
 * Measures a language's programs beside the same programs without a sandbox, in turn.
 *
 * @throws InputError for a language that is not known, not installed, or not run by a command
 * @throws Error when anything is not graded as accepted: a wrong result has no speed
 */
export async function measureLanguage(options: LanguageBenchOptions): Promise<LanguageReport> {
  const { sandbox, processors, repeat, rounds, onStep } = options;
  const { language, source } = readTrivial(options.language);
  const program = { language: language.id, source };
  const runs = whatRuns(program, false);
  if ("refused" in runs || runs.command === null) {
    throw new InputError(
      `--language: ${language.name} is not run by a command; assay bench without it measures Python`,
    );
  }
  const grader = createGrader(sandbox, { comparator: "strict", allTests: true, limits: {}, extraction: "auto" });
  const grade = async (solution: string, tests: number): Promise<void> => {
    const problem = makeStdinProblem("bench/stdin", times([{ input: INPUT, output: OUTPUT }], tests));
    const sample = { taskId: problem.id, completion: null, solution, language: language.id, row: {} };
    const { verdict, first_failure } = await grader.grade(problem, sample);
    if (verdict !== "accepted") {
      throw new Error(`the program in ${language.name} was graded ${verdict} ${JSON.stringify(first_failure)}`);
    }
  };
  const gradeAll = async (programs: number): Promise<number> => {
    const began = performance.now();
    await Promise.all(times([source], programs).map((one) => grade(one, TESTS_PER_PROGRAM)));
    return (performance.now() - began) / 1000;
  };

  return withTrusted(program, runs.command, async ({ command, compile }) => {
    const programs = repeat * processors;
    const tests = programs * TESTS_PER_PROGRAM;
    const job = { command, stdin: INPUT, output: OUTPUT };
    const floor = async (more: Pick<FloorJob, "programs" | "workers">) => {
      const { seconds, failed, latencies_ms } = await runFloor("bare", { ...job, ...more });
      if (failed > 0) throw new Error(`${failed} programs failed without a sandbox`);
      return { seconds, p50: median(latencies_ms) };
    };
    onStep("warming up");
    await gradeAll(2 * processors);
    const rates: Pair[] = [];
    const firsts: Pair[] = [];
    const called: Pair[] = [];
    const functions = functionRates(sandbox, language.family);
    // As much as a round: before that the host's own code is not compiled to its end.
    await functions?.assay(FUNCTIONS_A_TEST * tests);
    for (let round = 1; round <= rounds; round++) {
      onStep(`round ${round} of ${rounds}: tests`);
      rates.push({
        bare: tests / (await floor({ programs: times([source], tests), workers: processors })).seconds,
        assay: tests / (await gradeAll(programs)),
      });
      onStep(`round ${round} of ${rounds}: a new program`);
      const { p50 } = await floor({ programs: times([source], TESTS_PER_PROGRAM), workers: 1 });
      const bare = (await compile()) + p50;
      const began = performance.now();
      // Blank lines make it another program in every language.
      await grade(source + "\n".repeat(round), 1);
      firsts.push({ bare, assay: performance.now() - began });
      if (functions === null) continue;
      onStep(`round ${round} of ${rounds}: functions`);
      called.push({
        bare: await functions.bare(tests, processors),
        // They are much faster; a round must last for a while.
        assay: await functions.assay(FUNCTIONS_A_TEST * tests),
      });
    }
    return {
      processors,
      runtime: sandbox.enforcement.runtime,
      rounds,
      language: language.id,
      version: await findVersion(language),
      tests: compare(rates),
      firstTest: compare(firsts),
      ...(called.length > 0 ? { functions: compare(called) } : {}),
    };
  });
}

function readTrivial(name: string): { readonly language: Language; readonly source: string } {
  const language = findLanguage(name);
  if (language === null) throw new InputError(`--language: there is no language ${JSON.stringify(name)}`);
  if (!isInstalled(language)) {
    throw new InputError(`--language: ${language.name} is not installed here (${howToInstall(language)})`);
  }
  const folder = `${FIXTURES}${language.family}/`;
  const file = filesIn(folder).find((file) => file.startsWith("accepted."));
  if (file === undefined) throw new InputError(`--language: there is no program to measure in ${language.name}`);
  return { language, source: readFileSync(folder + file, "utf8") };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function compare(pairs: readonly Pair[]): BesideBare {
  return {
    bare: median(pairs.map(({ bare }) => bare)),
    assay: median(pairs.map(({ assay }) => assay)),
    toBare: median(pairs.map(({ bare, assay }) => assay / bare)),
  };
}
