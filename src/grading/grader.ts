import type { Enforcement, Limits, RunResult, Sandbox } from "../sandbox/contract.js";
import { findLanguage, findVersion, type Language, type TimeMultipliers } from "../sandbox/languages.js";
import { version } from "../version.js";
import { nameJudge } from "./checkers/index.js";
import { comparators, type ComparatorName } from "./comparators/index.js";
import { EXTRACTION_VERSION, extractProgram } from "./extraction/index.js";
import { judgeGroups } from "./groups.js";
import { inTurn } from "./in-turn.js";
import { gradeAnswer } from "./mathematics/grade.js";
import type { AnswerPolicyName } from "./mathematics/policies.js";
import { SymbolicCheck, SymbolicFault } from "./mathematics/symbolic.js";
import type { PolicyName } from "./policy.js";
import { runScripts } from "./scripts.js";
import { assembleTests, leaveOpen, tellsFailedTest, type CandidateProgram } from "./shared/index.js";
import { hasScriptJudge } from "./shared/judge.js";
import { Tally } from "./tally.js";
import { limitsInForce } from "./time-limits.js";
import { makePlan, type Plan, type RunnablePlan } from "./plan.js";
import type { AnswerTests, Equivalence, Extraction, Problem, Sample, VerdictRecord } from "./types.js";

export interface GradeOptions {
  readonly comparator: ComparatorName;
  /** Run every test even after one has failed. */
  readonly allTests: boolean;
  /** Limits of the command line; they go before the problem's and the defaults. */
  readonly limits: Partial<Limits>;
  /** Longer time limits for some languages; they go before those of the problem and of the manifests. */
  readonly timeMultipliers?: TimeMultipliers;
  /** Which extraction rules a `completion` goes through, see `extraction/index.ts`. */
  readonly extraction: string;
  /** How answers to questions are found and compared; where it is not said as the set says, else `default`. */
  readonly equivalence?: AnswerPolicyName;
  /** False: types are stripped without being checked, in languages that have a variant for it. */
  readonly typeCheck?: boolean;
  /** What stdin is to programs that read it, see `Policy`. */
  readonly stdin?: "pipe";
  /** What programs begin from, see `Program` of the sandbox. */
  readonly seed?: number;
  /** The name of the policy that the options above come from; only written down in the records. */
  readonly policy?: PolicyName;
}

/** Problem and sample in, verdict out. Never rejects for anything a sample holds. */
export interface Grader {
  /** Once `abandoned` is aborted no further test is begun; the record then says nothing about the sample. */
  grade(problem: Problem, sample: Sample, abandoned?: AbortSignal): Promise<VerdictRecord>;
}

/** A fault of ours is tried again on a fresh cell this often before it is reported. */
const ATTEMPTS = 3;

