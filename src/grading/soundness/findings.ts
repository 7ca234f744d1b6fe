import { findLanguage, isInstalled } from "../../sandbox/languages.js";
import type { Failure, ForeignProgram, Problem, Verdict, VerdictRecord } from "../types.js";

/** A reference that a problem's tests do not accept. */
export interface FailingReference {
  readonly task_id: string;
  /** Which of the problem's references, from 0. */
  readonly reference: number;
  readonly verdict: Verdict;
  readonly first_failure: Failure | null;
}

/** In Python where no language is named. */
export interface Program {
  readonly language?: string;
  readonly source: string;
}

/** Programs in languages that are not installed say nothing about a problem. */
function canBeRun({ language }: ForeignProgram): boolean {
  const found = findLanguage(language);
  return found !== null && isInstalled(found);
}

/** Which reference of a problem is run from several seeds. */
export const RUN_AGAIN = 0;

/** What grading its references, programs known to be wrong and small variants of a reference says about a problem. */
export class ProblemFindings {
  /** References in the order in which they were graded. */
  readonly failing: FailingReference[] = [];
  /** Which programs that are known to be wrong were accepted, from 0. */
  readonly wrongAccepted: number[] = [];
  /** CPU time in milliseconds of the fastest accepted reference; null while there is none. */
  cpuMs: number | null = null;
  mutants = 0;
  mutantsRejected = 0;
  /** What went wrong with our part, once for each program that could not be graded. */
  readonly faults: string[] = [];
  /** A program that does nothing was accepted. */
  acceptsEmpty = false;
  /** Its checker or interactor said nothing of a program that does nothing: nor does it of others that end early. */
  cannotJudgeEmpty = false;
  #tests = 0;
  #accepted: number | null = null;
  readonly #rejecting = new Set<number>();
  /** What failed in each run of the reference that is run again. */
  readonly #runs: ReadonlySet<number>[] = [];

  /** References that are worth running, those in Python first: none of a problem that cannot be graded. */
  readonly referencePrograms: readonly Program[];
  readonly wrongPrograms: readonly Program[];

  constructor(readonly problem: Problem) {
    const { references, wrong = [], foreign } = problem;
    const gather = (own: readonly string[], others: readonly ForeignProgram[] = []): Program[] =>
      problem.invalid === null ? [...own.map((source) => ({ source })), ...others.filter(canBeRun)] : [];
    this.referencePrograms = gather(references, foreign?.references);
    this.wrongPrograms = gather(wrong, foreign?.wrong);
  }

  get references(): number {
    return this.referencePrograms.length;
  }

  get wrongs(): number {
    return this.wrongPrograms.length;
  }

  /** The first reference that was accepted, or null. */
  get acceptedReference(): number | null {
    return this.#accepted;
  }

  /** The first accepted reference that is in Python, of which there may be variants. */
  get variedReference(): string | null {
    return this.#accepted === null ? null : (this.problem.references[this.#accepted] ?? null);
  }

  /** All of its references were accepted. */
  get isSound(): boolean {
    return this.references > 0 && this.#accepted !== null && this.failing.length === 0 && this.faults.length === 0;
  }

  addReference(record: VerdictRecord, reference: number): void {
    if (this.#isFault(record)) return;
    // The run that those from other seeds are compared with.
    if (reference === RUN_AGAIN) this.#runs.push(new Set(record.tests.failed));
    if (record.passed) {
      if (this.#accepted === null || reference < this.#accepted) this.#accepted = reference;
      this.cpuMs = Math.min(this.cpuMs ?? Infinity, record.usage.cpu_ms);
      this.#tests = Math.max(this.#tests, record.tests.total);
    } else {
      const { task_id, verdict, first_failure } = record;
      this.failing.push({ task_id, reference, verdict, first_failure });
    }
  }

  /** Another run of the reference `RUN_AGAIN`, from another seed. */
  addRun(record: VerdictRecord): void {
    if (!this.#isFault(record)) this.#runs.push(new Set(record.tests.failed));
  }

  /** A program that is known to be wrong. */
  addWrong(record: VerdictRecord, wrong: number): void {
    if (this.#isFault(record)) return;
    if (record.passed) this.wrongAccepted.push(wrong);
    this.#addRejection(record);
  }

  /** A variant of a reference: nobody knows whether it is wrong, but most are. */
  addMutant(record: VerdictRecord): void {
    if (this.#isFault(record)) return;
    this.mutants += 1;
    if (!record.passed) this.mutantsRejected += 1;
    this.#addRejection(record);
  }

  /** The program of `writeEmptyProgram`. */
  addEmpty(record: VerdictRecord): void {
    if (this.#isFault(record)) return;
    this.acceptsEmpty = record.passed;
    const { tests } = this.problem;
    const hasJudge = tests.kind === "stdin" && (tests.checker ?? tests.interactor) !== undefined;
    this.cannotJudgeEmpty = hasJudge && record.verdict === "invalid_problem";
  }

  /** Tests that one run of a reference passes and another does not, from 0, rising. */
  get flakyTests(): number[] {
    const failed = new Set(this.#runs.flatMap((run) => [...run]));
    return [...failed].filter((test) => !this.#runs.every((run) => run.has(test))).sort((a, b) => a - b);
  }

  /** Tests that none of the wrong programs and variants failed, from 0; none where there were no such programs. */
  get idleTests(): number[] {
    if (this.mutants + this.wrongs === 0) return [];
    return Array.from({ length: this.#tests }, (_, test) => test).filter((test) => !this.#rejecting.has(test));
  }

  get tests(): number {
    return this.#tests;
  }

  /** Why the problem is better left out, one sentence each; none where it is fine. */
  get reasons(): string[] {
    const { invalid } = this.problem;
    if (invalid !== null) return [invalid];
    const reasons: string[] = [];
    const [fault] = this.faults;
    if (fault !== undefined) reasons.push(`could not be graded: ${fault}`);
    const [first] = this.failing;
    if (first !== undefined && this.#accepted === null) {
      const place = first.first_failure === null ? "" : ` in test ${first.first_failure.index + 1}`;
      reasons.push(`none of its references is accepted; the first ends in ${first.verdict}${place}`);
    }
    const wrong = this.wrongAccepted.map((index) => index + 1);
    if (wrong.length > 0) reasons.push(`accepts programs known to be wrong: ${wrong.join(", ")}`);
    const flaky = this.flakyTests.map((index) => index + 1);
    if (flaky.length > 0) reasons.push(`tests that do not always come out the same: ${flaky.join(", ")}`);
    if (this.acceptsEmpty) reasons.push("accepts a program that does nothing");
    if (this.cannotJudgeEmpty)
      reasons.push("its checker or interactor does not decide over a program that does nothing");
    return reasons;
  }

  #isFault({ verdict, first_failure }: VerdictRecord): boolean {
    if (verdict === "infrastructure_error") this.faults.push(first_failure?.stderr ?? "");
    return verdict === "infrastructure_error";
  }

  #addRejection({ tests }: VerdictRecord): void {
    for (const test of tests.failed ?? []) this.#rejecting.add(test);
  }
}

/** A program that does nothing and, where a function is called, gives nothing back. */
export function writeEmptyProgram({ tests, entryPoint }: Problem): string {
  const name = tests.kind === "calls" ? tests.functionName : entryPoint;
  return name === null ? "pass\n" : `def ${name}(*arguments, **keywords):\n    return None\n`;
}
