import { createGrader } from "../../grading/grader.js";
import { makeStdinProblem } from "../../grading/problems/stdin.js";
import type { Problem, Sample } from "../../grading/types.js";
import type { Sandbox } from "../../sandbox/contract.js";
import { runFloor, type FloorJob } from "./floor.js";
import { median, TESTS_PER_PROGRAM, times } from "./numbers.js";

/** Three ways to do the same work. Rates are per second, latencies milliseconds. */
export interface Comparison {
  readonly bare: number;
  readonly fork: number;
  readonly assay: number;
  readonly toBare: number;
  readonly toFork: number;
}

export interface BenchReport {
  readonly processors: number;
  readonly runtime: string;
  readonly rounds: number;
  /** Whole candidates of a function problem (HumanEval's shape), graded per second. */
  readonly functions: Comparison;
  /** Tests of a trivial stdin program, each in a process of its own, per second. */
  readonly stdin: Comparison;
  /** Median time of one candidate with nothing beside it. */
  readonly latency: Comparison;
}

export interface BenchOptions {
  readonly sandbox: Sandbox;
  readonly processors: number;
  /** Problems with test code and a reference (HumanEval's shape). */
  readonly problems: readonly Problem[];
  /** Times each reference is graded in a round. */
  readonly repeat: number;
  readonly rounds: number;
  readonly onStep: (step: string) => void;
}

const STDIN_PROGRAM = "a, b = map(int, input().split())\nprint(a + b)\n";
const STDIN_TEST = { input: "19 23\n", output: "42\n" };

/**
 * Measures assay beside its floors. The three take turns in each round and the medians count, so that a machine whose
 * speed drifts treats them alike. Throws when anything is not graded as accepted: a wrong result has no speed.
 */
export async function measure(options: BenchOptions): Promise<BenchReport> {
  const { sandbox, processors, problems, repeat, rounds, onStep } = options;
  const grader = createGrader(sandbox, { comparator: "strict", allTests: true, limits: {}, extraction: "auto" });
  const grade = async (problem: Problem): Promise<void> => {
    const { verdict, integrity, first_failure } = await grader.grade(problem, referenceOf(problem));
    if (verdict !== "accepted" || integrity !== "isolated") {
      throw new Error(
        `the reference of ${problem.id} was graded ${verdict} (${integrity}) ${JSON.stringify(first_failure)}`,
      );
    }
  };
  const gradeAll = async (all: readonly Problem[]): Promise<number> => {
    const began = performance.now();
    await Promise.all(all.map(grade));
    return (performance.now() - began) / 1000;
  };
  const floor = async (kind: "bare" | "fork", job: FloorJob): Promise<{ seconds: number; p50: number }> => {
    const { seconds, failed, latencies_ms } = await runFloor(kind, job);
    if (failed > 0) throw new Error(`${failed} programs failed without a sandbox (${kind})`);
    return { seconds, p50: median(latencies_ms) };
  };

  const functionPrograms = problems.map(wholeProgram);
  const functionJob = { programs: times(functionPrograms, repeat), stdin: "", output: null, workers: processors };
  const stdinPrograms = Math.max(20, Math.round((problems.length * repeat) / TESTS_PER_PROGRAM));
  const stdinProblem = {
    ...makeStdinProblem("bench/stdin", times([STDIN_TEST], TESTS_PER_PROGRAM)),
    references: [STDIN_PROGRAM],
  };
  const stdinJob = {
    programs: times([STDIN_PROGRAM], stdinPrograms * TESTS_PER_PROGRAM),
    stdin: STDIN_TEST.input,
    output: STDIN_TEST.output,
    workers: processors,
  };
  const latencyJob = { programs: functionPrograms, stdin: "", output: null, workers: 1 };

  onStep("warming up");
  // As much as a round: before that the host's own code is not compiled to its end, as in a grader that has just started.
  await gradeAll(times(problems, repeat));
  await gradeAll(times([stdinProblem], stdinPrograms));

  const functions: Sample3[] = [];
  const stdin: Sample3[] = [];
  const latency: Sample3[] = [];
  for (let round = 1; round <= rounds; round++) {
    onStep(`round ${round} of ${rounds}: functions`);
    const candidates = functionJob.programs.length;
    functions.push({
      bare: candidates / (await floor("bare", functionJob)).seconds,
      fork: candidates / (await floor("fork", functionJob)).seconds,
      assay: candidates / (await gradeAll(times(problems, repeat))),
    });
    onStep(`round ${round} of ${rounds}: stdin`);
    const tests = stdinJob.programs.length;
    stdin.push({
      bare: tests / (await floor("bare", stdinJob)).seconds,
      fork: tests / (await floor("fork", stdinJob)).seconds,
      assay: tests / (await gradeAll(times([stdinProblem], stdinPrograms))),
    });
    onStep(`round ${round} of ${rounds}: latency`);
    const single: number[] = [];
    const bare = (await floor("bare", latencyJob)).p50;
    const fork = (await floor("fork", latencyJob)).p50;
    for (const problem of problems) {
      const began = performance.now();
      await grade(problem);
      single.push(performance.now() - began);
    }
    latency.push({ bare, fork, assay: median(single) });
  }
  return {
    processors,
    runtime: sandbox.enforcement.runtime,
    rounds,
    functions: compare(functions),
    stdin: compare(stdin),
    latency: compare(latency),
  };
}

interface Sample3 {
  readonly bare: number;
  readonly fork: number;
  readonly assay: number;
}

/** Medians of each, and of the ratios round by round. */
function compare(samples: readonly Sample3[]): Comparison {
  return {
    bare: median(samples.map(({ bare }) => bare)),
    fork: median(samples.map(({ fork }) => fork)),
    assay: median(samples.map(({ assay }) => assay)),
    toBare: median(samples.map(({ bare, assay }) => assay / bare)),
    toFork: median(samples.map(({ fork, assay }) => assay / fork)),
  };
}

function referenceOf(problem: Problem): Sample {
  return { taskId: problem.id, completion: null, solution: problem.references[0] ?? "", row: {} };
}

/** The reference with its test code behind it, as one program. */
function wholeProgram(problem: Problem): string {
  const checks = problem.tests.kind === "assertions" ? problem.tests.checks : [];
  return [problem.references[0] ?? "", ...checks.map(({ source }) => source)].join("\n");
}