export function createGrader(sandbox: Sandbox, options: GradeOptions): Grader {
  const comparator = comparators[options.comparator];
  // Kept while somebody grades by them: with the plans of a whole set there would be no room for anything else.
  const plans = new WeakMap<Problem, Map<string, WeakRef<Plan>>>();
  const { isolation } = sandbox.enforcement;
  const grader = nameGrader(sandbox.enforcement);
  const symbolic = SymbolicCheck.over(sandbox);

  const planFor = (problem: Problem, family: string): Plan => {
    const known = plans.get(problem) ?? new Map<string, WeakRef<Plan>>();
    plans.set(problem, known);
    // What calls are compared in is the language of the program; nothing else depends on it.
    const key = problem.tests.kind === "calls" ? family : "";
    const plan = known.get(key)?.deref() ?? makePlan(problem, options.comparator, key === "" ? undefined : key);
    known.set(key, new WeakRef(plan));
    return plan;
  };

  const carryOut = async (
    plan: RunnablePlan,
    problem: Problem,
    candidate: CandidateProgram,
    language: Language,
    abandoned: AbortSignal | undefined,
  ): Promise<Tally> => {
    const tally = new Tally();
    const goesOn = (): boolean => (options.allTests || tally.verdict === null) && abandoned?.aborted !== true;
    const { limits } = limitsInForce(language, options, problem);
    let { source } = candidate;
    let token = "";
    if (plan.kind === "shared") {
      const assembled = assembleTests(language.family, plan.tests, candidate);
      if ("refused" in assembled) {
        tally.refused(assembled.refused);
        return tally;
      }
      ({ source, token } = assembled.program);
    }
    await sandbox.withProgram({ language: language.id, source, seed: options.seed ?? 0 }, async (lease) => {
      tally.queueMs = lease.queueMs;
      if (plan.kind === "script") {
        await runScripts(plan, { lease, limits, comparator, tally, goesOn, isPiped: options.stdin === "pipe" });
        return;
      }
      if (plan.kind === "shared") {
        tally.addShared(await lease.run({ limits }), token, (stderr) => tellsFailedTest(language.family, stderr));
        return;
      }
      const several = plan.testsPerJudge === "one";
      tally.total = several ? plan.judges.length : 0;
      const run = (index: number): Promise<RunResult> =>
        lease.run({
          limits,
          ...(plan.judges[index] === undefined ? {} : { judge: plan.judges[index] }),
          allTests: options.allTests,
          again: plan.judges.length > 1,
        });
      await inTurn(plan.judges.length, run, (result, index) => {
        if (several) tally.addJudged(result, index);
        else tally.addJudgement(result);
        return goesOn();
      });
    });
    return tally;
  };

  return {
    async grade(problem, sample, abandoned) {
      if (problem.tests.kind === "answer") {
        return gradeQuestion(problem, problem.tests, sample);
      }
      const { source, extraction: found } = extractProgram(problem, sample, options.extraction);
      const named = sample.language ?? found.language;
      const unchecked =
        options.typeCheck === false ? findLanguage(`${findLanguage(named)?.id ?? named}-unchecked`) : null;
      const language = unchecked ?? findLanguage(named);
      const extraction = { ...found, language: language?.id ?? found.language };
      const plan = planFor(problem, language?.family ?? PYTHON);
      let tally = new Tally();
      if (plan.kind === "invalid") tally.invalid(plan.reason);
      else if (source === null || language === null || !canAnswer(plan, problem, language)) tally.noCode();
      else {
        const isWhole = sample.solution !== null;
        const prepared = { source: prepare(problem, { source, isWhole }, language), isWhole };
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          tally = await carryOut(plan, problem, prepared, language, abandoned);
          if (tally.verdict !== "infrastructure_error" || abandoned?.aborted === true) break;
        }
      }
      const written = record(problem, tally, extraction, plan.kind === "shared" ? "shared_process" : "isolated");
      if (language === null) return written;
      const { timeMultiplier } = limitsInForce(language, options, problem);
      const stretched = timeMultiplier === 1 ? written : { ...written, time_multiplier: timeMultiplier };
      if (language.id === PYTHON) return stretched;
      return { ...stretched, runtime: `${language.id} ${await findVersion(language)}` };
    },
  };

  async function gradeQuestion(problem: Problem, tests: AnswerTests, sample: Sample): Promise<VerdictRecord> {
    const policy = options.equivalence ?? tests.policy ?? "default";
    const tally = new Tally();
    try {
      const graded = await gradeAnswer(tests, sample, policy, symbolic);
      if (graded.usage !== null) tally.addUsage(graded.usage);
      if (problem.invalid !== null) tally.invalid(problem.invalid);
      else tally.addAnswer(graded.verdict, graded.failure);
      return record(problem, tally, graded.extraction, "isolated", graded.equivalence);
    } catch (error) {
      if (!(error instanceof SymbolicFault)) throw error;
      tally.fault(error.message);
      const extraction = {
        rule: "no_answer",
        version: EXTRACTION_VERSION,
        language: "text",
        truncated: false,
        blocks: 0,
      };
      return record(problem, tally, extraction, "isolated", { policy, tier: null, answer: null });
    }
  }

  function prepare(problem: Problem, candidate: CandidateProgram, language: Language): string {
    // Where something is put in front, a byte order mark would no longer be at the beginning.
    const source = candidate.source.replace(/^\ufeff/, "");
    const { kind } = problem.tests;
    if (kind === "shared" && hasScriptJudge(language.family)) {
      return problem.tests.open === null ? source : leaveOpen({ ...candidate, source }, language.family, 0);
    }
    if (kind === "answer" || kind === "shared" || language.id !== PYTHON) return source;
    if (kind !== "assertions") return comparator.prepare(source, kind);
    // Nothing may stand before a __future__ import.
    if (problem.preamble === undefined || source.includes("from __future__")) return source;
    return problem.preamble + (problem.preamble.endsWith("\n") ? "" : "\n") + source;
  }

  function record(
    problem: Problem,
    tally: Tally,
    extraction: Extraction,
    integrity: VerdictRecord["integrity"],
    equivalence?: Equivalence,
  ): VerdictRecord {
    const verdict = tally.verdict ?? "accepted";
    const groups = judgeGroups(problem, tally.verdict, tally.firstFailure);
    return {
      task_id: problem.id,
      verdict,
      passed: verdict === "accepted",
      reward: verdict === "accepted" ? 1 : 0,
      tests: {
        ...{ total: tally.total, run: tally.run, passed: tally.passed },
        ...(options.allTests ? { failed: tally.failed } : {}),
      },
      first_failure: tally.firstFailure,
      ...(groups === undefined ? {} : { groups }),
      usage: tally.usage(),
      extraction,
      ...(equivalence === undefined ? {} : { equivalence }),
      integrity,
      isolation,
      comparator: nameJudge(problem.tests, options.comparator),
      ...(options.policy === undefined ? {} : { policy: options.policy }),
      cached: false,
      grader,
    };
  }
}

/** The `grader` of every record, for instance `assay 0.1.0, python 3.11.2`. */
export function nameGrader({ runtime }: Enforcement): string {
  return `assay ${version}, ${runtime}`;
}

const PYTHON = "python";

/** Test code calls functions in its own language; what reads stdin may be in any, and calls in any that has a judge. */
function canAnswer(plan: RunnablePlan, { language = PYTHON, tests }: Problem, { family }: Language): boolean {
  return plan.kind === "script" || family === language || (tests.kind === "calls" && hasScriptJudge(family));
}
