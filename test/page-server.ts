import { createApp } from "../src/server/app.js";
import type { Served } from "../src/server/events.js";
import { listen, type Listening } from "../src/server/listen.js";
import { createMetrics } from "../src/server/metrics.js";
import { Feed } from "../src/server/page/feed.js";
import { createService, type ManagedService } from "../src/server/service.js";
import type { Tokens } from "../src/server/tokens.js";
import type { CellCounts, Sandbox } from "../src/sandbox/contract.js";
import { GateSandbox } from "./gate-sandbox.js";

/** A gate sandbox that tells of cells it does not have. */
export class CountingSandbox extends GateSandbox {
  stats(): CellCounts {
    return { up: 4, busy: this.runs.length > 0 ? 3 : 0, started: 7 };
  }
}

export interface PageServer extends Listening {
  readonly service: ManagedService;
  readonly feed: Feed;
}

export interface PageServerOptions {
  readonly sandbox?: Sandbox;
  readonly tokens?: Tokens;
  readonly port?: number;
  readonly jobs?: number;
  readonly maxQueue?: number;
  readonly watchers?: number;
}

/** The page's service on the loopback, told more often than once a second so that tests need not wait. */
export async function startPageServer(options: PageServerOptions = {}): Promise<PageServer> {
  const { sandbox = new CountingSandbox(), tokens, port = 0, watchers = 8, jobs = 8, maxQueue = 64 } = options;
  const service = createService({ sandbox, jobs, maxQueue });
  const feed = new Feed(service, { watchers, everyMs: 100 });
  const view = { feed, ready: () => service.ready, metrics: createMetrics(service) };
  const app = createApp(service, { ...view, ...(tokens === undefined ? {} : { tokens }) });
  return { ...(await listen(app, "127.0.0.1", port)), service, feed };
}

/** An answer of the service, accepted a moment ago unless told otherwise. */
export function servedEvent(overrides: Partial<Served> = {}): Served {
  return {
    ...{ kind: "grade", at: Date.now(), taskId: "HumanEval/0", client: "trainer", language: "python" },
    ...{ outcome: "accepted", cached: false, queueMs: 2, detail: "" },
    usage: { cpuMs: 2, wallMs: 3, peakMemoryKb: 15_000 },
    ...overrides,
  };
}

const MIX = ["accepted", "accepted", "wrong_answer", "accepted", "time_limit", "runtime_error", "accepted"] as const;

/** A minute of work as a training run makes it: hundreds a second, some of it wrong. */
export function actBusy({ events }: ManagedService): void {
  const now = Date.now();
  for (let second = 61; second >= 0; second--) {
    const count = Math.round(180 + 60 * Math.sin(second / 5));
    for (let index = 0; index < count; index++) {
      const outcome = MIX[(index * 3 + second) % MIX.length] ?? "accepted";
      const detail =
        outcome === "accepted" ? "" : "Traceback (most recent call last):\nIndexError: list index out of range";
      const kind = index % 9 === 0 ? "run" : "grade";
      const taskId = kind === "run" ? "" : `HumanEval/${index % 164}`;
      const shown = kind === "run" && outcome === "accepted" ? "finished" : outcome;
      events.served(
        servedEvent({ at: now - second * 1000, kind, taskId, outcome: shown, detail, queueMs: index % 40 }),
      );
    }
  }
}
