import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RefusedError } from "../src/server/contract.js";
import { takeResponse } from "../src/server/routers/special-tokens.js";
import { fence, postJson, SHORT } from "./post-json.js";
import { fakeRecord, fakeService, startServer, type Running } from "./server.js";

interface Rewards {
  rewards: number[];
  scores: number[];
  extra_logs: Record<string, number[]>;
}

const PROMPT = "<|im_start|>user\nSquare a number.<|im_end|>\n<|im_start|>assistant\n";
const LABEL = JSON.stringify({ inputs: ["2\n", "3\n"], outputs: ["4\n", "9\n"] });
const SQUARE = "print(int(input()) ** 2)";

/** What OpenRLHF's `_fetch_rewards_via_http` sends for one sample: lists of one. */
function ask(url: string, response: string, label: unknown = LABEL, path = "/get_reward"): Promise<Response> {
  const query = [`${PROMPT}${response}<|im_end|>`];
  return postJson(url + path, { query, prompts: [PROMPT], labels: [label] });
}

/** It makes tensors of every value, so anything but a number would end the trainer. */
async function readRewards(response: Response): Promise<Rewards> {
  expect(response.status).toBe(200);
  const answer = (await response.json()) as Rewards;
  for (const values of [answer.rewards, answer.scores, ...Object.values(answer.extra_logs)]) {
    for (const value of values) expect(value).toBeTypeOf("number");
  }
  return answer;
}

describe("/get_reward", () => {
  let server: Running;
  beforeAll(async () => {
    server = await startServer({ problems: ["fixtures/humaneval/problems.jsonl"] });
  });
  afterAll(() => server.close());

  it("rewards what the model said behind the prompt, and nothing else", async () => {
    const right = await readRewards(await ask(server.url, fence(SQUARE)));
    expect(right).toMatchObject({ rewards: [1], scores: [1], extra_logs: { accepted: [1], wrong_answer: [0] } });
    expect((await readRewards(await ask(server.url, fence("print(4)")))).rewards).toEqual([0]);
    const others = [fence("def f(:"), fence("1 / 0"), "I cannot do that.", ""];
    for (const said of others) {
      const answer = await readRewards(await ask(server.url, said));
      expect(answer.rewards, said).toEqual([0]);
      expect(Object.keys(answer.extra_logs), said).toEqual(Object.keys(right.extra_logs));
    }
  });

  it("rewards the share of passed tests where the URL says so", async () => {
    const answer = await readRewards(await ask(server.url, fence("print(4)"), LABEL, "/get_reward?rule=fraction"));
    expect(answer).toMatchObject({
      rewards: [0.5],
      scores: [0.5],
      extra_logs: { pass_rate: [0.5], wrong_answer: [1] },
    });
  });

  it("answers the empty lists that later URLs get, and batches of older versions", async () => {
    const empty = await postJson(`${server.url}/get_reward`, { query: [], prompts: [], labels: [] });
    expect(await readRewards(empty)).toEqual({ rewards: [], scores: [], extra_logs: {} });
    const samples = Array.from({ length: 100 }, (_, index) => fence(index % 3 === 0 ? SQUARE : "print(0)"));
    const batch = {
      query: samples.map((one) => PROMPT + one),
      prompts: samples.map(() => PROMPT),
      labels: samples.map(() => LABEL),
    };
    const { rewards } = await readRewards(await postJson(`${server.url}/get_reward`, batch));
    expect(rewards).toEqual(samples.map((_, index) => (index % 3 === 0 ? 1 : 0)));
  });

  it("takes labels in every form they are kept in", async () => {
    const id = [...server.service.sets.values()][0]?.problems[0]?.id ?? "";
    const reference = server.service.findProblem(id)?.references[0] ?? "";
    for (const label of [id, { task_id: id }, JSON.stringify({ task_id: id })]) {
      expect((await readRewards(await ask(server.url, fence(reference), label))).rewards).toEqual([1]);
    }
    const double = fence("def double(n):\n    return 2 * n");
    const labels = [
      ["assert double(2) == 4"],
      { tests: ["assert double(2) == 4", "assert math.isclose(double(0.1), 0.2)"] },
      { inputs: [[2]], outputs: [[4]], fn_name: "double" },
      { inputs: ["2", "[1]"], outputs: ["4", "[1, 1]"], fn_name: "double" },
      { assert_case: ["assert double(2) == 4"] },
      { ground_truth: JSON.stringify({ inputs: [[2]], outputs: [[4]], fn_name: "double" }) },
      { test: "def check(f):\n    assert f(2) == 4\n", entry_point: "double" },
    ];
    for (const label of labels) {
      for (const form of [label, JSON.stringify(label)]) {
        expect((await readRewards(await ask(server.url, double, form))).rewards, JSON.stringify(form)).toEqual([1]);
        const wrong = fence("def double(n):\n    return 3 * n");
        expect((await readRewards(await ask(server.url, wrong, form))).rewards, JSON.stringify(form)).toEqual([0]);
      }
    }
  });

  it("takes stdin cases as open-r1 keeps them", async () => {
    const label = { test_cases: [{ input: "3", output: "9", type: "stdin_stdout" }] };
    expect((await readRewards(await ask(server.url, fence(SQUARE), label))).rewards).toEqual([1]);
  });

  it("says what is wrong with a label instead of rewarding it", async () => {
    for (const label of [null, "no-such-task", "{broken", {}, { inputs: ["1"] }]) {
      const response = await ask(server.url, fence(SQUARE), label);
      expect(response.status, JSON.stringify(label)).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      expect(await response.text()).toContain("labels");
    }
    const uneven = await postJson(`${server.url}/get_reward`, { query: ["a"], prompts: [], labels: [] });
    expect(uneven.status).toBe(422);
  });

  it("counts a problem that cannot be graded", async () => {
    const none = await readRewards(await ask(server.url, fence(SQUARE), { inputs: [], outputs: [] }));
    expect(none).toMatchObject({ rewards: [0], extra_logs: { invalid_problem: [1], accepted: [0] } });
  });

  it("never answers a fault of ours", async () => {
    const records = [fakeRecord(), fakeRecord({ verdict: "infrastructure_error" })];
    const grade = () => Promise.resolve(records.shift() ?? fakeRecord());
    const fault = await startServer({ service: fakeService({ grade }) });
    const body = { query: ["a", "b"], prompts: ["", ""], labels: [LABEL, LABEL] };
    expect((await postJson(`${fault.url}/get_reward`, body)).status).toBe(503);
    await fault.close();
    for (const reason of ["busy", "late", "stopping"] as const) {
      const refusing = await startServer({
        service: fakeService({ grade: () => Promise.reject(new RefusedError(reason, reason)) }),
      });
      expect((await postJson(`${refusing.url}/get_reward`, body, SHORT)).status).toBe(503);
      await refusing.close();
    }
  });
});

describe("the response in a decoded text", () => {
  it("is what stands behind the prompt, without the marks at its end", () => {
    expect(takeResponse("PAnswer</s>", "P")).toBe("Answer");
    expect(takeResponse("<s>PAnswer<|eot_id|>\n<|endoftext|>", "P")).toBe("Answer");
    expect(takeResponse("cut prompt, answer", "a longer prompt")).toBe("cut prompt, answer");
    expect(takeResponse("PP again", "P")).toBe("P again");
    expect(takeResponse("Px = '</s>'\n", "P")).toBe("x = '</s>'\n");
  });
});
