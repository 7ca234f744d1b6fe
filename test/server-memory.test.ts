import { request } from "node:http";
import { connect, type Socket } from "node:net";

import express from "express";
import { afterEach, describe, expect, it } from "vitest";

import type { RunAnswer } from "../src/server/contract.js";
import { listen } from "../src/server/listen.js";
import { giveUpUnread } from "../src/server/unread.js";
import { fakeAnswer, fakeRecord, fakeService, startServer, type Running, type StartOptions } from "./server.js";

const servers: { close(): Promise<void> }[] = [];
const sockets: Socket[] = [];
const start = async (options: StartOptions): Promise<Running> => {
  const server = await startServer(options);
  servers.push(server);
  return server;
};
afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const post = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

/** A body of a run, of `bytes` bytes. */
const bodyOf = (bytes: number): string => {
  const empty = JSON.stringify({ source: "" });
  return JSON.stringify({ source: "x".repeat(bytes - empty.length) });
};

/** A service whose runs wait until the test ends them. */
function holdRuns() {
  const held: (() => void)[] = [];
  const begun: (() => void)[] = [];
  const service = fakeService({
    run: () =>
      new Promise<RunAnswer>((resolve) => {
        held.push(() => resolve(fakeAnswer()));
        begun.splice(0).forEach((tell) => tell());
      }),
  });
  const nextRun = (): Promise<void> => new Promise((resolve) => begun.push(resolve));
  return { service, nextRun, end: () => held.splice(0).forEach((finish) => finish()) };
}

describe("bodies of requests under way, together", () => {
  const PATHS: readonly (readonly [string, number, unknown])[] = [
    ["/v1/run", 429, { error: { kind: "busy" } }],
    ["/v1/grade", 429, { error: { kind: "busy" } }],
    ["/v1/reward", 429, { error: { kind: "busy" } }],
    ["/run_code", 504, { detail: expect.any(String) as string }],
    ["/submit", 504, { detail: expect.any(String) as string }],
    ["/common_evaluate_batch", 504, { detail: expect.any(String) as string }],
    ["/get_reward", 503, { detail: expect.any(String) as string }],
    ["/reward", 503, { detail: expect.any(String) as string }],
    ["/verify", 503, { detail: expect.any(String) as string }],
    ["/test_program", 503, { detail: expect.any(String) as string }],
    ["/api/v2/execute", 503, { message: expect.any(String) as string }],
    ["/submissions", 503, { error: "queue is full" }],
    ["/run", 500, "worker queue is full"],
  ];

  it.each(PATHS)("have a bound, past which %s answers %i", async (path, status, answer) => {
    const { service, nextRun, end } = holdRuns();
    const { url } = await start({ service, app: { bodies: { bytes: 1000, waitMs: 1 } } });
    const running = nextRun();
    const first = post(`${url}/v1/run`, bodyOf(900));
    await running;
    const refused = await post(url + path, bodyOf(200));
    expect(refused.status).toBe(status);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    const body: unknown = await refused.json();
    if (typeof answer === "string") expect(body).toBe(answer);
    else expect(body).toMatchObject(answer as object);
    end();
    expect((await first).status).toBe(200);
  });

  it("give their room back with the answer, to what waits for it", async () => {
    const { service, nextRun, end } = holdRuns();
    const { url } = await start({ service, app: { bodies: { bytes: 1000, waitMs: 60_000 } } });
    for (let round = 0; round < 3; round++) {
      const running = nextRun();
      const first = post(`${url}/v1/run`, bodyOf(900));
      await running;
      const second = post(`${url}/v1/run`, bodyOf(900));
      const small = await fetch(`${url}/healthz`);
      expect(small.status).toBe(200);
      const next = nextRun();
      end();
      expect((await first).status).toBe(200);
      await next;
      end();
      expect((await second).status).toBe(200);
    }
  });

  it("give their room back when the client hangs up, also one that never sent all of it", async () => {
    const { url } = await start({ app: { bodies: { bytes: 1000, waitMs: 60_000 } }, service: fakeService() });
    const cut = request(`${url}/v1/run`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": 900 },
    });
    cut.on("error", () => undefined);
    await new Promise<void>((resolve) => cut.write("{", () => resolve()));
    const waits = post(`${url}/v1/run`, bodyOf(900));
    cut.destroy();
    expect((await waits).status).toBe(200);
  });

  it("that do not say their size take what the route allows while they are read, and no more than they are then", async () => {
    const { service, nextRun, end } = holdRuns();
    const { url } = await start({ service, app: { bodies: { bytes: 1000, waitMs: 60_000 } } });
    const running = nextRun();
    const sent = new Promise<number>((resolve, reject) => {
      const chunked = request(`${url}/v1/run`, { method: "POST", headers: { "content-type": "application/json" } });
      chunked.on("error", reject).on("response", (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      chunked.write(bodyOf(300));
      chunked.end();
    });
    await running;
    const next = nextRun();
    const second = post(`${url}/v1/run`, bodyOf(300));
    await next;
    end();
    expect([await sent, (await second).status]).toEqual([200, 200]);
  });

  it("hold up the lines of a batch, which all come in their turn", async () => {
    let [inFlight, most] = [0, 0];
    const service = fakeService({
      grade: async () => {
        most = Math.max(most, (inFlight += 1));
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        return fakeRecord();
      },
    });
    const { url } = await start({ service, app: { bodies: { bytes: 1000, waitMs: 1 } } });
    const problem = { tests: { kind: "assertions", checks: ["assert True"] } };
    const line = JSON.stringify({ solution: "pass", problem, padding: "x".repeat(200) });
    const answer = await fetch(`${url}/v1/grade/batch`, {
      method: "POST",
      body: `${line}\n`.repeat(200),
      headers: { "content-type": "application/x-ndjson" },
    });
    const rows = (await answer.text()).trim().split("\n");
    expect(rows.map((row) => (JSON.parse(row) as { verdict: string }).verdict)).toEqual(rows.map(() => "accepted"));
    expect(rows).toHaveLength(200);
    expect(most).toBeLessThanOrEqual(Math.floor(1000 / line.length));
    // Nothing of it is held any more.
    expect((await post(`${url}/v1/run`, bodyOf(1000))).status).toBe(200);
  });
});

describe("an answer that is not read", () => {
  it("is given up after a time", async () => {
    const app = express();
    app.use(giveUpUnread(20));
    const bytes = 64 << 20;
    const closed = new Promise<void>((resolve) => {
      app.get("/", (_req, res) => {
        res.once("close", () => resolve());
        res.end(Buffer.alloc(bytes));
      });
    });
    const server = await listen(app, "127.0.0.1", 0);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    sockets.push(socket);
    socket.on("error", () => undefined).pause();
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await closed;
    let got = 0;
    const end = new Promise((resolve) => socket.once("close", resolve));
    socket.on("data", (chunk: Buffer) => (got += chunk.length));
    socket.resume();
    await end;
    expect(got).toBeLessThan(bytes);
    await server.close(0);
  });
});
