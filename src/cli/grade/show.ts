import type { Summary } from "../../grading/metrics.js";
import { escapeLine } from "../../report/escape.js";
import { formatDuration, formatRate, formatShare } from "../../report/format.js";
import { formatTable } from "../table.js";
import type { GradeSettings } from "./settings.js";
import type { AppsScore, Counts, RunSummary } from "./summary.js";

/** The summary for people. */
export function describeRun(run: RunSummary, now: Counts, { out, report }: GradeSettings): string {
  const { verdicts, pass_at_k: passes } = run;
  const total = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
  const cached = run.cached > 0 ? `, ${run.cached} remembered` : "";
  const rows = [
    ["problems", String(run.problems), ""],
    ["samples", String(run.samples), ""],
    ["graded", String(run.graded), `${describeWork(run, now)}${cached}`],
    ...Object.entries(verdicts).map(([verdict, count]) => [`  ${verdict}`, String(count), formatShare(count / total)]),
    ...Object.entries(passes).map(([k, value]) => [`pass@${k}`, formatShare(value), ""]),
    ...Object.entries(run.groups ?? {}).flatMap(([name, group]) =>
      Object.entries(group.pass_at_k).map(([k, value]) => [`  ${escapeLine(name)}, pass@${k}`, formatShare(value), ""]),
    ),
    ...Object.entries(run.maj_at_k ?? {}).map(([k, value]) => [`maj@${k}`, formatShare(value), ""]),
    ["isolation", run.isolation, ""],
  ];
  const files = [
    ...(out === "-" ? [] : [["results", escapeLine(out)]]),
    ...(report === null ? [] : [["report", escapeLine(report)]]),
  ];
  const parts = [formatTable(rows), ...(run.apps === undefined ? [] : [describeApps(run.apps)]), formatTable(files)];
  return parts.filter((part) => part !== "").join("\n");
}

/** How long this run took; it may have found rows of earlier ones. */
function describeWork({ graded, seconds, per_second: rate }: RunSummary, now: Counts): string {
  if (now.graded === 0) return "by earlier runs";
  const part = now.graded < graded ? `${now.graded} of them now, ` : "";
  return `${part}in ${formatDuration(seconds)}, ${formatRate(rate)}/s`;
}

function describeApps(apps: NonNullable<RunSummary["apps"]>): string {
  const row = (name: string, { samples, strict_accuracy: strict, test_case_average: average }: AppsScore): string[] => [
    ...[escapeLine(name), String(samples), formatShare(strict)],
    average === null ? "needs --all-tests" : formatShare(average),
  ];
  return formatTable(
    [
      ["APPS", "samples", "strict accuracy", "test case average"],
      ...Object.entries(apps.by_difficulty).map(([name, score]) => row(name, score)),
      row("all", apps),
    ],
    [1, 2, 3],
  );
}

/** What one must know to read the numbers right, a line each. */
export function listNotes(summary: Summary, run: RunSummary, { k, out }: GradeSettings): string[] {
  const { problems: seen, infrastructureErrors, invalidProblems } = summary.counts;
  const notes: string[] = [];
  if (seen < run.problems) {
    notes.push(`${run.problems - seen} of the ${run.problems} problems have no samples: they are in no pass@k`);
  }
  const scored = summary.passAtK(1).problems;
  for (const { k: draws, problems, mean } of k.map((k) => summary.passAtK(k))) {
    if (mean === null) notes.push(`pass@${draws} is not given: no problem has ${draws} samples`);
    else if (problems < scored) notes.push(`pass@${draws} leaves out ${scored - problems} problems with fewer samples`);
  }
  if (invalidProblems > 0)
    notes.push(`${invalidProblems} samples belong to problems that cannot be graded: not scored`);
  if (infrastructureErrors > 0) {
    const again = out === "-" ? "" : "; running the same command again grades them";
    notes.push(`${infrastructureErrors} samples ended in an infrastructure error: not scored${again}`);
  }
  return notes;
}
