import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RefusedError } from "../src/server/contract.js";
import { fence, postJson, SHORT } from "./post-json.js";
import { fakeRecord, fakeService, startServer, type Running } from "./server.js";

const LABEL = { inputs: ["2\n", "3\n"], outputs: ["4\n", "9\n"] };

/** slime's `remote_rm` and `Sample.get_reward_value`: a number, or with a reward key a field of an object. */
async function rewardAsSlime(rmUrl: string, response: string, label: unknown, rewardKey?: string): Promise<unknown> {
  const answer = await postJson(rmUrl, { prompt: [{ role: "user", content: "Square." }], response, label });
  if (!answer.ok) throw new Error(String(answer.status));
  const reward = await answer.json();
  return rewardKey === undefined ? reward : (reward as Record<string, unknown>)[rewardKey];
}

describe("/reward for slime", () => {
  let server: Running;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  it("answers a number", async () => {
    const url = `${server.url}/reward`;
    expect(await rewardAsSlime(url, `${fence("print(int(input()) ** 2)")}<|im_end|>`, LABEL)).toBe(1);
    expect(await rewardAsSlime(url, fence("print(4)"), JSON.stringify(LABEL))).toBe(0);
    expect(await rewardAsSlime(`${url}?rule=fraction`, fence("print(4)"), LABEL)).toBe(0.5);
    expect(await rewardAsSlime(`${url}?timeout=0.2`, fence("while True: pass"), LABEL)).toBe(0);
    expect(await rewardAsSlime(url, "no code at all, sorry", LABEL)).toBe(0);
  });

  it("answers an object whose fields a reward key can name", async () => {
    const url = `${server.url}/reward?answer=object&rule=fraction`;
    expect(await rewardAsSlime(url, fence("print(4)"), LABEL, "reward")).toBe(0.5);
    expect(await rewardAsSlime(url, fence("print(4)"), LABEL, "verdict")).toBe("wrong_answer");
  });

  it("keeps integers of labels as they are", async () => {
    const body = (expected: string): string =>
      `{"prompt":"","response":${JSON.stringify(fence("def same(n):\n    return n"))},"label":{"inputs":[[9007199254740993]],"outputs":[${expected}],"fn_name":"same"}}`;
    expect(await (await postJson(`${server.url}/reward`, body("9007199254740993"))).json()).toBe(1);
    expect(await (await postJson(`${server.url}/reward`, body("9007199254740992"))).json()).toBe(0);
  });

  it("refuses what it cannot grade and a rule that does not exist", async () => {
    await expect(rewardAsSlime(`${server.url}/reward`, "x", null)).rejects.toThrow("400");
    await expect(rewardAsSlime(`${server.url}/reward?rule=generous`, "x", LABEL)).rejects.toThrow("400");
  });

  it("answers faults and refusals with what slime tries again", async () => {
    const grades = [
      () => Promise.resolve(fakeRecord({ verdict: "infrastructure_error" })),
      () => Promise.reject(new RefusedError("busy", "full")),
      () => Promise.reject(new RefusedError("stopping", "bye")),
    ];
    for (const grade of grades) {
      const faulty = await startServer({ service: fakeService({ grade }) });
      const body = { prompt: "", response: fence("1"), label: LABEL };
      expect((await postJson(`${faulty.url}/reward`, body, SHORT)).status).toBe(503);
      await faulty.close();
    }
  });
});
