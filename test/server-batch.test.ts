import { request } from "node:http";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";

import { RefusedError, type Service } from "../src/server/contract.js";
import { fakeRecord, fakeService, startServer, type Running } from "./server.js";

let server: Running | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

type Row = Record<string, unknown> & { line: number };

const start = async (overrides: Partial<Service> = {}): Promise<string> => {
  server = await startServer({ service: fakeService(overrides) });
  return server.url;
};
const sample = (fields: object = {}) =>
  JSON.stringify({ problem: { tests: { kind: "stdin", cases: [] } }, solution: "x", ...fields });
const post = async (url: string, body: string, query = "") => {
  const headers = { "content-type": "application/x-ndjson" };
  const answer = await fetch(`${url}/v1/grade/batch${query}`, { method: "POST", headers, body });
  const text = await answer.text();
  return {
    status: answer.status,
    rows: text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row),
  };
};

describe("POST /v1/grade/batch", () => {
  it("answers each line with its number, its id and the verdict", async () => {
    const url = await start();
    const { status, rows } = await post(url, [sample({ id: "a" }), sample({ id: 7 }), sample()].join("\n"));
    expect(status).toBe(200);
    expect(rows.map(({ line, id, verdict }) => [line, id, verdict])).toEqual([
      [1, "a", "accepted"],
      [2, 7, "accepted"],
      [3, undefined, "accepted"],
    ]);
  });

  it("tells of a malformed line where and what, and grades the rest", async () => {
    const url = await start();
    const lines = [
      "{",
      sample({ id: 1, completion: 3, solution: null }),
      "",
      " \t\r",
      "[]",
      "[".repeat(1000),
      `${sample({ id: 2 })}\r`,
    ];
    const { rows } = await post(url, lines.join("\n"), "?order=input");
    const seen = rows.map(({ line, id, verdict, error }) => [line, id, verdict ?? (error as { field: string }).field]);
    expect(seen).toEqual([
      [1, undefined, "line"],
      [2, undefined, "completion"],
      [5, undefined, "body"],
      [6, undefined, "line"],
      [7, 2, "accepted"],
    ]);
  });

  it("writes rows as they are known, or in the order of the input", async () => {
    const finish: (() => void)[] = [];
    const grade: Service["grade"] = ({ sample }) =>
      sample.solution === "slow"
        ? new Promise((resolve) => finish.push(() => resolve(fakeRecord())))
        : Promise.resolve(fakeRecord());
    const url = await start({ grade });
    const body = [sample({ solution: "slow" }), sample(), sample()].join("\n");
    const order = async (query: string) => {
      const got: number[] = [];
      const sent = request(`${url}/v1/grade/batch${query}`, { method: "POST" });
      const lines = new Promise<void>((resolve, reject) => {
        sent.on("error", reject).on("response", (answer) => {
          const reader = createInterface({ input: answer });
          reader.on("line", (line) => {
            got.push((JSON.parse(line) as Row).line);
            // Everything but the slow one is there already.
            if (got.length === 2) finish.shift()?.();
          });
          reader.on("close", () => resolve());
        });
      });
      sent.end(body);
      if (query === "?order=input") {
        while (finish.length === 0) await new Promise((resolve) => setImmediate(resolve));
        finish.shift()?.();
      }
      await lines;
      return got;
    };
    expect(await order("")).toEqual([2, 3, 1]);
    expect(await order("?order=input")).toEqual([1, 2, 3]);
  });

  it("waits where the queue is full, and goes on when it is not", async () => {
    let refusals = 3;
    const grade = () =>
      refusals-- > 0 ? Promise.reject(new RefusedError("busy", "full")) : Promise.resolve(fakeRecord());
    const { rows } = await post(await start({ grade }), [sample(), sample()].join("\n"));
    expect(rows.map(({ verdict }) => verdict)).toEqual(["accepted", "accepted"]);
  });

  it("says which lines were not graded when the service is stopped in between", async () => {
    let graded = 0;
    const grade = () =>
      graded++ < 2 ? Promise.resolve(fakeRecord()) : Promise.reject(new RefusedError("stopping", "stopping"));
    const { rows } = await post(
      await start({ grade }),
      Array.from({ length: 500 }, () => sample()).join("\n"),
      "?order=input",
    );
    expect(rows.slice(0, 2).map(({ verdict }) => verdict)).toEqual(["accepted", "accepted"]);
    expect(rows[2]).toMatchObject({ line: 3, error: { kind: "stopping" } });
    expect(rows.every(({ verdict }) => verdict === undefined || verdict === "accepted")).toBe(true);
    expect(rows.length).toBeLessThan(500);
  });

  it("reads no faster than it grades, and holds few samples however many there are", async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    const grade: Service["grade"] = () =>
      new Promise((resolve) => {
        waiting.push(() => resolve(fakeRecord()));
        most = Math.max(most, waiting.length);
        if (waiting.length === 1) setImmediate(() => waiting.splice(0).forEach((finish) => finish()));
      });
    const url = await start({ grade });
    const total = 100_000;
    const line = `${sample()}\n`;
    let rows = 0;
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    let grown = 0;
    await new Promise<void>((resolve, reject) => {
      const sent = request(`${url}/v1/grade/batch`, { method: "POST" });
      sent.on("error", reject).on("response", (answer) => {
        answer.on("data", (chunk: Buffer) => {
          for (const byte of chunk) if (byte === 0x0a) rows += 1;
        });
        answer.on("end", () => resolve());
      });
      let left = total;
      const write = (): void => {
        while (left > 0) {
          const count = Math.min(left, 200);
          left -= count;
          if (left % 20_000 === 0) {
            globalThis.gc?.();
            const { arrayBuffers, heapUsed } = process.memoryUsage();
            grown = Math.max(grown, arrayBuffers + heapUsed - before);
          }
          if (!sent.write(line.repeat(count))) {
            sent.once("drain", write);
            return;
          }
        }
        sent.end();
      };
      write();
    });
    expect(rows).toBe(total);
    expect(most).toBeLessThanOrEqual(64);
    // The rows alone are 50 MB; without a collector at hand, garbage counts too.
    expect(grown).toBeLessThan(150_000_000);
  });

  it("drops what it has in flight when the client hangs up", async () => {
    let aborted = 0;
    const grade: Service["grade"] = (_task, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => {
          aborted += 1;
          reject(new RefusedError("gone", "gone"));
        }),
      );
    const url = await start({ grade });
    const sent = request(`${url}/v1/grade/batch`, { method: "POST" }).on("error", () => undefined);
    sent.on("response", () => sent.destroy());
    sent.write(`${sample()}\n${sample()}\n`);
    while (aborted < 2) await new Promise((resolve) => setImmediate(resolve));
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it.each([
    ["?order=random", "order"],
    ["?comparator=loose", "comparator"],
    ["?what=1", "what"],
  ])("refuses %s before it reads", async (query, field) => {
    const url = await start();
    const answer = await fetch(`${url}/v1/grade/batch${query}`, {
      method: "POST",
      body: "",
      headers: { "content-type": "application/x-ndjson" },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { field } });
  });
});
