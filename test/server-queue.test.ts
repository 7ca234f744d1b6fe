import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Caller } from "../src/server/contract.js";
import type { ServiceOptions } from "../src/server/service.js";
import { createService, type ManagedService } from "../src/server/service.js";
import { GateSandbox } from "./gate-sandbox.js";
import { startServer, type Running } from "./server.js";

let sandbox: GateSandbox;
let service: ManagedService;
beforeEach(() => {
  sandbox = new GateSandbox();
});
afterEach(() => sandbox.open());

const start = (options: Partial<ServiceOptions> = {}): void => {
  service = createService({ sandbox, jobs: 1, ...options });
};
const caller = (client = "a", fields: Partial<Caller> = {}): Caller => ({
  ...{ client, deadline: null, signal: new AbortController().signal },
  ...fields,
});
const run = (source: string, who = caller()) => service.run({ language: "python", source }, who);
const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "answered",
    (error: unknown) => (error as { reason: string }).reason,
  );

describe("a queue that is full", () => {
  it("refuses with busy and says when to ask again", async () => {
    start({ maxQueue: 2 });
    const asked = ["1", "2", "3"].map((source) => run(source));
    await expect(run("4")).rejects.toMatchObject({ reason: "busy", retryAfter: expect.any(Number) as number });
    sandbox.open();
    expect(await Promise.all(asked)).toHaveLength(3);
  });

  it("still takes another client, at the cost of who waits with most", async () => {
    start({ maxQueue: 3 });
    const noisy = ["n1", "n2", "n3", "n4"].map((source) => run(source, caller("noisy")));
    const reasons = noisy.map(reasonOf);
    const quiet = run("q1", caller("quiet"));
    expect(await reasons[3]).toBe("busy");
    sandbox.open();
    expect(await quiet).toMatchObject({ ending: "finished" });
    expect(await Promise.all(reasons.slice(0, 3))).toEqual(["answered", "answered", "answered"]);
  });
});

describe("the order of service", () => {
  it("takes turns by client, so that a thousand waiting do not hold up one", async () => {
    start();
    const noisy = Array.from({ length: 1000 }, (_, n) => run(`noisy ${n}`, caller("noisy")));
    const others = ["b", "c"].map((client) => run(client, caller(client)));
    sandbox.open();
    await Promise.all([...noisy, ...others]);
    expect(sandbox.sources.indexOf("b")).toBeLessThanOrEqual(3);
    expect(sandbox.sources.indexOf("c")).toBeLessThanOrEqual(3);
    expect(sandbox.sources.filter((source) => source.startsWith("noisy"))).toEqual(
      Array.from({ length: 1000 }, (_, n) => `noisy ${n}`),
    );
  });

  it("runs as many at a time as there are places", async () => {
    start({ jobs: 3 });
    const asked = ["1", "2", "3", "4"].map((source) => run(source));
    await sandbox.begun(3);
    expect(service.load()).toMatchObject({ running: 3, waiting: 1, places: 3 });
    sandbox.open();
    await Promise.all(asked);
    expect(service.load()).toMatchObject({ running: 0, waiting: 0 });
  });
});

describe("a deadline", () => {
  it("ends the wait of what waits, which is then never run", async () => {
    start();
    const first = run("first");
    const late = run("late", caller("b", { deadline: performance.now() + 30 }));
    await expect(late).rejects.toMatchObject({ reason: "late" });
    expect(service.load().waiting).toBe(0);
    sandbox.open();
    await first;
    await run("after");
    expect(sandbox.sources).toEqual(["first", "after"]);
  });

  it("ends the wait for what runs, and its place is free again when it has ended", async () => {
    start();
    const late = run("slow", caller("a", { deadline: performance.now() + 30 }));
    await expect(late).rejects.toMatchObject({ reason: "late" });
    expect(service.load().running).toBe(1);
    const next = run("next");
    sandbox.runs[0]?.finish();
    await sandbox.begun(2);
    sandbox.open();
    expect(await next).toMatchObject({ ending: "finished" });
  });

  it("that has passed already is refused before anything is run", async () => {
    start();
    await expect(run("x", caller("a", { deadline: performance.now() - 1 }))).rejects.toMatchObject({ reason: "late" });
    expect(sandbox.sources).toEqual([]);
  });
});

describe("a client that hangs up", () => {
  it("leaves the queue, and what it waited for is never run", async () => {
    start();
    const first = run("first");
    const hangUp = new AbortController();
    const gone = run("gone", caller("b", { signal: hangUp.signal }));
    expect(service.load().waiting).toBe(1);
    hangUp.abort();
    await expect(gone).rejects.toMatchObject({ reason: "gone" });
    expect(service.load().waiting).toBe(0);
    sandbox.open();
    await first;
    await run("after");
    expect(sandbox.sources).toEqual(["first", "after"]);
  });

  it("over HTTP too: its connection closes, and its place in the queue is free", async () => {
    const server = await startServer({ sandbox, jobs: 1 });
    try {
      const post = (source: string) => {
        const sent = request(`${server.url}/v1/run`, {
          method: "POST",
          headers: { "content-type": "application/json" },
        });
        sent.on("error", () => undefined);
        sent.end(JSON.stringify({ source }));
        return sent;
      };
      post("first");
      await sandbox.begun(1);
      const second = post("second");
      await until(server, ({ waiting }) => waiting === 1);
      second.destroy();
      await until(server, ({ waiting }) => waiting === 0);
      sandbox.open();
      await until(server, ({ running }) => running === 0);
      expect(sandbox.sources).toEqual(["first"]);
    } finally {
      await server.close();
    }
  });
});

