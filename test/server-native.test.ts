import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Verdict } from "../src/grading/types.js";
import type { Service } from "../src/server/contract.js";
import { RefusedError } from "../src/server/contract.js";
import { fakeAnswer, fakeRecord, fakeService, startServer, type Running } from "./server.js";

interface Row {
  readonly task_id: string;
  readonly expect: string;
}

let server: Running;
beforeAll(async () => (server = await startServer({ problems: ["fixtures/humaneval", "fixtures/apps-call"] })));
afterAll(() => server.close());

const send = async (path: string, body: unknown, to = server, headers: Record<string, string> = {}) => {
  const answer = await fetch(to.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
};

/** Starts a server over a service of the test's own for as long as `use` takes. */
const withService = async (overrides: Partial<Service>, use: (server: Running) => Promise<void>): Promise<void> => {
  const other = await startServer({ service: fakeService(overrides) });
  try {
    await use(other);
  } finally {
    await other.close();
  }
};

describe("POST /v1/grade", () => {
  it("answers the verdict that each sample of the fixtures states, in every format", async () => {
    for (const set of ["humaneval", "apps-call"]) {
      const text = await readFile(`fixtures/${set}/samples.jsonl`, "utf8");
      const rows = text
        .trim()
        .split("\n")
        .slice(0, 12)
        .map((line) => JSON.parse(line) as Row);
      const answers = await Promise.all(rows.map((row) => send("/v1/grade", { ...row, set })));
      expect(answers.map(({ body }) => body["verdict"])).toEqual(rows.map((row) => row.expect));
      const ids = answers.map(({ body }) => String(body["task_id"]));
      expect(ids.map((id, index) => id.endsWith(rows[index]?.task_id ?? ""))).toEqual(rows.map(() => true));
    }
  });

  it("takes problems with the request: stdin, calls and assertions", async () => {
    const ask = (tests: unknown, solution: string) => send("/v1/grade", { problem: { tests }, solution });
    const stdin = { kind: "stdin", cases: [{ input: "2 3\n", output: "5\n" }] };
    expect((await ask(stdin, "print(sum(map(int, input().split())))")).body).toMatchObject({ verdict: "accepted" });
    expect((await ask(stdin, "print(6)")).body).toMatchObject({ verdict: "wrong_answer", task_id: "inline" });
    const checks = ["assert f(2) == 4", "assert f(3) == 9"];
    const assertions = { kind: "assertions", checks };
    expect((await ask(assertions, "def f(x): return x * x")).body).toMatchObject({
      ...{ verdict: "accepted", tests: { total: 2, passed: 2 }, integrity: "isolated" },
    });
  });

  it("takes numbers of tests as they were written, also those that JavaScript would round", async () => {
    const ask = (expected: string, solution: string) =>
      send(
        "/v1/grade",
        `{"problem": {"tests": {"kind": "calls", "function_name": "f", "cases": [{"args": [12345678901234567890], "expected": ${expected}}]}}, "solution": ${JSON.stringify(solution)}}`,
      );
    expect((await ask("12345678901234567891", "def f(x): return x + 1")).body).toMatchObject({ verdict: "accepted" });
    expect((await ask("12345678901234567890", "def f(x): return x + 1")).body).toMatchObject({
      verdict: "wrong_answer",
    });
  });

  it("takes a row of a data set as the problem", async () => {
    const [line = ""] = (await readFile("fixtures/humaneval/problems.jsonl", "utf8")).split("\n");
    const problem = JSON.parse(line) as { prompt: string; canonical_solution: string };
    const solution = problem.prompt + problem.canonical_solution;
    expect((await send("/v1/grade", { problem, solution })).body).toMatchObject({ verdict: "accepted" });
  });

  it("gives back the id, honours options, and answers equal work from memory unless told not to", async () => {
    const tests = {
      kind: "stdin",
      cases: [
        { input: "", output: "1" },
        { input: "", output: "1" },
      ],
    };
    const request = { id: "mine", problem: { id: "p", tests }, solution: "print(3)", options: { all_tests: true } };
    const first = await send("/v1/grade", request);
    expect(first.body).toMatchObject({ id: "mine", task_id: "p", tests: { run: 2 }, cached: false });
    expect((await send("/v1/grade", { ...request, id: 2 })).body).toMatchObject({ id: 2, cached: true });
    const again = { ...request, options: { all_tests: true, cache: false } };
    expect((await send("/v1/grade", again)).body).toMatchObject({ cached: false });
  });

  it.each([
    ["no sample", { problem: "x" }, "completion"],
    ["two samples", { problem: "x", completion: "", solution: "" }, "completion"],
    ["no problem", { completion: "" }, "problem"],
    ["an unknown problem", { problem: "HumanEval/999999", completion: "" }, "problem"],
    ["an unknown task", { task_id: "nothing", completion: "" }, "task_id"],
    ["an unknown set", { task_id: "Fixture-HE/0", set: "nothing", completion: "" }, "set"],
    ["a number for text", { problem: "x", completion: 3 }, "completion"],
    ["an unknown option", { problem: "x", completion: "", options: { fast: true } }, "options.fast"],
    ["an unknown rule", { problem: "x", completion: "", options: { extraction: "guess" } }, "options.extraction"],
    ["a limit of 0", { problem: "x", completion: "", options: { limits: { cpu_ms: 0 } } }, "options.limits.cpu_ms"],
    ["a problem without tests", { problem: { prompt: "" }, completion: "" }, "problem"],
    ["tests of no kind", { problem: { tests: { kind: "magic" } }, completion: "" }, "problem.tests.kind"],
    [
      "a case without output",
      { problem: { tests: { kind: "stdin", cases: [{ input: "" }] } }, completion: "" },
      "problem.tests.cases[0].output",
    ],
    ["a list", [], "body"],
    ["half of JSON", '{"problem": "x"', "body"],
    ["nothing", "", "body"],
    ["a deep value", "[".repeat(100_000), "body"],
    ["a deep value inside", `{"problem":${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}`, "body"],
  ])("refuses %s and names the field", async (_what, body, field) => {
    const answer = await send("/v1/grade", body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { kind: "bad_request", field } });
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\/src\/|at \w+ \(/);
  });

  it("takes a body of 10 MB and refuses one above its limit", async () => {
    const solution = `print("here")\n# ${"x".repeat(10_000_000)}`;
    const tests = { kind: "stdin", cases: [{ input: "", output: "here" }] };
    expect(await send("/v1/grade", { problem: { tests }, solution })).toMatchObject({ status: 200 });
    const tooLarge = await send("/v1/grade", `"${"x".repeat(17 << 20)}"`).catch(() => null);
    // The connection may be closed on a client that goes on sending.
    if (tooLarge !== null) expect(tooLarge).toMatchObject({ status: 413, body: { error: { field: "body" } } });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it.each([
    ["text/plain", 415],
    ["application/x-www-form-urlencoded", 415],
    ["application/json; charset=utf-16", 415],
  ])("refuses %s", async (type, status) => {
    const answer = await send("/v1/grade", "{}", server, { "content-type": type });
    expect(answer).toMatchObject({ status, body: { error: { field: "content-type" } } });
  });

  it.each([
    ["busy", 429, "7"],
    ["late", 504, "7"],
    ["stopping", 503, "7"],
  ] as const)("answers %s with %i and never with a verdict", async (reason, status, retryAfter) => {
    const grade = () => Promise.reject(new RefusedError(reason, "no", 7));
    await withService({ grade }, async (other) => {
      const answer = await send("/v1/grade", { problem: { tests: { kind: "stdin", cases: [] } }, solution: "" }, other);
      expect(answer).toMatchObject({ status, body: { error: { kind: reason } } });
      expect(answer.headers.get("retry-after")).toBe(retryAfter);
    });
  });

  it("says nothing of the inside of an error that nobody foresaw", async () => {
    const grade = () => Promise.reject(new Error("/home/someone/secret broke"));
    await withService({ grade }, async (other) => {
      const answer = await send("/v1/grade", { problem: { tests: { kind: "stdin", cases: [] } }, solution: "" }, other);
      expect(answer).toMatchObject({ status: 500, body: { error: { kind: "internal" } } });
      expect(JSON.stringify(answer.body)).not.toContain("secret");
    });
  });

  it("hands the deadline of the header on, and refuses one that is none", async () => {
    let left = 0;
    const grade: Service["grade"] = (_task, { deadline }) => {
      left = (deadline ?? 0) - performance.now();
      return Promise.resolve(fakeRecord());
    };
    await withService({ grade }, async (other) => {
      const body = { problem: { tests: { kind: "stdin", cases: [] } }, solution: "" };
      await send("/v1/grade", body, other, { "x-assay-deadline-ms": "60000" });
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(60_000);
      expect(await send("/v1/grade", body, other, { "x-assay-deadline-ms": "soon" })).toMatchObject({
        ...{ status: 400, body: { error: { field: "x-assay-deadline-ms" } } },
      });
    });
  });
});

describe("POST /v1/run", () => {
  it("runs a program with input, arguments and files, and brings files back", async () => {
    const source = [
      "import sys",
      "print(input(), sys.argv[1:], open('in.txt').read())",
      "open('out.bin', 'wb').write(bytes([0, 255]))",
      "sys.stderr.write('note')",
    ].join("\n");
    const { body } = await send("/v1/run", {
      ...{ source, stdin: "hello", args: ["a", "b"], fetch: ["out.bin", "none"] },
      files: [{ path: "in.txt", content_base64: Buffer.from("file").toString("base64") }],
    });
    expect(body).toMatchObject({ ending: "finished", exit_code: 0, stdout: "hello ['a', 'b'] file\n", stderr: "note" });
    expect(body["files"]).toEqual([{ path: "out.bin", content_base64: "AP8=" }]);
    expect(body["usage"]).toMatchObject({ queue_ms: expect.any(Number) as number });
  });

  it("says how a program ended, with its output in base64 where that is asked for", async () => {
    const bad = { source: "import os\nos.write(1, bytes([255]))\nraise ValueError('no')", encoding: "base64" };
    expect((await send("/v1/run", bad)).body).toMatchObject({ ending: "runtime_error", exit_code: 1, stdout: "/w==" });
    const endless = { source: "while True: pass", limits: { cpu_ms: 100 } };
    expect((await send("/v1/run", endless)).body).toMatchObject({ ending: "time_limit" });
    expect((await send("/v1/run", { source: "def" })).body).toMatchObject({ ending: "compile_error" });
  });

  it.each([
    ["another language", { source: "", language: "cobol" }, "language"],
    ["no source", {}, "source"],
    ["a path out of the folder", { source: "", files: [{ path: "../x", content: "" }] }, "files"],
    ["a file without content", { source: "", files: [{ path: "x" }] }, "files[0].content"],
    ["two inputs", { source: "", stdin: "", stdin_base64: "" }, "stdin_base64"],
    ["what is no base64", { source: "", stdin_base64: "?" }, "stdin_base64"],
    ["an unknown field", { source: "", sorce: "" }, "sorce"],
  ])("refuses %s and names the field", async (_what, body, field) => {
    expect(await send("/v1/run", body)).toMatchObject({ status: 400, body: { error: { field } } });
  });

  it("hands a fault of ours on as one", async () => {
    await withService({ run: () => Promise.resolve(fakeAnswer({ ending: "infrastructure_error" })) }, async (other) => {
      const answer = await send("/v1/run", { source: "" }, other);
      expect(answer).toMatchObject({ status: 200, body: { ending: "infrastructure_error" } });
    });
  });
});

describe("POST /v1/reward", () => {
  const sample = (id: string) => ({ id, problem: { id, tests: { kind: "stdin", cases: [] } }, solution: id });
  const byName: Service["grade"] = ({ problem }) => {
    if (problem.id === "late") return Promise.reject(new RefusedError("late", "too late"));
    const verdict = problem.id as Verdict;
    return Promise.resolve(
      fakeRecord({ verdict, tests: { total: 4, run: 4, passed: verdict === "accepted" ? 4 : 1 } }),
    );
  };
  const reward = async (names: string[], fields: object = {}) => {
    let found: { status: number; body: Record<string, unknown> } = { status: 0, body: {} };
    await withService({ grade: byName }, async (other) => {
      found = await send("/v1/reward", { samples: names.map(sample), ...fields }, other);
    });
    return found;
  };

  it("gives numbers by the rule that is asked for", async () => {
    const names = ["accepted", "wrong_answer", "time_limit"];
    expect((await reward(names)).body["rewards"]).toEqual([1, 0, 0]);
    expect((await reward(names, { rule: { kind: "fraction" } })).body["rewards"]).toEqual([1, 0.25, 0.25]);
    const rule = { kind: "table", values: { accepted: 2, time_limit: -0.5 }, otherwise: -1 };
    expect((await reward(names, { rule })).body["rewards"]).toEqual([2, -1, -0.5]);
  });

  it("gives null and the reason, never a number, for what could not be graded", async () => {
    const { status, body } = await reward(["accepted", "infrastructure_error", "invalid_problem", "late"]);
    expect(status).toBe(200);
    expect(body["rewards"]).toEqual([1, null, null, null]);
    const errors = body["errors"] as ({ kind: string } | null)[];
    expect(errors.map((error) => error?.kind ?? null)).toEqual([
      null,
      "infrastructure_error",
      "invalid_problem",
      "late",
    ]);
  });

  it("fails as a whole where that is asked for", async () => {
    expect((await reward(["accepted", "infrastructure_error"], { on_fault: "fail" })).status).toBe(503);
    expect((await reward(["accepted", "late"], { on_fault: "fail" })).status).toBe(504);
  });

  it("takes a penalty off completions without a code block or with one that has no end", async () => {
    const problem = { tests: { kind: "stdin", cases: [{ input: "", output: "1" }] } };
    const fence = "```";
    const samples = [`${fence}python\nprint(1)\n${fence}`, "print(1)", `${fence}python\nprint(1)\n`].map(
      (completion) => ({
        ...{ problem, completion },
      }),
    );
    const { body } = await send("/v1/reward", { samples, format_penalty: 0.25 });
    expect(body["rewards"]).toEqual([1, 0.75, 0.75]);
  });

  it("answers an empty list with empty lists, and names the field of a bad sample", async () => {
    expect((await reward([])).body).toEqual({ rewards: [], verdicts: [], errors: [] });
    const bad = await send("/v1/reward", { samples: [{ problem: "nothing", completion: "" }] });
    expect(bad).toMatchObject({ status: 400, body: { error: { field: "samples[0].problem" } } });
  });
});

describe("GET /v1/problems", () => {
  const get = async (query: string) => {
    const answer = await fetch(`${server.url}/v1/problems${query}`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it("lists the sets, the ids of one, and shows a problem without its tests", async () => {
    const sets = (await get("")).body["sets"] as { name: string }[];
    expect(sets.map(({ name }) => name)).toEqual(["humaneval", "apps-call"]);
    const { body } = await get("?set=humaneval&limit=2&offset=1");
    expect(body).toMatchObject({ set: "humaneval", offset: 1, ids: ["Fixture-HE/1", "Fixture-HE/2"] });
    const one = (await get("?id=Fixture-HE/0")).body;
    expect(one).toMatchObject({ id: "Fixture-HE/0", format: "humaneval", tests: { kind: "assertions" } });
    expect(JSON.stringify(one)).not.toContain("check(");
  });

  it.each([
    ["?set=nothing", 404, "set"],
    ["?id=nothing", 404, "id"],
    ["?limit=0", 400, "limit"],
    ["?what=1", 400, "what"],
  ])("refuses %s", async (query, status, field) => {
    expect(await get(query)).toMatchObject({ status, body: { error: { field } } });
  });
});
