import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { readProblems } from "../src/grading/problems/index.js";
import type { VerdictRecord } from "../src/grading/types.js";
import { createSandbox } from "../src/sandbox/index.js";
import { createApp, type AppOptions } from "../src/server/app.js";
import type { RunAnswer, Service } from "../src/server/contract.js";
import { createMetrics } from "../src/server/metrics.js";
import { Feed } from "../src/server/page/feed.js";
import { createService, type ManagedService, type ServiceOptions } from "../src/server/service.js";

export interface Running {
  /** For instance `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string;
  readonly service: Service;
  /** The real service, for tests of how it is run; null where the test brought one of its own. */
  readonly managed: ManagedService | null;
  close(): Promise<void>;
}

export interface StartOptions extends Partial<ServiceOptions> {
  /** A service of the test's own (see `fakeService`); by default a real one over a real sandbox. */
  readonly service?: Service;
  /** Problem sets by path; `fixtures/humaneval` and the like. */
  readonly problems?: readonly string[];
  readonly app?: AppOptions;
}

/** Starts the whole HTTP interface on a free port of the loopback. Whoever starts it closes it. */
export async function startServer(options: StartOptions = {}): Promise<Running> {
  const { service: given, problems = [], sets = [], app, sandbox: brought, ...rest } = options;
  const own = given === undefined && brought === undefined ? await createSandbox({}) : null;
  const sandbox = brought ?? own;
  const read = await Promise.all(problems.map((path) => readProblems(path)));
  const managed =
    given === undefined && sandbox !== null ? createService({ ...rest, sandbox, sets: [...sets, ...read] }) : null;
  const service = given ?? managed ?? fakeService();
  const view =
    managed === null ? {} : { metrics: createMetrics(managed), ready: () => managed.ready, feed: new Feed(managed) };
  const server = createServer({ requestTimeout: 0 }, createApp(service, { ...view, ...app }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    service,
    managed,
    async close() {
      await closeServer(server);
      await own?.dispose();
    },
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A service without a sandbox, for tests of protocols: everything is accepted, runs write nothing, no set is loaded. */
export function fakeService(overrides: Partial<Service> = {}): Service {
  return {
    enforcement: { isolation: "namespaces", runtime: "python 3.11.2", walls: [] },
    sets: new Map(),
    findProblem: () => undefined,
    grade: ({ problem }) => Promise.resolve(fakeRecord({ task_id: problem.id })),
    run: () => Promise.resolve(fakeAnswer()),
    ...overrides,
  };
}

/** A verdict record, accepted unless told otherwise. */
export function fakeRecord(overrides: Partial<VerdictRecord> = {}): VerdictRecord {
  const verdict = overrides.verdict ?? "accepted";
  return {
    task_id: "inline",
    verdict,
    passed: verdict === "accepted",
    reward: verdict === "accepted" ? 1 : 0,
    tests: { total: 1, run: 1, passed: verdict === "accepted" ? 1 : 0 },
    first_failure: null,
    usage: { cpu_ms: 1, wall_ms: 1, peak_memory_kb: 10_000, queue_ms: 0 },
    extraction: { rule: "solution", version: 1, language: "python", truncated: false, blocks: 0 },
    integrity: "isolated",
    isolation: "namespaces",
    comparator: "strict",
    cached: false,
    grader: "assay 0.0.0, python 3.11.2",
    ...overrides,
  };
}

/** The answer of a run that finished and wrote nothing, unless told otherwise. */
export function fakeAnswer(overrides: Partial<RunAnswer> = {}): RunAnswer {
  return {
    ending: "finished",
    exitCode: 0,
    signal: null,
    stdout: Buffer.alloc(0),
    stderr: Buffer.alloc(0),
    usage: { cpuMs: 1, wallMs: 1, peakMemoryKb: 10_000 },
    detail: "",
    judge: null,
    queueMs: 0,
    cached: false,
    files: [],
    ...overrides,
  };
}
