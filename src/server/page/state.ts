import { version } from "../../version.js";
import type { Enforcement } from "../../sandbox/contract.js";
import type { Served } from "../events.js";
import { listLanguages } from "../languages.js";
import type { Operations } from "../service.js";
import type { Window } from "./window.js";

/** Seconds that waits and refusals are summed over. */
export const RECENT_SECONDS = 10;
const FAILURES_SHOWN = 20;

/** What a watcher is told once when it comes: all that does not change. */
export function describeService({ isolation, runtime }: Enforcement) {
  const languages = listLanguages().map(({ id, name }) => ({ id, name }));
  return { version, isolation, runtime, languages, recent_seconds: RECENT_SECONDS };
}

/** What every watcher is told each second. Numbers only, and the names of verdicts. */
export function describeState(operations: Operations, window: Window, totals: Totals, now: number) {
  const { waiting, running, places, cells } = operations.load();
  return {
    at: now,
    ready: operations.ready,
    rates: window.rates(now),
    recent: window.recent(now, RECENT_SECONDS),
    queue: { waiting, running, places },
    cells: cells === null ? null : { ...cells, replaced: Math.max(0, cells.started - cells.up) },
    outcomes: operations.events.outcomes,
    totals,
  };
}

/** Since the service was started. */
export interface Totals {
  readonly samples: number;
  readonly runs: number;
  readonly refused: number;
  /** Infrastructure errors. */
  readonly faults: number;
}

/** The last failures, newest first. `detail` and `task_id` hold whatever candidates and clients wrote. */
export function describeFailures(failures: readonly Served[]) {
  return failures.slice(0, FAILURES_SHOWN).map(({ at, kind, taskId, client, language, outcome, cached, detail }) => ({
    ...{ at, kind, task_id: taskId.slice(0, 200), client, language, outcome, cached, detail },
  }));
}
