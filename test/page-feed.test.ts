import { EventEmitter } from "node:events";
import type { Response } from "express";
import { afterEach, describe, expect, it, vi } from "vitest";

import { Feed } from "../src/server/page/feed.js";
import { Window } from "../src/server/page/window.js";
import { createService } from "../src/server/service.js";
import { readTokens } from "../src/server/tokens.js";
import {
  actBusy,
  CountingSandbox,
  servedEvent,
  startPageServer,
  type PageServer,
  type PageServerOptions,
} from "./page-server.js";
import * as processes from "./processes.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();
const servers: PageServer[] = [];
const start = async (options: PageServerOptions = {}): Promise<PageServer> => {
  const server = await startPageServer(options);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const one of servers.splice(0)) {
    one.feed.end();
    one.server.closeAllConnections();
    await one.close(1000);
  }
});

interface Message {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Follows the events until `isLast` says so or they end; then hangs up. */
async function follow(url: string, isLast: (message: Message) => boolean): Promise<Message[]> {
  const stop = new AbortController();
  const answer = await fetch(`${url}/events`, { signal: stop.signal });
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const messages: Message[] = [];
  let text = "";
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, event = "", data = ""] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      messages.push({ event, data: JSON.parse(data) as Message["data"] });
      if (!isLast(messages.at(-1) as Message)) continue;
      stop.abort();
      return messages;
    }
  }
  return messages;
}

