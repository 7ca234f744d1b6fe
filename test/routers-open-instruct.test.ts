import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RefusedError } from "../src/server/contract.js";
import { postJson, SHORT } from "./post-json.js";
import { fakeRecord, fakeService, startServer, type Running } from "./server.js";

/** What open-instruct's `CodeVerifier.async_call` sends, and the score it makes of the answer. */
async function scoreAsVerifier(
  url: string,
  program: string,
  tests: unknown,
  options: { seconds?: number; penalty?: boolean } = {},
) {
  const { seconds = 1, penalty = false } = options;
  const response = await postJson(url, { program, tests, max_execution_time: seconds });
  if (!response.ok) return { score: 0, results: null };
  const { results, runtimes } = (await response.json()) as { results: number[]; runtimes: number[] };
  expect(runtimes).toHaveLength(results.length);
  const shares = results.map((passed, index) =>
    penalty ? passed * ((seconds - (runtimes[index] ?? 0)) / seconds) : passed,
  );
  results.forEach((passed, index) => expect((runtimes[index] ?? 0) > 0).toBe(passed === 1));
  return { score: shares.length === 0 ? 0 : shares.reduce((sum, share) => sum + share, 0) / shares.length, results };
}

describe("open-instruct's code server", () => {
  let server: Running;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  it("answers assertions one by one", async () => {
    const url = `${server.url}/test_program`;
    const tests = ["assert add(1, 2) == 3", "assert add(-1, 1) == 0", "assert add(0, 0) == 1"];
    const add = "def add(a, b):\n    return a + b";
    expect(await scoreAsVerifier(url, add, tests)).toEqual({ score: 2 / 3, results: [1, 1, 0] });
    expect((await scoreAsVerifier(url, add, JSON.stringify(tests))).results).toEqual([1, 1, 0]);
    expect((await scoreAsVerifier(url, "def add(:", tests)).results).toEqual([0, 0, 0]);
    const slow = "def add(a, b):\n    while a < 0: pass\n    return a + b";
    expect((await scoreAsVerifier(url, slow, tests, { seconds: 0.3 })).results).toEqual([1, 0, 0]);
    expect(
      (await scoreAsVerifier(url, "import math\nroot = math.sqrt", ["assert math.isclose(root(2), 2 ** 0.5)"])).score,
    ).toBe(1);
    const { score } = await scoreAsVerifier(url, add, tests.slice(0, 2), { penalty: true });
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThan(1);
  });

  it("answers stdin tests one by one", async () => {
    const url = `${server.url}/test_program_stdio`;
    const tests = [
      { input: "5 3", output: "8" },
      { input: "10 -2", output: "8" },
      { input: "0 0", output: "1" },
    ];
    expect((await scoreAsVerifier(url, "a, b = map(int, input().split())\nprint(a + b)", tests)).results).toEqual([
      1, 1, 0,
    ]);
    expect((await scoreAsVerifier(url, "raise SystemExit(1)", JSON.stringify(tests))).results).toEqual([0, 0, 0]);
    expect((await scoreAsVerifier(url, "print(8)", [])).results).toEqual([]);
  });

  it("is healthy", async () => {
    expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ status: "healthy" });
  });

  it("refuses pickled tests", async () => {
    const pickled = deflateSync(Buffer.from("\x80\x04]\x94.", "latin1")).toString("base64");
    const response = await postJson(`${server.url}/test_program`, { program: "x = 1", tests: pickled });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain("pickled tests are refused");
    for (const tests of [[1], [{ input: "1" }], { a: 1 }, "7"]) {
      expect((await postJson(`${server.url}/test_program_stdio`, { program: "x = 1", tests })).status).toBe(422);
    }
  });

  it("waits faults and a full queue out, since its client scores every failed request as 0", async () => {
    const troubles = [
      () => Promise.resolve(fakeRecord({ verdict: "infrastructure_error" })),
      () => Promise.reject(new RefusedError("busy", "full")),
      () => Promise.resolve(fakeRecord()),
    ];
    const grade = () => (troubles.shift() ?? (() => Promise.resolve(fakeRecord())))();
    const troubled = await startServer({ service: fakeService({ grade }) });
    const tests = ["assert f() == 1", "assert f() != 2"];
    expect(await scoreAsVerifier(`${troubled.url}/test_program`, "def f(): return 1", tests)).toEqual({
      score: 1,
      results: [1, 1],
    });
    await troubled.close();
  });

  it("answers no verdict where the fault stays", async () => {
    const grade = () => Promise.resolve(fakeRecord({ verdict: "infrastructure_error" }));
    const broken = await startServer({ service: fakeService({ grade }) });
    const body = { program: "x = 1", tests: ["assert f()"] };
    expect((await postJson(`${broken.url}/test_program`, body, SHORT)).status).toBe(503);
    await broken.close();
  });
});