describe("equal work", () => {
  it("in flight at the same time is run once, and everybody gets the answer", async () => {
    start({ jobs: 4 });
    const asked = ["a", "b", "c"].map((client) => run("same", caller(client)));
    await sandbox.begun(1);
    sandbox.open();
    const answers = await Promise.all(asked);
    expect(sandbox.sources).toEqual(["same"]);
    expect(answers.map(({ cached }) => cached)).toEqual([false, true, true]);
  });

  it("goes on for the others when the first who asked hangs up", async () => {
    start();
    const blocker = run("blocker");
    const hangUp = new AbortController();
    const first = reasonOf(run("same", caller("a", { signal: hangUp.signal })));
    const second = run("same", caller("b"));
    hangUp.abort();
    expect(await first).toBe("gone");
    sandbox.open();
    expect(await second).toMatchObject({ ending: "finished" });
    await blocker;
  });

  it("does not wait behind everything else of the client that asked for it first", async () => {
    start();
    const noisy = Array.from({ length: 50 }, (_, n) => run(`noisy ${n}`, caller("noisy")));
    const shared = [run("shared", caller("noisy")), run("shared", caller("quiet"))];
    sandbox.open();
    await Promise.all([...noisy, ...shared]);
    expect(sandbox.sources.indexOf("shared")).toBeLessThan(4);
    expect(sandbox.sources.filter((source) => source === "shared")).toHaveLength(1);
  });

  it("is answered from memory afterwards, unless the request or the service says no", async () => {
    start();
    sandbox.open();
    expect(await run("x")).toMatchObject({ cached: false });
    expect(await run("x")).toMatchObject({ cached: true, queueMs: 0 });
    expect(await service.run({ language: "python", source: "x", cache: false }, caller())).toMatchObject({
      cached: false,
    });
    start({ cache: false });
    expect(await run("x")).toMatchObject({ cached: false });
    expect(await run("x")).toMatchObject({ cached: false });
    expect(sandbox.sources).toHaveLength(4);
  });

  it("is something else with other input, limits, arguments or files", async () => {
    start();
    sandbox.open();
    const task = { language: "python", source: "x" };
    const file = { path: "a", content: Buffer.from("1") };
    const tasks = [
      task,
      { ...task, stdin: Buffer.from("1") },
      { ...task, limits: { cpuMs: 5 } },
      { ...task, args: ["1"] },
      { ...task, files: [file] },
      { ...task, fetch: ["a"] },
    ];
    for (const one of tasks) expect(await service.run(one, caller())).toMatchObject({ cached: false });
    for (const one of tasks) expect(await service.run(one, caller())).toMatchObject({ cached: true });
  });

  it("with a fault of ours is tried again and never remembered", async () => {
    start();
    // Twice, so that no agreement of two runs makes it worth remembering either.
    for (const first of [1, 4]) {
      const asked = run("x");
      for (let attempt = first; attempt < first + 3; attempt++) {
        await sandbox.begun(attempt);
        sandbox.runs[attempt - 1]?.finish({ ending: "infrastructure_error", detail: "/secret/path is gone" });
      }
      const answer = await asked;
      expect(answer).toMatchObject({ ending: "infrastructure_error", cached: false });
      expect(JSON.stringify(answer)).not.toContain("secret");
    }
    sandbox.open();
    expect(await run("x")).toMatchObject({ ending: "finished", cached: false });
  });

  it("with a time limit is remembered only once a second run has said the same", async () => {
    start();
    const outcomes = ["time_limit", "time_limit", "finished"] as const;
    const ask = async (n: number) => {
      const asked = run("x");
      await sandbox.begun(n);
      sandbox.runs[n - 1]?.finish({ ending: outcomes[n - 1] ?? "finished" });
      return asked;
    };
    expect(await ask(1)).toMatchObject({ ending: "time_limit", cached: false });
    expect(await ask(2)).toMatchObject({ ending: "time_limit", cached: false });
    expect(await run("x")).toMatchObject({ ending: "time_limit", cached: true });
  });

  it("is forgotten when other answers need the room", async () => {
    start({ cacheBytes: 200_000 });
    sandbox.open();
    await run("old");
    for (let n = 0; n < 100; n++) await run(`new ${n}`);
    expect(service.load().rememberedBytes).toBeLessThanOrEqual(200_000);
    expect(await run("new 99")).toMatchObject({ cached: true });
    expect(await run("old")).toMatchObject({ cached: false });
  });
});

describe("a service that is being stopped", () => {
  it("takes nothing new and answers what it had taken", async () => {
    start();
    const asked = ["running", "waiting"].map((source) => run(source));
    await sandbox.begun(1);
    const drained = service.drain(60_000);
    expect(service.ready).toBe(false);
    await expect(run("new")).rejects.toMatchObject({ reason: "stopping" });
    sandbox.open();
    expect(await drained).toBe(true);
    expect(await Promise.all(asked)).toHaveLength(2);
  });

  it("gives up what does not end in time, and says so to those who wait", async () => {
    start();
    const reasons = ["running", "waiting"].map((source) => reasonOf(run(source)));
    await sandbox.begun(1);
    expect(await service.drain(20)).toBe(false);
    expect(await Promise.all(reasons)).toEqual(["stopping", "stopping"]);
  });
});

/** Waits until the service's load is as wanted; it changes with what comes over the network. */
async function until(
  { managed }: Running,
  holds: (load: ReturnType<ManagedService["load"]>) => boolean,
): Promise<void> {
  while (managed !== null && !holds(managed.load())) await new Promise((resolve) => setImmediate(resolve));
}
