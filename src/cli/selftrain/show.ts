import type { Plan } from "../../selftrain/plan.js";
import { SETS, type Report, type SetMetrics } from "../../selftrain/records.js";
import type { Status } from "../../selftrain/status.js";
import { escapeLine } from "../../report/escape.js";
import { formatCount, formatDuration, formatShare } from "../../report/format.js";
import { formatTable } from "../table.js";

/** What a run would ask for, for people. */
export function describePlan(plan: Plan): string {
  const stages = plan.stages.map(({ name, times, requests, completions }) => [
    ...[name, `${times} x`, formatCount(requests), formatCount(completions)],
  ]);
  const from =
    plan.measured_on > 0
      ? `${(plan.seconds_a_program * 1000).toFixed(0)} ms a program, measured on ${plan.measured_on} solutions of the set`
      : `${(plan.seconds_a_program * 1000).toFixed(0)} ms a program is assumed: the set brings no solutions`;
  const totals = [
    ["iterations", String(plan.iterations), ""],
    ["fine-tuning jobs", String(plan.jobs), ""],
    ["requests", formatCount(plan.requests), ""],
    ["completions", formatCount(plan.completions), ""],
    ["prompt tokens", formatCount(plan.prompt_tokens), "about, four characters a token"],
    ["completion tokens", formatCount(plan.completion_tokens), "at most, each as long as max_tokens"],
    ["grading", formatDuration(plan.grading_seconds), `at most, here; ${from}`],
  ];
  const head = ["stage", "times", "requests", "completions"];
  return `${formatTable([head, ...stages], [1, 2, 3])}\n${formatTable(totals, [1])}`;
}

/** pass@1 by iteration and set, for people. */
export function describeReport(report: Report, folder: string): string {
  const sets = SETS.filter((set) => report.iterations.some((iteration) => iteration[set] !== undefined));
  const rows = report.iterations.map((iteration) => [
    ...[String(iteration.iteration), escapeLine(iteration.model)],
    ...sets.map((set) => describeScore(iteration[set])),
    iteration.generation === null ? "" : String(iteration.generation.selected),
  ]);
  const facts = [
    ...(report.best === null ? [] : [["best", `iteration ${report.best.iteration}, ${escapeLine(report.best.model)}`]]),
    ...(report.stopped_early === null ? [] : [["stopped early", report.stopped_early]]),
    ["run folder", escapeLine(folder)],
  ];
  const head = ["iteration", "model", ...sets, "trained on"];
  return `${formatTable([head, ...rows])}\n${describeCompared(report)}${formatTable(facts)}`;
}

/** The best iteration of other runs, and what they were given that this one was not. */
function describeCompared({ compared }: Report): string {
  if (compared.length === 0) return "";
  const rows = compared.map(({ name, best, iterations, differences }) => {
    const metrics = best === null ? undefined : iterations[best];
    const changes = differences.map(({ field, there }) => `${field}: ${there}`).join(", ");
    return [escapeLine(name), ...SETS.map((set) => describeScore(metrics?.[set])), escapeLine(changes)];
  });
  return `${formatTable([["beside it, best", ...SETS, "what differs"], ...rows])}\n`;
}

/** How a run is, for people. */
export function describeStatus({ state, progress, steps, report }: Status, now: Date): string {
  const doing =
    progress === null
      ? []
      : [
          ["at", `iteration ${progress.iteration}, ${progress.step}: ${escapeLine(progress.doing)}`],
          ...(progress.total === null ? [] : [["done", `${progress.done} of ${progress.total}`]]),
          ["seen", `${formatDuration((now.getTime() - Date.parse(progress.updated_at)) / 1000)} ago`],
          ...(progress.ended === null || state === "working" ? [] : [["ended", escapeLine(progress.ended)]]),
        ];
  const rows = steps.map(({ iteration, done, job }) => [
    ...[String(iteration), done.join(" "), job === null ? "" : `${job.job_id ?? job.tag}: ${job.status ?? job.state}`],
  ]);
  const parts = [
    formatTable([["run", escapeLine(report.name)], ["state", state], ...doing]),
    formatTable([["iteration", "steps done", "job"], ...rows]),
    ...(report.iterations.length === 0 ? [] : [describeReport(report, "")]),
  ];
  return parts.join("\n");
}

function describeScore(metrics: SetMetrics | undefined): string {
  if (metrics === undefined) return "";
  const [low, high] = metrics.ci95;
  return `${formatShare(metrics.pass_at_1)} (${(100 * low).toFixed(1)}-${(100 * high).toFixed(1)})`;
}
