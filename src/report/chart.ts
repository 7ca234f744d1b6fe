import { formatShare } from "./format.js";
import { html, Html } from "./html.js";

/** A share from 0 to 1 at `x`, with its interval where there is one. */
export interface Point {
  readonly x: number;
  readonly value: number;
  readonly interval?: readonly [number, number];
}

/** A line of a chart. Where `null` stands nothing was measured, and the line is broken there. */
export interface Line {
  readonly name: string;
  /** The colour: `--tone-<n>` of the page's style sheet, from 0 to 5. */
  readonly tone: number;
  readonly isDashed?: boolean;
  readonly points: readonly (Point | null)[];
}

export interface ChartOptions {
  /** What a screen reader says of it. */
  readonly label: string;
  readonly xName: string;
  readonly isLog?: boolean;
  /** Lowest and highest share of the axis; by default what the lines need. */
  readonly range?: readonly [number, number];
}

/** Narrow, so that its letters stay readable where the page is as narrow as a telephone. */
const WIDTH = 380;
const HEIGHT = 230;
const [LEFT, RIGHT, TOP, BOTTOM] = [40, 22, 16, 38];
/** Letters of two labels must not touch. */
const LABEL_ROOM = 24;

/** The least and the greatest of what the lines show, intervals too, widened to tens of percent. */
export function rangeOf(lines: readonly Line[]): [number, number] {
  const values = lines.flatMap(({ points }) =>
    points.flatMap((point) => (point === null ? [] : [point.value, ...(point.interval ?? [])])),
  );
  if (values.length === 0) return [0, 1];
  // A tenth of a step is the rounding of a share.
  const low = Math.max(0, Math.floor(Math.min(...values) * 10 + 0.01) / 10);
  const high = Math.min(1, Math.ceil(Math.max(...values) * 10 - 0.01) / 10);
  return high - low >= 0.2 ? [low, high] : [Math.max(0, Math.min(low, 0.8)), Math.min(1, Math.max(high, low + 0.2))];
}

/** Shares over a number, as SVG with a legend. */
export function drawLines(lines: readonly Line[], options: ChartOptions): Html {
  const points = lines.flatMap((line) => line.points.filter((point) => point !== null));
  if (points.length === 0) return html`<p class="soft">Not measured.</p>`;
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const [first = 0, last = 0] = [xs[0], xs.at(-1)];
  const along = (at: number): number =>
    options.isLog === true ? Math.log(at / first) / Math.log(last / first) : (at - first) / (last - first);
  const x = (at: number): number => round(LEFT + (last === first ? 0.5 : along(at)) * (WIDTH - LEFT - RIGHT));
  const [low, high] = options.range ?? rangeOf(lines);
  const y = (share: number): number =>
    round(HEIGHT - BOTTOM - ((share - low) / (high - low)) * (HEIGHT - TOP - BOTTOM));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${options.label}">
      ${listSteps(low, high).map(
        (share) =>
          html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(share)}" y2="${y(share)}" />
            <text x="${LEFT - 7}" y="${y(share) + 4}" text-anchor="end">${Math.round(share * 100)}%</text>`,
      )}
      ${pickLabels(xs, x).map(
        (at) => html`<text x="${x(at)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${at}</text>`,
      )}
      <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 5}" text-anchor="middle">${options.xName}</text>
      ${lines.map((line) => drawLine(line, x, y))}
    </svg>
    ${lines.length > 1 ? showLegend(lines) : null}`;
}

function drawLine({ name, tone, isDashed, points }: Line, x: (at: number) => number, y: (share: number) => number) {
  const color = `color:var(--tone-${tone})`;
  return html`<g style="${color}">
    ${splitAtGaps(points).map(
      (run) =>
        html`<path
          class="line${isDashed === true ? " dashed" : ""}"
          d="M${run.map((point) => `${x(point.x)},${y(point.value)}`).join(" L")}"
        />`,
    )}
    ${points.map((point) => {
      if (point === null) return null;
      const { interval, value } = point;
      const said = interval === undefined ? "" : ` (${formatShare(interval[0])} to ${formatShare(interval[1])})`;
      return html`<g
        >${
          interval === undefined
            ? null
            : html`<line
                class="whisker"
                x1="${x(point.x)}"
                x2="${x(point.x)}"
                y1="${y(interval[0])}"
                y2="${y(interval[1])}"
              />`
        }<circle cx="${x(point.x)}" cy="${y(value)}" r="3.2"></circle
        ><title>${name}, ${point.x}: ${formatShare(value)}${said}</title></g
      >`;
    })}
  </g>`;
}

function showLegend(lines: readonly Line[]): Html {
  return html`<ul class="legend">
    ${lines.map(
      ({ name, tone, isDashed }) =>
        html`<li>
          <i class="stroke${isDashed === true ? " dashed" : ""}" style="color:var(--tone-${tone})"></i>${name}
        </li>`,
    )}
  </ul>`;
}

/** Counts of things by a whole number, as bars. */
export function drawBars(counts: ReadonlyMap<number, number>, { label, xName }: ChartOptions): Html {
  const most = Math.max(1, ...counts.values());
  const last = Math.max(...counts.keys(), 0);
  const width = (WIDTH - LEFT - RIGHT) / (last + 1);
  const x = (at: number): number => LEFT + at * width;
  const y = (count: number): number => round(HEIGHT - BOTTOM - (count / most) * (HEIGHT - TOP - BOTTOM));
  const all = Array.from({ length: last + 1 }, (_, at) => at);
  const labels = pickLabels(all, x);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
    ${[0, most].map(
      (count) =>
        html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(count)}" y2="${y(count)}" />
          <text x="${LEFT - 7}" y="${y(count) + 4}" text-anchor="end">${count}</text>`,
    )}
    ${all.map((at) => {
      const count = counts.get(at) ?? 0;
      return html`<rect
        class="count"
        x="${round(x(at) + width * 0.08)}"
        y="${y(count)}"
        width="${round(width * 0.84)}"
        height="${round(HEIGHT - BOTTOM - y(count))}"
        ><title>${at}: ${count}</title></rect
      >`;
    })}
    ${labels.map(
      (at) => html`<text x="${round(x(at) + width / 2)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${at}</text>`,
    )}
    <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 5}" text-anchor="middle">${xName}</text>
  </svg>`;
}

function splitAtGaps(points: readonly (Point | null)[]): Point[][] {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (point === null) runs.push([]);
    else runs.at(-1)?.push(point);
  }
  return runs.filter((run) => run.length > 1);
}

/** Four or five round shares from low to high. */
function listSteps(low: number, high: number): number[] {
  const step = high - low > 0.6 ? 0.2 : high - low > 0.3 ? 0.1 : 0.05;
  const steps: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + 1e-9; at += 1) steps.push(at * step);
  return steps;
}

/** Of the values those whose labels have room, the first and the last among them. */
function pickLabels(values: readonly number[], x: (value: number) => number): number[] {
  const last = values.at(-1) ?? 0;
  let edge = -Infinity;
  return values.filter((value) => {
    if (value !== last && (x(value) - edge < LABEL_ROOM || x(last) - x(value) < LABEL_ROOM)) return false;
    edge = x(value);
    return true;
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
