import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RefusedError } from "../src/server/contract.js";
import { fence, postJson, SHORT } from "./post-json.js";
import { fakeRecord, fakeService, startServer, type Running } from "./server.js";

const TESTS = { inputs: ["2\n", "3\n", "4\n"], outputs: ["4\n", "9\n", "16\n"], fn_name: null };

/** A row of NeMo-Gym's code_gen with the response that an agent adds to it. */
function makeRow(said: string, metadata: object | null = { unit_tests: TESTS, difficulty: "easy" }) {
  const text = (part: string) => ({ type: "output_text", text: part, annotations: [] });
  return {
    responses_create_params: { input: [{ role: "user", content: "Square." }] },
    response: {
      ...{
        id: "resp_1",
        object: "response",
        created_at: 0,
        model: "m",
        parallel_tool_calls: true,
        tool_choice: "auto",
        tools: [],
      },
      output: [
        { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "```python\nprint(0)\n```" }] },
        { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [text(said)] },
      ],
    },
    verifier_metadata: metadata,
    agent_ref: { name: "code_gen_simple_agent" },
    _ng_task_index: 3,
  };
}

/** What verifiers' NeMo-Gym taskset reads: the reward, and numbers that become metrics once the echo is taken out. */
async function verify(url: string, row: object) {
  const response = await postJson(`${url}/verify`, row);
  expect(response.status).toBe(200);
  const {
    responses_create_params,
    response: echo,
    reward,
    ...rest
  } = (await response.json()) as Record<string, unknown>;
  expect({ responses_create_params, response: echo }).toEqual({
    responses_create_params: (row as ReturnType<typeof makeRow>).responses_create_params,
    response: (row as ReturnType<typeof makeRow>).response,
  });
  return { reward, ...rest } as Record<string, unknown>;
}

