import PQueue from "p-queue";
import type { GradeOptions, Grader } from "../../grading/grader.js";
import { type Program, ProblemFindings, RUN_AGAIN, writeEmptyProgram } from "../../grading/soundness/findings.js";
import type { Problem, VerdictRecord } from "../../grading/types.js";
import type { Sandbox } from "../../sandbox/contract.js";
import type { Context } from "../context.js";
import { orInterrupt } from "../interrupt.js";
import { startProgress } from "../progress.js";

export interface CheckOptions {
  readonly problems: readonly Problem[];
  readonly sandbox: Sandbox;
  readonly grading: GradeOptions;
  /** How often one reference of each problem is run, each time from another seed. */
  readonly runs: number;
  /** Variants of a reference that are tried for each problem, at most. */
  readonly mutants: number;
  readonly jobs: number;
  readonly context: Pick<Context, "stderr" | "now" | "interrupt" | "dependencies">;
}

/** A variant may run in circles: it gets this many times what the reference took, or this many milliseconds. */
const MUTANT_TIMES = 10;
const MUTANT_LEAST_MS = 1000;

/**
 * Grades the references of every problem, one of them again from other seeds, the programs known to be wrong, one that
 * does nothing, and variants of a reference. Findings are in the order of the problems. Throws `Interrupted`, and what
 * the grader throws.
 */
export async function checkProblems(options: CheckOptions): Promise<ProblemFindings[]> {
  const findings = options.problems.map((problem) => new ProblemFindings(problem));
  const checking = new Checking(options, findings);
  try {
    await checking.gradeReferences();
    for (let seed = 1; seed < options.runs; seed++) await checking.runAgain(seed);
    await checking.gradeWrong();
    if (options.mutants > 0) await checking.gradeMutants();
  } finally {
    checking.work.stop();
  }
  return findings;
}

/** The steps of a check. Each is done for all problems before the next, so that cells of one seed serve them all. */
class Checking {
  readonly work: Work;
  readonly #options: CheckOptions;
  readonly #findings: readonly ProblemFindings[];
  readonly #grader: Grader;

  constructor(options: CheckOptions, findings: readonly ProblemFindings[]) {
    this.#options = options;
    this.#findings = findings.filter(({ problem }) => problem.invalid === null);
    this.#grader = this.#graderFrom(0);
    this.work = new Work(options.jobs, options.context);
    const withReference = this.#findings.filter(({ references }) => references > 0).length;
    const programs = this.#findings.reduce((sum, { references, wrongs }) => sum + references + wrongs + 1, 0);
    this.work.total = programs + (options.runs - 1) * withReference;
  }

  async gradeReferences(): Promise<void> {
    await this.#each(
      ({ references }) => references,
      async (found, reference) => {
        const record = await this.#grade(this.#grader, found.problem, found.referencePrograms[reference]);
        found.addReference(record, reference);
      },
    );
  }

  async runAgain(seed: number): Promise<void> {
    const grader = this.#graderFrom(seed);
    await this.#each(
      ({ references }) => Math.min(references, 1),
      async (found) => {
        found.addRun(await this.#grade(grader, found.problem, found.referencePrograms[RUN_AGAIN]));
      },
    );
  }

  async gradeWrong(): Promise<void> {
    await this.#each(
      ({ wrongs }) => wrongs + 1,
      async (found, wrong) => {
        const program = found.wrongPrograms[wrong] ?? { source: writeEmptyProgram(found.problem) };
        const record = await this.#grade(this.#grader, found.problem, program);
        if (wrong < found.wrongs) found.addWrong(record, wrong);
        else found.addEmpty(record);
      },
    );
  }

  async gradeMutants(): Promise<void> {
    const { sandbox, mutants, context, grading } = this.#options;
    // What is asked for goes before a problem's own, so the time that a variant gets has to be a problem's.
    const { cpuMs = null } = grading.limits;
    const limits = Object.fromEntries(
      Object.entries(grading.limits).filter(([name]) => !/^(?:cpu|wall)Ms$/.test(name)),
    );
    const grader = this.#graderFrom(0, limits);
    const mayVary = ({ variedReference, problem }: ProblemFindings): boolean =>
      variedReference !== null && problem.tests.kind !== "answer";
    await this.#each(
      (found) => Number(mayVary(found)),
      async (found) => {
        const made = await context.dependencies.makeMutants(sandbox, found.variedReference ?? "", mutants);
        this.work.total += made.length;
        const problem = limitTime(found, cpuMs);
        for (const mutant of made) found.addMutant(await this.#grade(grader, problem, { source: mutant }));
      },
    );
  }

  /** Does something for each problem as often as `count` says. */
  async #each(
    count: (found: ProblemFindings) => number,
    work: (found: ProblemFindings, index: number) => Promise<void>,
  ): Promise<void> {
    await this.work.doEach(
      this.#findings.flatMap((found) => Array.from({ length: count(found) }, (_, index) => () => work(found, index))),
    );
  }

  async #grade(grader: Grader, problem: Problem, program: Program | undefined): Promise<VerdictRecord> {
    const { source: solution = "", ...language } = program ?? {};
    const sample = { taskId: problem.id, completion: null, solution, ...language, row: {} };
    return this.work.count(await grader.grade(problem, sample));
  }

  #graderFrom(seed: number, limits = this.#options.grading.limits): Grader {
    const { context, sandbox, grading } = this.#options;
    return context.dependencies.createGrader(sandbox, { ...grading, limits, allTests: true, seed });
  }
}

/** `asked` is the CPU time that all programs have; null where only the problem says. */
function limitTime({ problem, cpuMs }: ProblemFindings, asked: number | null): Problem {
  const most = Math.max(MUTANT_LEAST_MS, MUTANT_TIMES * (cpuMs ?? 0));
  const limit = Math.min(asked ?? problem.limits.cpuMs ?? Infinity, most);
  return { ...problem, limits: { ...problem.limits, cpuMs: limit } };
}

/** Jobs, a few at a time, with a progress bar. */
class Work {
  total = 0;
  #done = 0;
  #accepted = 0;
  readonly #queue: PQueue;
  readonly #progress;

  constructor(
    jobs: number,
    private readonly context: Pick<Context, "stderr" | "now" | "interrupt">,
  ) {
    this.#queue = new PQueue({ concurrency: jobs });
    this.#progress = startProgress({
      output: context.stderr,
      now: context.now,
      read: () => ({ done: this.#done, accepted: this.#accepted, resumed: 0, total: this.total }),
    });
  }

  count(record: VerdictRecord): VerdictRecord {
    this.#done += 1;
    if (record.passed) this.#accepted += 1;
    return record;
  }

  /** Until all are done. Rejects when one of them does, or with `Interrupted`. */
  async doEach(jobs: readonly (() => Promise<void>)[]): Promise<void> {
    const ended = this.#queue.addAll(jobs);
    await orInterrupt(ended, this.context.interrupt);
  }

  stop(): void {
    this.#queue.clear();
    this.#progress.stop();
  }
}
