import { formatShare } from "../../report/format.js";
import { html, type Html } from "../../report/html.js";
import type { SetMetrics, SetName } from "../records.js";

/** What the page calls a set: `test set`. */
export function nameSet(set: SetName): string {
  return set === "train" ? "training set" : `${set} set`;
}

/** `base model`, or `iteration 2`. */
export function nameIteration(iteration: number): string {
  return iteration === 0 ? "base model" : `iteration ${iteration}`;
}

/** A difference of shares in points, with its sign: `+12.3 (8.1 to 16.0)`. */
export function describePoints({ difference, ci95: [low, high] }: NonNullable<SetMetrics["gain"]>): string {
  return `${signed(100 * difference)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

export function signed(points: number): string {
  const text = points.toFixed(1);
  return points > 0 && text !== "0.0" ? `+${text}` : text;
}

/** A share with its interval: `61.3% (58.0–64.1)`. */
export function describeShare({ pass_at_1: share, ci95: [low, high] }: Pick<SetMetrics, "pass_at_1" | "ci95">): string {
  return `${formatShare(share)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;
}

/** Stands where there is no figure. */
export const MISSING: Html = html`<span class="soft" title="not measured">–</span>`;

export function orMissing<T>(value: T | null | undefined, show: (value: T) => string): Html | string {
  return value === null || value === undefined ? MISSING : show(value);
}
