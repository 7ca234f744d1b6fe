import { createChart } from "./chart.js";
import { find, make, makeDot, setText } from "./dom.js";
import { formatCount, formatMs, formatRate, formatShare, formatVerdict } from "./text.js";

/** @typedef {import("./types.js").State} State */

/** In the order in which they are shown; what is not named here comes last. */
const ORDER = [
  ...["accepted", "finished", "wrong_answer", "time_limit", "memory_limit", "output_limit", "runtime_error"],
  ...["compile_error", "no_code", "invalid_problem", "infrastructure_error"],
];
/** Seconds that rates are taken over. */
const RATE_SECONDS = 5;

/** The numbers, the chart and the shares of verdicts. @param {number} recentSeconds of waits and refusals */
export function createOverview(recentSeconds) {
  const chart = createChart(find("chart", SVGSVGElement));
  const showVerdicts = createShares();
  return {
    /** @param {State} state */
    show(state) {
      const { rates, recent, queue, cells, totals } = state;
      tile("samples", formatRate(mean(rates.samples)), `${formatCount(totals.samples)} since the start`);
      tile("runs", formatRate(mean(rates.runs)), `${formatCount(totals.runs)} since the start`);
      tile("waiting", formatCount(queue.waiting), `${queue.running} of ${queue.places} places in use`);
      const { p50, p95 } = recent.wait_ms;
      tile("wait", formatMs(p95), p50 === null ? "" : `median ${formatMs(p50)}, last ${recentSeconds} s`);
      tile(
        "cells",
        cells === null ? "–" : `${cells.busy} / ${cells.up}`,
        cells === null ? "" : `${formatCount(cells.replaced)} replaced since the start`,
      );
      tile("refused", formatCount(totals.refused), `${formatCount(totals.faults)} faults of the grader`);
      find("tile-refused", HTMLElement).classList.toggle("alarm", totals.faults > 0);
      chart.show(rates);
      const { samples, runs } = { samples: mean(rates.samples), runs: mean(rates.runs) };
      find("chart", SVGSVGElement).setAttribute(
        "aria-label",
        `Throughput of the last minute; now ${formatRate(samples)} samples and ${formatRate(runs)} runs a second`,
      );
      showVerdicts(state.outcomes);
    },
  };
}

/** @param {readonly number[]} perSecond */
function mean(perSecond) {
  const last = perSecond.slice(-RATE_SECONDS);
  return last.reduce((sum, value) => sum + value, 0) / Math.max(1, last.length);
}

/** @param {string} name @param {string} value @param {string} note */
function tile(name, value, note) {
  setText(find(`${name}-value`, HTMLElement), value);
  setText(find(`${name}-note`, HTMLElement), note);
}

function createShares() {
  const bar = find("shares", HTMLElement);
  const rows = find("verdicts", HTMLTableSectionElement);
  let shown = "";
  /** @param {Readonly<Record<string, number>>} outcomes */
  return (outcomes) => {
    if (JSON.stringify(outcomes) === shown) return;
    shown = JSON.stringify(outcomes);
    const known = Object.entries(outcomes).sort(([one], [other]) => place(one) - place(other));
    const total = known.reduce((sum, [, count]) => sum + count, 0);
    find("no-verdicts", HTMLElement).hidden = total > 0;
    find("verdicts-shown", HTMLElement).hidden = total === 0;
    bar.replaceChildren(
      ...known.map(([name, count]) => {
        const part = makeDot(name);
        part.className = "part";
        part.style.flexGrow = String(count);
        return part;
      }),
    );
    rows.replaceChildren(
      ...known.map(([name, count]) =>
        make(
          "tr",
          "",
          make("th", "", makeDot(name), formatVerdict(name)),
          make("td", "number", formatCount(count)),
          make("td", "number", formatShare(count, total)),
        ),
      ),
    );
  };
}

/** @param {string} verdict */
function place(verdict) {
  const index = ORDER.indexOf(verdict);
  return index === -1 ? ORDER.length : index;
}
