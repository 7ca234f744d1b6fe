import { formatCount, formatDuration, formatShare } from "../../report/format.js";
import { html, type Html } from "../../report/html.js";
import { renderPage } from "../../report/page.js";
import { showTiles, type Tile } from "../../report/parts.js";
import { addCosts } from "../context.js";
import { SETS, type Report } from "../records.js";
import { showChanges } from "./changes.js";
import { showCompared } from "./compared.js";
import { showCosts } from "./costs.js";
import { showGroups, showIterations } from "./iterations.js";
import { showCurves, showLines } from "./lines.js";
import { showMajority } from "./majority.js";
import { nameSet, signed } from "./names.js";
import { showAccepted, showVerdictMix } from "./samples.js";
import { showSetup } from "./setup.js";

/**
 * The report of a run as one page that loads nothing and needs no script. What was not measured, or not yet, is shown as
 * missing and never as 0.
 */
export function renderReport(report: Report): string {
  const { name, written_at: at, grader } = report;
  const main = html`<header>
      <h1>${name}</h1>
      <span class="soft">${at.slice(0, 16).replace("T", " ")} UTC · ${grader}</span>
    </header>
    ${showTiles(listTiles(report))} ${showNotices(report)} ${showLines(report)} ${showIterations(report)}
    ${showCompared(report)} ${showCurves(report)} ${showMajority(report)} ${showGroups(report)} ${showAccepted(report)}
    ${showVerdictMix(report)} ${showChanges(report)} ${showCosts(report)} ${showSetup(report)}
    <footer>
      Run ${report.run_id}. Intervals are 95 % bootstrap intervals over problems. The same figures are in report.json
      and report.csv.
    </footer>`;
  return renderPage(`${name}: self-training report`, main);
}

/** The set that a run is judged by: the test set, or what there is instead. */
function leadSet(report: Report) {
  const order = ["test", "validation", "transfer", "train"] as const;
  return order.find((set) => report.iterations.some((one) => one[set] !== undefined)) ?? null;
}

function listTiles(report: Report): Tile[] {
  const { iterations, best } = report;
  const set = leadSet(report);
  const base = set === null ? undefined : iterations[0]?.[set];
  const tuned = set === null || best === null ? undefined : iterations[best.iteration]?.[set];
  const tiles: Tile[] = [];
  if (set !== null && tuned !== undefined && best !== null) {
    const label = `pass@1 on ${nameSet(set)}, ${best.iteration === 0 ? "base model" : `iteration ${best.iteration} (best)`}`;
    tiles.push({ value: formatShare(tuned.pass_at_1), label, lead: true });
    if (tuned.gain !== null) {
      const [low, high] = tuned.gain.ci95.map((share) => (100 * share).toFixed(1));
      const value = signed(100 * tuned.gain.difference);
      tiles.push({ value, label: `points above the base model (${low ?? ""} to ${high ?? ""})`, lead: true });
    }
    if (base !== undefined && best.iteration > 0)
      tiles.push({ value: formatShare(base.pass_at_1), label: "base model" });
  }
  const cost = addCosts(iterations.flatMap((one) => Object.values(one.cost)));
  const trained = iterations.reduce((sum, one) => sum + (one.generation?.selected ?? 0), 0);
  const tokens = cost.completion_tokens;
  return [
    ...tiles,
    { value: String(Math.max(0, iterations.length - 1)), label: iterations.length === 2 ? "iteration" : "iterations" },
    ...(trained === 0 ? [] : [{ value: formatCount(trained), label: "samples learnt from" }]),
    ...(tokens === null || cost.requests === 0 ? [] : [{ value: formatCount(tokens), label: "tokens generated" }]),
    ...(cost.job_seconds === 0 ? [] : [{ value: formatDuration(cost.job_seconds), label: "fine-tuning, elapsed" }]),
    ...(cost.graded === 0 ? [] : [{ value: formatDuration(cost.grading_cpu_seconds), label: "grading, CPU time" }]),
  ];
}

/** What a reader must know before trusting the figures. */
function showNotices({ state, stopped_early: early, iterations, config }: Report): Html | null {
  const unscored = iterations.reduce((sum, one) => sum + (one.generation?.unscored ?? 0), 0);
  const missing = iterations.reduce(
    (sum, one) => sum + SETS.reduce((part, set) => part + (one[set]?.problems ?? 0) - (one[set]?.scored ?? 0), 0),
    0,
  );
  const select = config.select as { readonly reward?: unknown } | undefined;
  const notices = [
    iterations.length === 0 ? "Nothing has been measured yet." : null,
    state === "going_on" ? "The run is not at its end: figures of later iterations are still to come." : null,
    early === null ? null : `The run stopped early: ${early}.`,
    select?.reward === "shuffled"
      ? "A control: rewards were dealt out at random among the samples. Nothing ought to rise."
      : null,
    unscored > 0
      ? `${formatCount(unscored)} generated samples could not be graded. They are in no figure and were not learnt from.`
      : null,
    missing > 0 ? `${formatCount(missing)} evaluated samples could not be graded. They are in no figure.` : null,
  ].filter((notice) => notice !== null);
  if (notices.length === 0) return null;
  return html`<section class="notice">${notices.map((notice) => html`<p>${notice}</p>`)}</section>`;
}
