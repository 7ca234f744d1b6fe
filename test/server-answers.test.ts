import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Sandbox } from "../src/sandbox/contract.js";
import { startServer, type Running } from "./server.js";

/** A sandbox in which nothing may be run. */
const closed = {
  enforcement: { isolation: "namespaces", runtime: "python 3" },
  withProgram: () => Promise.reject(new Error("a cell was taken")),
} as unknown as Sandbox;

let server: Running;
beforeAll(async () => (server = await startServer({ sandbox: closed, problems: ["fixtures/math"] })));
afterAll(() => server.close());

const grade = async (body: object): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${server.url}/v1/grade`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Record<string, unknown>;
};

describe("POST /v1/grade with answers to questions", () => {
  it("grades problems of a loaded set, and no two texts are taken for one", async () => {
    const block = "```python\nprint(1)\n```\n";
    const verdicts: unknown[] = [];
    for (const answer of ["0.25", "0.5", "0.25"]) {
      const record = await grade({ task_id: "MATH/algebra/1", completion: `${block}\\boxed{${answer}}` });
      verdicts.push(record["verdict"]);
      expect(record["equivalence"]).toEqual({ policy: "default", tier: 0, answer });
    }
    expect(verdicts).toEqual(["accepted", "wrong_answer", "accepted"]);
  });

  it("grades a row that comes with the request, under the policy that is asked for", async () => {
    const problem = { question: "1/4?", answer: "so\n#### 1,000" };
    expect(await grade({ problem, completion: "#### 1000" })).toMatchObject({ verdict: "accepted" });
    const strict = { problem, options: { equivalence: "gsm8k-strict" } };
    expect(await grade({ ...strict, completion: "1000" })).toMatchObject({ verdict: "no_code" });
    expect(await grade({ ...strict, completion: "#### 1000.0" })).toMatchObject({ verdict: "wrong_answer" });
    const asked = { problem: { problem: "p", solution: "\\boxed{\\frac14}" }, completion: "\\boxed{0.25}" };
    expect(await grade(asked)).toMatchObject({ verdict: "accepted" });
    expect(await grade({ ...asked, options: { equivalence: "hendrycks" } })).toMatchObject({ verdict: "wrong_answer" });
  });
});
