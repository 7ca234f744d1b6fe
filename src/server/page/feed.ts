import type { Response } from "express";

import { RefusedError } from "../contract.js";
import type { Enforcement } from "../../sandbox/contract.js";
import type { Operations } from "../service.js";
import { describeFailures, describeService, describeState, type Totals } from "./state.js";
import { Window } from "./window.js";

const WATCHERS_AT_MOST = 32;
const EVERY_MS = 1000;
const WINDOW_SECONDS = 60;
/** A watcher that has this much unread in our buffers is not told more until it has read. */
const UNREAD_BYTES = 1 << 18;
/** Ticks that a watcher may miss in a row before it is given up. */
const MISSED_AT_MOST = 30;

interface Watcher {
  readonly res: Response;
  missed: number;
}

export interface FeedOptions {
  /** Watchers at the same time. */
  readonly watchers?: number;
  /** Between two messages, milliseconds. */
  readonly everyMs?: number;
}

/**
 * Tells watchers what goes on, as server-sent events: `service` once, then `state` each second and `failures` when there
 * are new ones. What is told is put together once a second however many watch, and not at all while nobody does. The
 * steady `state` is the heartbeat as well.
 */
export class Feed {
  readonly #watchers = new Set<Watcher>();
  readonly #window = new Window(WINDOW_SECONDS);
  readonly #operations: Operations & { readonly enforcement: Enforcement };
  readonly #most: number;
  readonly #everyMs: number;
  readonly #totals = { samples: 0, runs: 0, refused: 0, faults: 0 } satisfies Totals;
  #timer: NodeJS.Timeout | null = null;
  #failuresTold = "";
  #ended = false;

  constructor(operations: Operations & { readonly enforcement: Enforcement }, options: FeedOptions = {}) {
    this.#operations = operations;
    this.#most = options.watchers ?? WATCHERS_AT_MOST;
    this.#everyMs = options.everyMs ?? EVERY_MS;
    const totals = this.#totals;
    operations.events.listen({
      served: ({ at, kind, cached, queueMs }) => {
        totals[kind === "grade" ? "samples" : "runs"] += 1;
        this.#window.answered(at, kind, cached ? null : queueMs);
      },
      refused: ({ at, reason }) => {
        totals.refused += 1;
        if (reason === "busy" || reason === "late") this.#window.refused(at, reason);
      },
      fault: () => void (totals.faults += 1),
    });
  }

  get watching(): number {
    return this.#watchers.size;
  }

  /** Makes the response a stream of events, until it is closed or the feed ends. Throws RefusedError where it may not. */
  watch(res: Response): void {
    if (this.#ended || !this.#operations.ready) throw new RefusedError("stopping", "the service is being stopped", 5);
    if (this.#watchers.size >= this.#most) throw new RefusedError("busy", "too many are watching already", 30);
    if (res.destroyed) return;
    res.setHeader("Content-Type", "text/event-stream; charset=utf-8");
    // Proxies that gather answers before they pass them on would make this one useless.
    res.setHeader("X-Accel-Buffering", "no");
    const watcher: Watcher = { res, missed: 0 };
    this.#watchers.add(watcher);
    res.once("close", () => this.#leave(watcher));
    const failures = this.#failures();
    if (this.#timer === null) this.#failuresTold = failures;
    res.write(frame("service", describeService(this.#operations.enforcement)) + this.#state() + failures);
    this.#timer ??= setInterval(() => this.#tell(), this.#everyMs).unref();
  }

  /** Tells every watcher that this is the end, and takes no more. */
  end(): void {
    this.#ended = true;
    for (const { res } of this.#watchers) res.end(frame("end", {}));
    this.#stopTimer();
  }

  #tell(): void {
    if (!this.#operations.ready) {
      this.end();
      return;
    }
    const state = this.#state();
    const failures = this.#failures();
    const news = failures === this.#failuresTold ? state : state + failures;
    this.#failuresTold = failures;
    for (const watcher of this.#watchers) {
      if (watcher.res.writableLength <= UNREAD_BYTES) {
        // It may have missed the last ones.
        watcher.res.write(watcher.missed > 0 ? state + failures : news);
        watcher.missed = 0;
      } else if ((watcher.missed += 1) > MISSED_AT_MOST) watcher.res.destroy();
    }
  }

  #state(): string {
    return frame("state", describeState(this.#operations, this.#window, this.#totals, Date.now()));
  }

  #failures(): string {
    return frame("failures", describeFailures(this.#operations.events.failures));
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size === 0) this.#stopTimer();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** JSON has no line ends outside strings and writes those inside as \n, so one data line holds it. */
function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
