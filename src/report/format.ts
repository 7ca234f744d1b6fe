/** Three significant digits at least: `702`, `8.41`, `0.05`. */
export function formatRate(rate: number): string {
  if (rate >= 100) return rate.toFixed(0);
  return rate >= 10 ? rate.toFixed(1) : rate.toFixed(2);
}

/** Seconds as people say them: `0.4s`, `48s`, `3m 05s`, `2h 10m`. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  if (seconds < 60) return `${seconds.toFixed(0)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${String(Math.floor(seconds % 60)).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}

/** A share as `61.3%`. */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** Milliseconds as `18.3 ms`, `340 ms` or `4.05 s`. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms >= 100 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}

/** A whole number with its thousands apart: `10,496`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
