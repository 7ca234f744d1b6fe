import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RefusedError } from "../src/server/contract.js";
import { fence, postJson, SHORT } from "./post-json.js";
import { fakeRecord, fakeService, startServer, type Running } from "./server.js";

/** What ScaleBox's reward function for verl (`integrations/verl/scalebox.py`) sends, and how it scores the answer. */
async function scoreAsScaleBox(url: string, completion: string, cases: unknown, extra: object = {}, headers = {}) {
  const judge = { special_judge_program: null, special_judge_language: null };
  const config = {
    ...{ language: "python", compile_timeout: 30, run_timeout: 30, memory_limit_mb: 1024 },
    ...{ provided_data: { test_cases: cases }, extra: { run_all_cases: true, total_timeout: 30, ...judge, ...extra } },
  };
  for (let tries = 1; ; tries++) {
    const response = await postJson(`${url}/common_evaluate_batch`, { completion, config }, headers);
    if ([500, 504].includes(response.status) && tries < 3) continue;
    if (!response.ok) return { score: 0, tries, status: response.status };
    const { accepted, tests } = (await response.json()) as { accepted: boolean; tests: { passed: boolean }[] };
    const passed = tests.filter((test) => test.passed).length;
    return { score: accepted ? 1 : tests.length === 0 ? 0 : passed / tests.length, tries, status: 200 };
  }
}

describe("/common_evaluate_batch", () => {
  let server: Running;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());
  const stdin = { type: "stdin_stdout", input: ["1 2", "3 4", "5 6"], output: ["3", "7", "11"], fn_name: null };
  const sum = "a, b = map(int, input().split())\nprint(a + b)";

  it("scores stdin programs by the share of passed tests", async () => {
    const score = async (code: string, extra = {}): Promise<number> =>
      (await scoreAsScaleBox(server.url, fence(code), stdin, extra)).score;
    expect(await score(sum)).toBe(1);
    expect(await score("a, b = map(int, input().split())\nprint(7 if a == 3 else 0)")).toBeCloseTo(1 / 3);
    expect(await score("def f(:")).toBe(0);
    expect(await score("")).toBe(0);
  });

  it("scores calls of functions, and compares integers that JavaScript rounds", async () => {
    const big = "9007199254740993";
    const cases = { type: "function_call", fn_name: "add", json_input: false };
    const good = fence("def add(a, b):\n    return a + b");
    const plain = {
      ...cases,
      input: [
        [1, 2],
        [3, 4],
      ],
      output: [[3], [7]],
    };
    expect((await scoreAsScaleBox(server.url, good, plain)).score).toBe(1);
    expect((await scoreAsScaleBox(server.url, fence("def add(a, b):\n    return a"), plain)).score).toBe(0);
    const body = (output: string): string =>
      `{"completion":${JSON.stringify(good)},"config":{"language":"python","provided_data":{"test_cases":{"type":"function_call","fn_name":"add","input":[[${big},0]],"output":[[${output}]]}}}}`;
    const accepted = async (output: string): Promise<unknown> =>
      ((await (await postJson(`${server.url}/common_evaluate_batch`, body(output))).json()) as { accepted: unknown })
        .accepted;
    expect(await accepted(big)).toBe(true);
    expect(await accepted("9007199254740992")).toBe(false);
  });

  it("reads arguments in JSON, one on each line", async () => {
    const cases = {
      type: "function_call",
      fn_name: "add",
      json_input: true,
      input: ["1\n2", "[1]\n[2]"],
      output: ["3", "[1, 2]"],
    };
    expect(
      (
        await scoreAsScaleBox(
          server.url,
          fence("class Solution:\n    def add(self, a, b):\n        return a + b"),
          cases,
        )
      ).score,
    ).toBe(1);
  });

  it("runs a test as HumanEval has it", async () => {
    const cases = { type: "assert", entry_point: "inc", test: "def check(candidate):\n    assert candidate(1) == 2\n" };
    expect((await scoreAsScaleBox(server.url, fence("def inc(n):\n    return n + 1"), cases)).score).toBe(1);
    expect((await scoreAsScaleBox(server.url, fence("def inc(n):\n    return n"), cases)).score).toBe(0);
  });

  it("stops at the time for all tests, and fails those that were not run", async () => {
    const slow = fence("import time\ntime.sleep(0.3)\nprint(1)");
    const input = Array.from({ length: 40 }, () => "");
    const config = {
      language: "python",
      provided_data: { test_cases: { input, output: input.map(() => "1") } },
      extra: { run_all_cases: true, total_timeout: 0.5 },
    };
    const answer = await (await postJson(`${server.url}/common_evaluate_batch`, { completion: slow, config })).json();
    expect(answer).toMatchObject({ id: 0, accepted: false });
    const tests = (answer as { tests: { exec_info: { status: string; message: string } }[] }).tests;
    expect(tests).toHaveLength(40);
    expect(tests[0]).toMatchObject({ passed: true, exec_info: { status: "Success" } });
    expect(tests[39]).toMatchObject({ passed: false, exec_info: { status: "SandboxError", message: "Total Timeout" } });
  });

  it("refuses in ScaleBox's words, and never grades by a checker it does not run", async () => {
    const send = (config: object): Promise<Response> =>
      postJson(`${server.url}/common_evaluate_batch`, { completion: fence(sum), config });
    const data = { provided_data: { test_cases: stdin } };
    const silent = await send(data);
    expect(silent.status).toBe(400);
    expect(await silent.text()).toContain("config.language field must exist, got None");
    expect((await send({ ...data, language: "python", extra: { special_judge_program: "import sys" } })).status).toBe(
      422,
    );
    expect((await send({ language: "python", provided_data: { test_cases: { ...stdin, output: [] } } })).status).toBe(
      422,
    );
    expect((await send({ language: "python", provided_data: { test_cases: { input: [], output: [] } } })).status).toBe(
      400,
    );
    const missing = await send({ ...data, language: "verilog" });
    expect(await missing.json()).toMatchObject({ accepted: false, tests: [{ exec_info: { status: "SandboxError" } }] });
  });

  it("answers a fault and a refusal with the status that its client tries again", async () => {
    const fault = await startServer({
      service: fakeService({ grade: () => Promise.resolve(fakeRecord({ verdict: "infrastructure_error" })) }),
    });
    expect(await scoreAsScaleBox(fault.url, fence(sum), stdin)).toMatchObject({ status: 504, tries: 3 });
    await fault.close();
    const busy = await startServer({
      service: fakeService({ grade: () => Promise.reject(new RefusedError("busy", "full")) }),
    });
    expect(await scoreAsScaleBox(busy.url, fence(sum), stdin, {}, SHORT)).toMatchObject({ status: 504, tries: 3 });
    await busy.close();
  });
});
