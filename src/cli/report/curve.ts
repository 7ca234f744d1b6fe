import type { Summary } from "../../grading/metrics.js";
import { formatShare } from "../../report/format.js";
import { html, Html } from "../../report/html.js";

export interface CurvePoint {
  readonly k: number;
  /** Between 0 and 1. */
  readonly value: number;
}

/** pass@k at round values of k and at `asked`, up to the number of samples that every scored problem has. */
export function pickCurve(summary: Summary, asked: readonly number[]): CurvePoint[] {
  const most = summary
    .problems()
    .reduce((least, { samples }) => (samples === 0 ? least : Math.min(least, samples)), Infinity);
  if (most === Infinity) return [];
  const round = [1, 10, 100, 1000, 10_000].flatMap((decade) => [1, 1.5, 2, 3, 5, 7].map((step) => step * decade));
  const ks = new Set([...round.filter(Number.isInteger), ...asked, most]);
  return [...ks]
    .filter((k) => k <= most)
    .sort((a, b) => a - b)
    .map((k) => ({ k, value: summary.passAtK(k).mean ?? 0 }));
}

const WIDTH = 520;
const HEIGHT = 230;
const LEFT = 42;
const RIGHT = 22;
const TOP = 18;
const BOTTOM = 40;

/** The pass@k curve as SVG: a share from 0 to 100% over k, whose axis is logarithmic when k spans a decade. */
export function drawCurve(points: readonly CurvePoint[]): Html {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return html`<p class="soft">Nothing was graded.</p>`;
  const isLog = last.k / first.k >= 10;
  const along = (k: number): number =>
    isLog ? Math.log(k / first.k) / Math.log(last.k / first.k) : (k - first.k) / (last.k - first.k);
  const x = (k: number): number => round(LEFT + (last.k === first.k ? 0.5 : along(k)) * (WIDTH - LEFT - RIGHT));
  const y = (value: number): number => round(HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM));
  const path = points.map(({ k, value }) => `${x(k)},${y(value)}`).join(" L");
  const marks = pickMarks(
    points.map(({ k }) => k),
    x,
  );
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="pass@k over k">
    ${[0, 0.25, 0.5, 0.75, 1].map(
      (share) =>
        html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(share)}" y2="${y(share)}" />
          <text x="${LEFT - 8}" y="${y(share) + 4}" text-anchor="end">${share * 100}%</text>`,
    )}
    <path class="area" d="M${path} L${x(last.k)},${y(0)} L${x(first.k)},${y(0)} Z" />
    <path class="curve" d="M${path}" />
    ${points
      .filter(({ k }) => marks.has(k))
      .map(
        ({ k, value }) =>
          html`<circle cx="${x(k)}" cy="${y(value)}" r="3.5"><title>pass@${k} = ${formatShare(value)}</title></circle>
            ${showValue(x(k), y(value), formatShare(value), k === first.k && k !== last.k)}
            <text x="${x(k)}" y="${HEIGHT - BOTTOM + 17}" text-anchor="middle">${k}</text>`,
      )}
    <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 5}" text-anchor="middle">
      k, samples drawn${isLog ? " (log scale)" : ""}
    </text>
  </svg>`;
}

/** A value above its point; the first one below it, where the rising curve leaves room. */
function showValue(x: number, y: number, value: string, isFirst: boolean): Html {
  if (isFirst) return html`<text class="value" x="${x + 8}" y="${y + 15}">${value}</text>`;
  return html`<text class="value" x="${x}" y="${y - 9}" text-anchor="middle">${value}</text>`;
}

/** The values of k that are written out: the ends, and between them those that do not crowd one another. */
function pickMarks(ks: readonly number[], x: (k: number) => number): Set<number> {
  const marks = new Set<number>();
  const last = ks.at(-1) ?? 1;
  let edge = -Infinity;
  for (const k of ks) {
    if (k !== last && (x(k) - edge < 46 || x(last) - x(k) < 46)) continue;
    marks.add(k);
    edge = x(k);
  }
  return marks;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
