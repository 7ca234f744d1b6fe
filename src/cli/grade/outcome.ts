import { writeFile } from "node:fs/promises";
import { EXIT } from "../../errors.js";
import type { ProblemSet } from "../../grading/problems/index.js";
import type { SymbolicCheck } from "../../grading/mathematics/symbolic.js";
import { resolveLimits } from "../../sandbox/index.js";
import type { Enforcement } from "../../sandbox/contract.js";
import type { Context } from "../context.js";
import { pickCurve } from "../report/curve.js";
import { renderReport } from "../report/page.js";
import type { GradeSettings } from "./settings.js";
import { describeRun, listNotes } from "./show.js";
import { summariseRun, type Counts } from "./summary.js";
import type { Tally } from "./tally.js";
import type { UnknownTasks } from "./unknown.js";

export interface Outcome {
  readonly settings: GradeSettings;
  readonly set: ProblemSet;
  readonly enforcement: Enforcement;
  /** Asked by the majority vote whether answers are the same. */
  readonly symbolic: SymbolicCheck | null;
  readonly graderName: string;
  readonly tally: Tally;
  readonly unknown: UnknownTasks;
  readonly counts: Counts;
  readonly seconds: number;
}

/** Prints the summary, writes the report, says what is odd on stderr, and returns the exit code. */
export async function showOutcome(outcome: Outcome, { stdout, stderr }: Context): Promise<number> {
  const { settings, set, enforcement, symbolic, graderName: grader, tally, unknown, counts, seconds } = outcome;
  const { k, allTests, json, out, report } = settings;
  const { isolation } = enforcement;
  const summary = summariseRun({
    summary: tally.summary,
    groups: tally.groups,
    majority: await tally.majority.score(symbolic),
    k,
    set,
    counts,
    seconds,
    isolation,
    allTests,
  });
  if (report !== null) {
    const page = renderReport({
      ...{ set, grader, summary, enforcement, date: new Date(), figures: tally.figures },
      curve: pickCurve(tally.summary, k),
      slowest: tally.summary.slowest(),
      limits: resolveLimits(settings.limits),
      settings: listSettings(settings),
    });
    await writeFile(report, page);
  }
  stderr.write(unknown.describe());
  for (const note of listNotes(tally.summary, summary, settings)) stderr.write(`${note}\n`);
  if (json) stdout.write(JSON.stringify(summary) + "\n");
  else (out === "-" ? stderr : stdout).write(describeRun(summary, counts, settings));

  if ((summary.verdicts.infrastructure_error ?? 0) > 0) return EXIT.infrastructure;
  return unknown.samples > 0 && !settings.skipUnknown ? EXIT.badInput : EXIT.ok;
}

function listSettings(settings: GradeSettings): [string, string][] {
  const { problems, samples, policy, comparator, extraction, allTests, k, jobs } = settings;
  return [
    ["problems", problems],
    ["samples", samples === "-" ? "standard input" : samples],
    ...(policy === null ? [] : ([["policy", policy]] satisfies [string, string][])),
    ["comparator", comparator],
    ["extraction", extraction],
    ["tests", allTests ? "all of them" : "up to the first that fails"],
    ["k", k.join(", ")],
    ["jobs", String(jobs)],
  ];
}