describe("a resources server of NeMo-Gym", () => {
  let server: Running;
  beforeAll(async () => {
    server = await startServer({ problems: ["fixtures/humaneval/problems.jsonl"] });
  });
  afterAll(() => server.close());

  it("seeds a session", async () => {
    const response = await postJson(`${server.url}/seed_session`, { anything: 1 });
    expect(await response.json()).toEqual({});
    expect(response.headers.get("set-cookie")).toContain("HttpOnly");
  });

  it("verifies as code_gen does", async () => {
    const right = await verify(server.url, makeRow(fence("print(int(input()) ** 2)")));
    expect(right).toMatchObject({ reward: 1, result: [true, true, true], difficulty: "easy", _ng_task_index: 3 });
    expect(right.extracted_model_code).toContain("input()");
    const wrong = await verify(server.url, makeRow(fence("n = int(input())\nprint(n * n if n < 3 else 0)")));
    expect(wrong).toMatchObject({
      reward: 0,
      result: [true, -2],
      metadata: { error_code: -2, error_message: "wrong_answer" },
    });
    expect(await verify(server.url, makeRow(fence("1 / 0")))).toMatchObject({ reward: 0, result: [-4] });
    expect(await verify(server.url, makeRow(fence("def f(:")))).toMatchObject({ reward: 0, result: [-1] });
    expect(await verify(server.url, makeRow("   "))).toMatchObject({ reward: 0 });
  });

  it("calls functions with arguments in JSON, one on each line", async () => {
    const unit_tests = { inputs: ["1\n[2]", "2\n[3]"], outputs: ["[1, 2]", "[2, 3]"], fn_name: "put" };
    const code = "class Solution:\n    def put(self, n, rest):\n        return [n] + rest";
    expect(await verify(server.url, makeRow(fence(code), { unit_tests }))).toMatchObject({
      reward: 1,
      result: [true, true],
    });
    expect(await verify(server.url, makeRow(fence(code.replace("[n]", "[0]")), { unit_tests }))).toMatchObject({
      reward: 0,
    });
  });

  it("tells a list of one from what is in it", async () => {
    const row = (code: string) =>
      makeRow(fence(code), { unit_tests: { inputs: ["1"], outputs: ["[1]"], fn_name: "wrap" } });
    expect(await verify(server.url, row("def wrap(n):\n    return [n]"))).toMatchObject({ reward: 1 });
    expect(await verify(server.url, row("def wrap(n):\n    return n"))).toMatchObject({ reward: 0 });
  });

  it("verifies by the id of a loaded problem, as the evalplus server does", async () => {
    const problem = [...server.service.sets.values()][0]?.problems[0];
    const row = makeRow(fence(problem?.references[0] ?? ""), { task_id: problem?.id });
    expect(await verify(server.url, row)).toMatchObject({ reward: 1 });
  });

  it("tells faults of a row from faults of its own by the status", async () => {
    for (const metadata of [null, {}, { task_id: "none/0" }, { unit_tests: { inputs: "1" } }]) {
      const { status } = await postJson(`${server.url}/verify`, makeRow("```\n1\n```", metadata));
      expect(status, JSON.stringify(metadata)).toBe(422);
    }
    const grades = [
      () => Promise.resolve(fakeRecord({ verdict: "infrastructure_error" })),
      () => Promise.reject(new RefusedError("busy", "full")),
      () => Promise.reject(new RefusedError("stopping", "bye")),
    ];
    for (const grade of grades) {
      const faulty = await startServer({ service: fakeService({ grade }) });
      expect((await postJson(`${faulty.url}/verify`, makeRow(fence("print(1)")), SHORT)).status).toBe(503);
      await faulty.close();
    }
  });

  it("refuses more rollouts of one task than it can aggregate in time", async () => {
    const responses = (count: number, tasks: number) => ({
      verify_responses: Array.from({ length: count }, (_, index) => ({ _ng_task_index: index % tasks, reward: 1 })),
    });
    expect((await postJson(`${server.url}/aggregate_metrics`, responses(1025, 2))).status).toBe(200);
    const refused = await postJson(`${server.url}/aggregate_metrics`, responses(1025, 1));
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain("verify_responses");
  });

  it("aggregates the numbers of verify responses", async () => {
    const rewards = [
      [0, 1],
      [0, 0],
      [1, 1],
      [1, 1],
    ] as const;
    const verify_responses = rewards.map(([task, reward], index) => ({
      ...{ _ng_task_index: task, _ng_rollout_index: index % 2, reward, text: "left out", unit_tests_time_taken: index },
      response: { usage: { output_tokens: 10 * index } },
    }));
    const failed = { _ng_task_index: 0, reward: 0, _ng_failure_class: "judge_failed" };
    const body = { verify_responses: [...verify_responses, failed] };
    const metrics = (await (await postJson(`${server.url}/aggregate_metrics`, body)).json()) as Record<string, unknown>;
    expect(metrics.agent_metrics).toMatchObject({
      ...{ "mean/reward": 0.75, "max/reward": 1, "min/reward": 0, "median/reward": 1, "std/reward": 0.5 },
      ...{ "mean/output_tokens": 15, "pass@1/accuracy": 75, "pass@2/accuracy": 100, "pass@1[avg-of-2]/accuracy": 75 },
    });
    expect(metrics.key_metrics).toMatchObject({ "mean/reward": 0.75, "pass@1/accuracy": 75 });
    expect(metrics.group_level_metrics).toMatchObject([
      { _ng_task_index: 0, "mean/reward": 0.5, num_rollouts: 2 },
      { _ng_task_index: 1, "mean/reward": 1, "std/reward": 0, num_rollouts: 2 },
    ]);
    const none = await (await postJson(`${server.url}/aggregate_metrics`, { verify_responses: [] })).json();
    expect(none).toEqual({ group_level_metrics: [], agent_metrics: {}, key_metrics: {} });
  });

  it("can verify again", async () => {
    expect(await (await fetch(`${server.url}/reverify_mode`)).json()).toBe("stateless");
  });
});
