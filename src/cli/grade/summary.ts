import type { MajorityScore } from "../../grading/mathematics/majority.js";
import type { Summary } from "../../grading/metrics.js";
import type { Verdict } from "../../grading/types.js";
import type { Enforcement } from "../../sandbox/contract.js";

/** The object that `assay grade --json` prints. Rows of earlier runs count, save in `seconds` and `per_second`. */
export interface RunSummary {
  /** Problems in the set, with samples or not. */
  readonly problems: number;
  /** Sample rows read. */
  readonly samples: number;
  /** Result rows with a verdict other than `infrastructure_error`. */
  readonly graded: number;
  readonly passed: number;
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
  /** Means over the problems with at least k samples; a k that no problem has samples for is absent. */
  readonly pass_at_k: Readonly<Record<string, number>>;
  /** The same by groups of tests (EvalPlus: `base`, `plus`); only for sets whose problems have such. */
  readonly groups?: Readonly<Record<string, GroupScore>>;
  /**
   * Share of problems whose most frequent answer is right, by the number of samples each has (`8`, or `4-8` where
   * they differ); only for questions with several samples.
   */
  readonly maj_at_k?: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Samples graded in this run, a second. */
  readonly per_second: number;
  /** Rows whose verdict was remembered from the same program. */
  readonly cached: number;
  readonly isolation: Enforcement["isolation"];
  /** The two numbers of APPS; only for sets in its format. */
  readonly apps?: AppsScores;
}

export interface GroupScore {
  readonly passed: number;
  readonly pass_at_k: Readonly<Record<string, number>>;
}

/** Shares from 0 to 1. The test-case average is null unless every test was run (`--all-tests`). */
export interface AppsScore {
  readonly samples: number;
  readonly strict_accuracy: number;
  readonly test_case_average: number | null;
}

export interface AppsScores extends AppsScore {
  readonly by_difficulty: Readonly<Record<string, AppsScore>>;
}

/** What this run did: samples it met, and those it graded itself. */
export interface Counts {
  samples: number;
  graded: number;
}

export interface SummaryInput {
  readonly summary: Summary;
  readonly groups?: ReadonlyMap<string, Summary>;
  readonly majority?: MajorityScore | null;
  readonly k: readonly number[];
  readonly set: { readonly format: string; readonly problems: readonly unknown[] };
  readonly counts: Readonly<Counts>;
  readonly seconds: number;
  readonly isolation: Enforcement["isolation"];
  readonly allTests: boolean;
}

/** Sums a run up. */
export function summariseRun(input: SummaryInput): RunSummary {
  const { summary, groups = new Map<string, Summary>(), k, set, counts, seconds, isolation, allTests } = input;
  const { samples: rows, infrastructureErrors, passed, cached } = summary.counts;
  const scores = set.format === "apps" ? scoreApps(summary, allTests) : null;
  return {
    problems: set.problems.length,
    samples: counts.samples,
    graded: rows - infrastructureErrors,
    passed,
    verdicts: Object.fromEntries(summary.verdicts().map(({ verdict, count }) => [verdict, count])),
    pass_at_k: estimatePasses(summary, k),
    ...(groups.size === 0 ? {} : { groups: scoreGroups(groups, k) }),
    ...(input.majority == null ? {} : { maj_at_k: nameMajority(input.majority) }),
    seconds: Number(seconds.toFixed(3)),
    per_second: Number((seconds > 0 ? counts.graded / seconds : 0).toFixed(2)),
    ...{ cached, isolation },
    ...(scores === null ? {} : { apps: scores }),
  };
}

/** By k, as a text; a k for which no problem has enough samples is left out. */
function estimatePasses(summary: Summary, ks: readonly number[]): Record<string, number> {
  const passes = ks.map((k) => summary.passAtK(k));
  return Object.fromEntries(passes.flatMap(({ k, mean }) => (mean === null ? [] : [[String(k), mean]])));
}

function scoreGroups(groups: ReadonlyMap<string, Summary>, ks: readonly number[]): Record<string, GroupScore> {
  const score = (summary: Summary) => ({ passed: summary.counts.passed, pass_at_k: estimatePasses(summary, ks) });
  return Object.fromEntries([...groups].map(([name, summary]) => [name, score(summary)]));
}

function nameMajority({ fewest, most, accuracy }: MajorityScore): Record<string, number> {
  return { [fewest === most ? String(most) : `${fewest}-${most}`]: accuracy };
}

function scoreApps(summary: Summary, allTests: boolean): AppsScores | null {
  const scores = summary.byDifficulty();
  const samples = scores.reduce((sum, score) => sum + score.samples, 0);
  if (samples === 0) return null;
  const average = (field: "strictAccuracy" | "testCaseAverage"): number =>
    scores.reduce((sum, score) => sum + score[field] * score.samples, 0) / samples;
  return {
    samples,
    strict_accuracy: average("strictAccuracy"),
    test_case_average: allTests ? average("testCaseAverage") : null,
    by_difficulty: Object.fromEntries(
      scores.map(({ difficulty, samples, strictAccuracy, testCaseAverage }) => [
        difficulty ?? "not stated",
        { samples, strict_accuracy: strictAccuracy, test_case_average: allTests ? testCaseAverage : null },
      ]),
    ),
  };
}
