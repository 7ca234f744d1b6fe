import type { Output } from "./context.js";
import { formatDuration, formatRate } from "../report/format.js";

/** How far the work is. `total` is null while nobody knows; `resumed` of those done were done by an earlier run. */
export interface ProgressState {
  readonly done: number;
  readonly accepted: number;
  readonly resumed: number;
  readonly total: number | null;
}

export interface ProgressOptions {
  readonly output: Output;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly read: () => ProgressState;
}

export interface Progress {
  /** Shows the state, if it is time to. */
  tick(): void;
  /** Takes the bar off the terminal, so that something else can be written; the next tick draws it again. */
  clear(): void;
  /** Shows the state a last time and stops. */
  stop(): void;
}

const REDRAW_MS = 200;
const PLAIN_MS = 10_000;
const BAR_CELLS = 24;

/** Shows progress: on a terminal one line redrawn at most 5 times a second, else a plain line at most every 10 s. */
export function startProgress({ output, now, read }: ProgressOptions): Progress {
  const isTerminal = output.isTTY === true;
  const interval = isTerminal ? REDRAW_MS : PLAIN_MS;
  const start = now();
  let shownAt = start;
  let drawn = false;

  const show = (): void => {
    shownAt = now();
    const state = read();
    const seconds = (shownAt - start) / 1000;
    if (!isTerminal) return void output.write(describeProgress(state, seconds) + "\n");
    const line = `${drawBar(state)}${describeProgress(state, seconds)}`;
    // One column stays free: a full line would wrap and leave copies of itself behind.
    output.write(`\r\x1b[K${line.slice(0, (output.columns ?? 80) - 1)}`);
    drawn = true;
  };
  const tick = (): void => {
    if (now() - shownAt >= interval) show();
  };
  const timer = setInterval(tick, interval).unref();

  return {
    tick,
    clear() {
      if (drawn) output.write("\r\x1b[K");
      drawn = false;
    },
    stop() {
      clearInterval(timer);
      show();
      if (isTerminal) output.write("\n");
    },
  };
}

function drawBar({ done, total }: ProgressState): string {
  if (total === null) return "";
  const filled = total === 0 ? BAR_CELLS : Math.min(BAR_CELLS, Math.floor((done / total) * BAR_CELLS));
  return `${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)} `;
}

/** For instance `1200/16400 graded, 61.3% accepted, 702/s, 22s left`. */
export function describeProgress({ done, accepted, resumed, total }: ProgressState, seconds: number): string {
  const parts = [`${done}${total === null ? "" : `/${total}`} graded`];
  if (done > 0) parts.push(`${((100 * accepted) / done).toFixed(1)}% accepted`);
  const rate = seconds > 0 ? (done - resumed) / seconds : 0;
  if (rate > 0) {
    parts.push(`${formatRate(rate)}/s`);
    if (total !== null && total > done) parts.push(`${formatDuration((total - done) / rate)} left`);
  }
  return parts.join(", ");
}
