import type { SelftrainConfig } from "./config/schema.js";
import type { Metrics } from "./records.js";

/** The iteration with the best pass@1 on validation, the earliest of equals; without validation the last one. */
export function pickBest(metrics: readonly Metrics[]): Metrics | null {
  if (metrics.some(({ validation }) => validation === undefined)) return metrics.at(-1) ?? null;
  return metrics.reduce<Metrics | null>(
    (best, one) => (best === null || (one.validation?.pass_at_1 ?? 0) > (best.validation?.pass_at_1 ?? 0) ? one : best),
    null,
  );
}

/** Why no further iteration is worth its cost, or null. */
export function findReasonToStop(metrics: readonly Metrics[], earlyStop: SelftrainConfig["early_stop"]): string | null {
  if (earlyStop === null) return null;
  let best = -Infinity;
  let since = 0;
  for (const { validation } of metrics) {
    const reached = validation?.pass_at_1 ?? 0;
    if (reached > best + earlyStop.min_gain || best === -Infinity) [best, since] = [reached, 0];
    else since += 1;
  }
  if (since < earlyStop.patience) return null;
  return `pass@1 on validation has not risen above ${(100 * best).toFixed(1)} % for ${since} ${since === 1 ? "iteration" : "iterations"}`;
}