describe("GET /events", () => {
  it("tells what the service is, how it stands, and what failed last", async () => {
    const { url, service } = await start();
    actBusy(service);
    const [first, state, failures] = await follow(url, ({ event }) => event === "failures");
    expect(first).toMatchObject({ event: "service", data: { isolation: "namespaces", runtime: "python 3.11.2" } });
    expect(state?.data).toMatchObject({
      queue: { waiting: 0, running: 0, places: 8 },
      cells: { up: 4, busy: 0, replaced: 3 },
      outcomes: { accepted: expect.any(Number) as number },
    });
    expect(failures?.data).toHaveLength(20);
  });

  it("goes on telling when nothing happens, and tells of failures when there are new ones", async () => {
    const { url, service } = await start();
    let states = 0;
    const messages = await follow(url, ({ event, data }) => {
      if (event === "state" && (states += 1) === 4) service.events.served(servedEvent({ outcome: "time_limit" }));
      return event === "failures" && Array.isArray(data) && data.length === 1;
    });
    expect(messages.filter(({ event }) => event === "failures")).toHaveLength(2);
  });

  it("puts a state together once for all who watch, and not at all when nobody does", async () => {
    const { url, service, feed } = await start();
    let built = 0;
    const { outcomes } = service.events;
    Object.defineProperty(service.events, "outcomes", { get: () => ((built += 1), outcomes) });
    const ten = (): ((message: Message) => boolean) => {
      let seen = 0;
      return ({ event }) => event === "state" && (seen += 1) === 10;
    };
    await Promise.all(Array.from({ length: 5 }, () => follow(url, ten())));
    // One for each as it came, and about ten for all of them together.
    expect(built).toBeLessThan(5 + 20);
    await processes.waitFor("the watchers to leave", () => Promise.resolve(feed.watching === 0));
    const before = built;
    // Another service's events tell that time goes by.
    await follow((await start()).url, ten());
    expect(built).toBe(before);
  });

  it("takes so many watchers and no more, and another when one has left", async () => {
    const { url, feed } = await start({ watchers: 2 });
    const stop = new AbortController();
    const watch = () => fetch(`${url}/events`, { signal: stop.signal });
    expect([(await watch()).status, (await watch()).status]).toEqual([200, 200]);
    const third = await watch();
    expect(third.status).toBe(429);
    expect(third.headers.get("retry-after")).toBe("30");
    stop.abort();
    await processes.waitFor("the watchers to leave", () => Promise.resolve(feed.watching === 0));
    expect(await follow(url, () => true)).toHaveLength(1);
  });

  it("ends when the service is being stopped, and begins no more", async () => {
    const sandbox = new CountingSandbox();
    const { url, service } = await start({ sandbox });
    const run = fetch(`${url}/v1/run`, {
      ...{ method: "POST", body: '{"source":""}', headers: { "content-type": "application/json" } },
    });
    await sandbox.begun(1);
    const drained: Promise<boolean>[] = [];
    const messages = await follow(url, ({ event }) => {
      if (event === "failures") drained.push(service.drain(60_000));
      return false;
    });
    expect(messages.at(-1)?.event).toBe("end");
    expect((await fetch(`${url}/events`)).status).toBe(503);
    sandbox.open();
    expect((await run).status).toBe(200);
    expect(await Promise.all(drained)).toEqual([true]);
  });

  it("does not pile up what a watcher does not read, and gives up one that never does", () => {
    vi.useFakeTimers();
    try {
      const service = createService({ sandbox: new CountingSandbox() });
      const feed = new Feed(service);
      const unread = { bytes: 0, writes: 0, gone: false };
      const response = Object.assign(new EventEmitter(), {
        ...{ setHeader: () => undefined, end: () => undefined, destroyed: false },
        write: () => (unread.writes += 1),
        destroy: () => (unread.gone = true),
      });
      Object.defineProperty(response, "writableLength", { get: () => unread.bytes });
      feed.watch(response as unknown as Response);
      vi.advanceTimersByTime(2000);
      expect(unread.writes).toBe(3);
      unread.bytes = 1 << 20;
      vi.advanceTimersByTime(10_000);
      expect(unread.writes).toBe(3);
      unread.bytes = 0;
      vi.advanceTimersByTime(1000);
      expect(unread).toMatchObject({ writes: 4, gone: false });
      unread.bytes = 1 << 20;
      vi.advanceTimersByTime(60_000);
      expect(unread).toMatchObject({ writes: 4, gone: true });
    } finally {
      vi.useRealTimers();
    }
  });

  it("wants a token where there are tokens; the page itself does not", async () => {
    const tokens = await readTokens(await folder.write("me:0123456789abcdef\n", "tokens"));
    const { url } = await start({ tokens });
    expect((await fetch(`${url}/events`)).status).toBe(401);
    const page = await fetch(url);
    expect(page.status).toBe(200);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain("unsafe");
    const html = await page.text();
    const parts = [...html.matchAll(/(?:src|href)="(page\/[\w.]+)"/g)].map(([, path]) => path);
    expect(parts).toContain("page/main.js");
    for (const part of parts) expect((await fetch(`${url}/${part}`)).status).toBe(200);
    expect(html).not.toMatch(/https?:|<style|style=|\son\w+=/);
    expect((await fetch(`${url}/page/tsconfig.json`)).status).toBe(401);
  });
});

describe("the window of the last seconds", () => {
  it("counts by whole seconds and forgets what is older", () => {
    const window = new Window(3);
    for (const at of [1000, 2000, 2999, 3500, 3600, 4001]) window.answered(at, "grade", 1);
    window.answered(4002, "run", null);
    expect(window.rates(5000)).toEqual({ samples: [2, 2, 1], runs: [0, 0, 1] });
    expect(window.rates(9000)).toEqual({ samples: [0, 0, 0], runs: [0, 0, 0] });
  });

  it("gives waits within a fifth of what they were", () => {
    const window = new Window(60);
    for (let wait = 1; wait <= 1000; wait++) window.answered(5000, "grade", wait);
    const { p50, p95 } = window.recent(5000, 10).wait_ms;
    expect(p50).toBeGreaterThanOrEqual(500);
    expect(p50).toBeLessThan(600);
    expect(p95).toBeGreaterThanOrEqual(950);
    expect(p95).toBeLessThan(1140);
    expect(new Window(60).recent(5000, 10).wait_ms).toEqual({ p50: null, p95: null });
  });

  it("is not put out by a clock that goes back", () => {
    const window = new Window(60);
    window.answered(9000, "grade", 1);
    window.answered(2000, "grade", 1);
    expect(window.rates(10_000).samples.at(-1)).toBe(2);
  });
});
