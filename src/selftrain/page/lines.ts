import { drawLines, rangeOf, type Line, type Point } from "../../report/chart.js";
import { html, type Html } from "../../report/html.js";
import { SETS, type Metrics, type Report, type SetName } from "../records.js";
import { nameCompared } from "./compared.js";
import { nameIteration, nameSet } from "./names.js";

/** A colour for each set, the same everywhere on the page. */
const TONES: Readonly<Record<SetName, number>> = { test: 0, train: 1, validation: 2, transfer: 3 };
const ORDER: readonly SetName[] = ["test", "transfer", "train", "validation"];

/** pass@1 by iteration, a chart for each set on one scale, and train and test in one: the paper's figures 2 to 4. */
export function showLines(report: Report): Html | null {
  const { iterations, compared } = report;
  const sets = ORDER.filter((set) => iterations.some((one) => one[set] !== undefined));
  if (sets.length === 0) return null;
  const last = Math.max(iterations.length, ...compared.map((run) => run.iterations.length)) - 1;
  const own = (set: SetName, name = "this run"): Line => ({
    ...{ name, tone: TONES[set] },
    points: pointsOf(iterations, set, last),
  });
  const charts = sets.map((set) => {
    const others = compared.map((run, at): Line => ({
      ...{ name: nameCompared(run, report), tone: (at + 4) % 6, isDashed: true },
      points: pointsOf(run.iterations, set, last).map((point) =>
        point === null ? null : { x: point.x, value: point.value },
      ),
    }));
    return { title: nameSet(set), lines: [own(set), ...others] };
  });
  const range = rangeOf(charts.flatMap(({ lines }) => lines));
  const both = sets.includes("train") && sets.includes("test");
  return html`<div class="pair">
    ${charts.map(({ title, lines }) => showChart(`pass@1 on the ${title}`, "greedy", lines, range))}
    ${
      both
        ? showChart(
            "Training and test set",
            "what is learnt by heart shows as a gap",
            [own("train", "training set"), own("test", "test set")],
            range,
          )
        : null
    }
  </div>`;
}

function showChart(title: string, small: string, lines: readonly Line[], range: readonly [number, number]): Html {
  return html`<section>
    <h2>${title} <small>${small}</small></h2>
    ${drawLines(lines, { label: `${title} by iteration`, xName: "iteration (0: base model)", range })}
  </section>`;
}

function pointsOf(iterations: readonly Metrics[], set: SetName, last: number): (Point | null)[] {
  return Array.from({ length: last + 1 }, (_, x) => {
    const metrics = iterations[x]?.[set];
    return metrics === undefined ? null : { x, value: metrics.pass_at_1, interval: metrics.ci95 };
  });
}

/** pass@k of the base model beside tuned ones: the paper's figure 5. */
export function showCurves({ iterations }: Report): Html | null {
  const sets = SETS.filter((set) => iterations.some((one) => one[set]?.pass_at_k !== undefined));
  if (sets.length === 0) return null;
  return html`<div class="pair">
    ${sets.map((set) => {
      const measured = iterations.filter((one) => one[set]?.pass_at_k !== undefined);
      // The base model and the last one are the figure; of those between, no more than can be told apart.
      const shown = measured.length <= 6 ? measured : [...measured.slice(0, 1), ...measured.slice(-1)];
      const lines = shown.map((one, at): Line => ({
        ...{ name: nameIteration(one.iteration), tone: at === 0 ? 1 : (at - 1 + (at > 1 ? 1 : 0)) % 6 },
        isDashed: one.iteration === 0,
        points: Object.entries(one[set]?.pass_at_k ?? {})
          .map(([k, value]) => ({ x: Number(k), value }))
          .sort((a, b) => a.x - b.x),
      }));
      return html`<section>
        <h2>pass@k on the ${nameSet(set)} <small>unbiased estimate from samples</small></h2>
        ${drawLines(lines, { label: `pass@k on the ${nameSet(set)}`, xName: "k, samples drawn (log scale)", isLog: true })}
      </section>`;
    })}
  </div>`;
}
