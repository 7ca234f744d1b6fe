import type { SlowSample } from "../../grading/metrics.js";
import type { Enforcement, Limits } from "../../sandbox/contract.js";
import { formatCount, formatDuration, formatRate, formatShare } from "../../report/format.js";
import { html, Html } from "../../report/html.js";
import { renderPage } from "../../report/page.js";
import { showPairs, showTiles, showVerdicts } from "../../report/parts.js";
import type { RunSummary } from "../grade/summary.js";
import type { ReportCollector } from "./collect.js";
import { drawCurve, type CurvePoint } from "./curve.js";
import { SCRIPT } from "./script.js";
import { showProblems } from "./problem-table.js";
import { showApps, showExamples, showSlowest } from "./sections.js";

export interface ReportInput {
  readonly set: { readonly name: string; readonly format: string; readonly path: string };
  readonly date: Date;
  readonly grader: string;
  readonly summary: RunSummary;
  readonly figures: ReportCollector;
  readonly curve: readonly CurvePoint[];
  /** Slowest first; `index` is the row's place in the results, from 0. */
  readonly slowest: readonly SlowSample[];
  readonly enforcement: Enforcement;
  /** Those in force where the data set states none. */
  readonly limits: Limits;
  /** Names and values of the options. */
  readonly settings: readonly (readonly [string, string])[];
}

/** The report as one HTML page that loads nothing, works without scripts and takes all text as text. */
export function renderReport(input: ReportInput): string {
  const { set, date, summary, figures, curve, enforcement, limits, settings, grader } = input;
  const problems = [...figures.problems.values()];
  const main = html`<header>
      <h1>${set.name}</h1>
      <span class="soft">${date.toISOString().slice(0, 16).replace("T", " ")} UTC · ${grader}</span>
    </header>
    ${showTiles(listTiles(summary))} ${showNotices(summary, figures)} ${showVerdicts(summary.verdicts)}
    <div class="pair">
      <section>
        <h2>pass@k <small>unbiased estimate, mean over problems</small></h2>
        ${drawCurve(curve)}
      </section>
      ${summary.apps === undefined ? showPairs("How it was graded", settings) : showApps(summary.apps)}
    </div>
    ${showProblems(problems)} ${showSlowest(input.slowest)} ${showExamples(figures.examples)}
    ${summary.apps === undefined ? null : showPairs("How it was graded", settings)}
    <div class="pair">
      ${showPairs("What the sandbox enforced", [
        ["isolation", enforcement.isolation],
        ["runtime", enforcement.runtime],
        ...enforcement.walls.map(({ name, means }) => [name, means] as const),
      ])}
      ${showPairs("Limits of each run", listLimits(limits))}
    </div>
    <footer>Problems read from ${set.path} (${set.format}).</footer>`;
  return renderPage(`${set.name}: assay report`, main, { script: SCRIPT });
}

function listTiles(summary: RunSummary) {
  const passes = Object.entries(summary.pass_at_k).map(([k, value]) => ({
    value: formatShare(value),
    label: `pass@${k}`,
    lead: true,
  }));
  const groups = Object.entries(summary.groups ?? {}).flatMap(([name, group]) =>
    Object.entries(group.pass_at_k).map(([k, value]) => ({ value: formatShare(value), label: `${name}, pass@${k}` })),
  );
  const majority = Object.entries(summary.maj_at_k ?? {}).map(([k, value]) => ({
    value: formatShare(value),
    label: `maj@${k}`,
  }));
  return [
    ...passes,
    ...groups,
    ...majority,
    { value: formatCount(summary.passed), label: `of ${formatCount(summary.graded)} accepted` },
    { value: formatCount(summary.problems), label: "problems" },
    { value: formatDuration(summary.seconds), label: "grading time" },
    { value: `${formatRate(summary.per_second)}/s`, label: "samples a second" },
  ];
}

/** What a reader must know before trusting the numbers. */
function showNotices({ verdicts, isolation }: RunSummary, { sharedProcess, truncated }: ReportCollector): Html | null {
  const broken = verdicts.infrastructure_error ?? 0;
  const invalid = verdicts.invalid_problem ?? 0;
  const notices = [
    isolation === "none" ? "Programs ran without isolation: verdicts may have been forged." : null,
    broken > 0
      ? `${broken} samples ended in an infrastructure error. They are not scored; running the same command again grades them.`
      : null,
    invalid > 0 ? `${invalid} samples belong to problems that cannot be graded. They are not scored.` : null,
    sharedProcess > 0
      ? `${sharedProcess} samples shared a process with their tests, which a hostile program could have used.`
      : null,
    truncated > 0 ? `${truncated} completions end inside a code block, probably because they were cut off.` : null,
  ].filter((notice) => notice !== null);
  if (notices.length === 0) return null;
  return html`<section class="notice">${notices.map((notice) => html`<p>${notice}</p>`)}</section>`;
}

function listLimits(limits: Limits): [string, string][] {
  const mib = (kib: number): string => `${Number((kib / 1024).toFixed(2))} MiB`;
  return [
    ["CPU time", `${limits.cpuMs / 1000} s`],
    ["elapsed time", `${limits.wallMs / 1000} s`],
    ["memory", mib(limits.memoryKb)],
    ["stack", mib(limits.stackKb)],
    ["output", `${mib(limits.outputBytes / 1024)} on stdout and on stderr, each`],
    ["largest file", mib(limits.fileBytes / 1024)],
    ["open files", String(limits.openFiles)],
    ["threads", String(limits.processes)],
    ["where stated", "limits of a problem go before the defaults and behind the command line"],
  ];
}
