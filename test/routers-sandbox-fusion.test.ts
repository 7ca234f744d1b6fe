import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RefusedError, type RunAnswer, type RunTask } from "../src/server/contract.js";
import { fakeAnswer, fakeRecord, fakeService, startServer, type Running } from "./server.js";

/** What verl's `call_sandbox_api` and `_process_single_case` send, read and make of it. */
async function runAsVerl(
  url: string,
  code: string,
  options: { stdin?: string | null; expected?: string | null; timeout?: number; language?: string } = {},
) {
  const { stdin = "", expected = null, timeout = 10, language = "python" } = options;
  const payload = {
    ...{ compile_timeout: timeout, run_timeout: timeout, code: `${code}\n\n`, stdin, memory_limit_MB: 1024, language },
    ...{ files: {}, fetch_files: [] },
  };
  let tries = 0;
  for (;;) {
    tries += 1;
    const response = await post(url, "/run_code", payload);
    if (response.status === 504 && tries < 3) continue;
    if (response.status !== 200) return { result: -1, status: "api_error", tries, stdout: null };
    const answer = (await response.json()) as VerlAnswer;
    return { ...interpret(answer, expected), tries, stdout: answer.run_result?.stdout ?? null };
  }
}

interface VerlAnswer {
  status: string;
  compile_result: { status: string; return_code: number | null } | null;
  run_result: { status: string; return_code: number | null; stdout: string | null } | null;
}

function interpret({ status, compile_result: compiled, run_result: run }: VerlAnswer, expected: string | null) {
  if (status === "SandboxError") return { result: -1, status: "sandbox_error" };
  if (status === "Failed") {
    if (compiled && compiled.status !== "Finished") return { result: -4, status: "compile_error" };
    if (compiled && compiled.return_code !== 0) return { result: -4, status: "compile_error" };
    if (run?.status === "TimeLimitExceeded") return { result: -3, status: "timeout" };
    if (run && (run.status === "Error" || run.return_code !== 0)) return { result: -2, status: "runtime_error" };
    return { result: -1, status: "unknown_failure" };
  }
  if (status !== "Success" || run?.status !== "Finished") return { result: -1, status: "unknown" };
  const same = expected === null || stripLines(run.stdout ?? "") === stripLines(expected);
  return same ? { result: true, status: "success" } : { result: false, status: "wrong_answer" };
}

const stripLines = (text: string): string => text.replace(/\n+$/, "");

function post(url: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const all = { "content-type": "application/json", accept: "application/json", ...headers };
  return fetch(url + path, { method: "POST", headers: all, body: JSON.stringify(body) });
}

describe("a real sandbox behind /run_code and /submit", () => {
  let server: Running;
  beforeAll(async () => {
    server = await startServer({ problems: ["fixtures/humaneval/problems.jsonl"] });
  });
  afterAll(() => server.close());

  it("is read by verl as it means it", async () => {
    const { url } = server;
    const echo = "print(input())";
    expect(await runAsVerl(url, echo, { stdin: "a", expected: "a\n" })).toMatchObject({ result: true, stdout: "a\n" });
    expect(await runAsVerl(url, echo, { stdin: "a", expected: "b" })).toMatchObject({ result: false });
    expect(
      await runAsVerl(url, "import sys; print(repr(sys.stdin.read()))", { stdin: null, expected: "''" }),
    ).toMatchObject({ result: true });
    expect(await runAsVerl(url, "raise ValueError('x')")).toMatchObject({ result: -2, status: "runtime_error" });
    expect(await runAsVerl(url, "def f(:")).toMatchObject({ result: -2, status: "runtime_error" });
    expect(await runAsVerl(url, "while True: pass", { timeout: 0.3 })).toMatchObject({ result: -3, status: "timeout" });
    expect(await runAsVerl(url, "import time; time.sleep(1)", { timeout: 0.3 })).toMatchObject({ result: -3 });
    expect(await runAsVerl(url, "int main() {}", { language: "verilog" })).toMatchObject({
      status: "sandbox_error",
      tries: 1,
    });
  });

  it("puts files in and fetches files, as tinker-cookbook does", async () => {
    const response = await post(server.url, "/run_code", {
      code: "import json\nfrom code_part import double\nopen('out.txt', 'w').write(str(double(int(open('data/n.txt').read()))))",
      language: "python",
      run_timeout: 300,
      files: {
        "./code_part.py": base64("def double(n): return 2 * n"),
        "data/n.txt": base64("21"),
        "left_out.txt": null,
      },
      fetch_files: ["./out.txt", "not_there.txt"],
    });
    expect(await response.json()).toMatchObject({
      status: "Success",
      message: "",
      files: { "./out.txt": base64("42") },
    });
  });

  it("answers with every field of SandboxFusion's", async () => {
    const response = await post(server.url, "/run_code", { code: "print('ü')", language: "python" });
    const answer = (await response.json()) as { run_result: Record<string, unknown> };
    expect(answer).toEqual({
      ...{ status: "Success", message: "", compile_result: null, executor_pod_name: null, files: {} },
      run_result: {
        status: "Finished",
        execution_time: expect.any(Number) as number,
        return_code: 0,
        stdout: "ü\n",
        stderr: "",
      },
    });
  });

  it("says what is wrong with a body as FastAPI does", async () => {
    const response = await post(server.url, "/run_code", { code: "1", language: "cobol" });
    expect(response.status).toBe(422);
    const [issue] = ((await response.json()) as { detail: { loc: unknown; msg: string }[] }).detail;
    expect(issue).toMatchObject({ loc: ["body", "language"], type: "value_error" });
    const outside = await post(server.url, "/run_code", {
      code: "1",
      language: "python",
      fetch_files: ["../../etc/passwd"],
    });
    expect(outside.status).toBe(422);
  });

  it("grades /submit by a loaded set", async () => {
    const listed = (await (await fetch(`${server.url}/list_datasets`)).json()) as string[];
    const dataset = listed[0] ?? "";
    const ids = (await (await post(server.url, "/list_ids", { dataset, config: {} })).json()) as string[];
    const one = { dataset, config: {}, id: ids[0] };
    const prompt = (await (await post(server.url, "/get_prompt_by_id", one)).json()) as { id: string; prompt: string };
    expect(prompt).toMatchObject({ id: ids[0], prompt: expect.stringContaining("def ") as string });
    expect(JSON.stringify(prompt)).not.toContain("check(");
    const [first] = (await (
      await post(server.url, "/get_prompts", { dataset, config: {}, limit: 1 })
    ).json()) as unknown[];
    expect(first).toEqual(prompt);
    const problem = server.service.findProblem(prompt.id, dataset);
    const completion = `\`\`\`python\n${problem?.references[0] ?? ""}\n\`\`\``;
    const right = await (await post(server.url, "/submit", { ...one, completion })).json();
    expect(right).toMatchObject({ id: ids[0], accepted: true, extracted_type: "fenced", tests: [{ passed: true }] });
    const wrong = await (await post(server.url, "/submit", { ...one, completion: "```python\nx = 1\n```" })).json();
    expect(wrong).toMatchObject({ accepted: false, tests: [{ passed: false, exec_info: { status: "Failed" } }] });
  });

  it("grades /submit by rows that the request brings", async () => {
    const test = [1, 2, 3].map((n) => ({ input: { stdin: String(n) }, output: { stdout: String(n * n) } }));
    const send = async (code: string, extra = {}): Promise<unknown> => {
      const config = { language: "python", dataset_type: "CommonOJDataset", provided_data: { test }, extra };
      const completion = `\`\`\`python\n${code}\n\`\`\``;
      return (await post(server.url, "/submit", { dataset: "mine", id: 7, completion, config })).json();
    };
    expect(await send("print(int(input()) ** 2)")).toMatchObject({
      id: 7,
      accepted: true,
      extracted_code: expect.stringContaining("input") as string,
    });
    const partly = await send("n = int(input())\nprint(n * n if n != 2 else 5)", { run_all_cases: true });
    expect(partly).toMatchObject({
      accepted: false,
      tests: [
        { passed: true },
        { passed: false, exec_info: { status: "Success", run_result: { stdout: "5\n" } } },
        { passed: true },
      ],
    });
    const stopped = (await send("print(0)")) as { tests: unknown[] };
    expect(stopped.tests).toHaveLength(1);
    expect(await send("")).toMatchObject({ accepted: false, extracted_type: "empty" });
  });

  it("refuses what it cannot grade, which is no wrong answer", async () => {
    const config = { language: "python", dataset_type: "CommonOJDataset", provided_data: { test: [] } };
    const empty = await post(server.url, "/submit", { dataset: "mine", id: 1, completion: "x", config });
    expect(empty.status).toBe(400);
    const unknown = await post(server.url, "/submit", { dataset: "nowhere", id: 1, completion: "x", config: {} });
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({
      detail: expect.stringContaining("no eval class found for dataset") as string,
    });
  });

  it("answers the ping of a load balancer", async () => {
    expect(await (await fetch(`${server.url}/v1/ping`)).json()).toBe("pong");
  });
});

describe("faults behind /run_code", () => {
  const withRun = (run: (task: RunTask) => Promise<RunAnswer>): Promise<Running> =>
    startServer({ service: fakeService({ run }) });
  const short = { "x-assay-deadline-ms": "60" };
  const request = { code: "1", language: "python" };

  it("a fault that passes is not seen by the client", async () => {
    let calls = 0;
    const server = await withRun(() => {
      calls += 1;
      return Promise.resolve(fakeAnswer(calls < 3 ? { ending: "infrastructure_error" } : {}));
    });
    expect(await runAsVerl(server.url, "1")).toMatchObject({ result: true, tries: 1 });
    await server.close();
  });

  it("a fault that stays is a 504, the only status that verl tries again", async () => {
    const server = await withRun(() =>
      Promise.resolve(fakeAnswer({ ending: "infrastructure_error", detail: "/secret/path" })),
    );
    const response = await post(server.url, "/run_code", request, short);
    expect(response.status).toBe(504);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.text()).not.toContain("/secret");
    await server.close();
  });

  it("a full queue is waited for", async () => {
    let calls = 0;
    const server = await withRun(() => {
      calls += 1;
      return calls < 4 ? Promise.reject(new RefusedError("busy", "full")) : Promise.resolve(fakeAnswer());
    });
    expect(await runAsVerl(server.url, "1")).toMatchObject({ result: true, tries: 1 });
    await server.close();
  });

  it.each(["busy", "late", "stopping"] as const)("%s is a 504, never a 429 or a 503", async (reason) => {
    const server = await withRun(() => Promise.reject(new RefusedError(reason, reason)));
    expect((await post(server.url, "/run_code", request, short)).status).toBe(504);
    await server.close();
  });

  it("asks for the answer before verl gives up", async () => {
    const deadlines: (number | null)[] = [];
    const run = (_task: RunTask, { deadline }: { deadline: number | null }): Promise<RunAnswer> => {
      deadlines.push(deadline === null ? null : deadline - performance.now());
      return Promise.resolve(fakeAnswer());
    };
    const server = await startServer({ service: fakeService({ run }) });
    await post(server.url, "/run_code", { ...request, compile_timeout: 10, run_timeout: 10 });
    await server.close();
    expect(deadlines[0]).toBeLessThan(29_000);
    expect(deadlines[0]).toBeGreaterThan(20_000);
  });

  it("memory, output and signals are a status that is not 0", async () => {
    const endings: Partial<RunAnswer>[] = [
      { ending: "memory_limit", exitCode: null, signal: 9 },
      { ending: "output_limit", exitCode: 0 },
      { ending: "runtime_error", exitCode: null, signal: 11 },
      { ending: "compile_error", exitCode: 1, detail: "SyntaxError: no" },
    ];
    for (const ending of endings) {
      const server = await withRun(() => Promise.resolve(fakeAnswer(ending)));
      expect(await runAsVerl(server.url, "1"), ending.ending).toMatchObject({ result: -2, status: "runtime_error" });
      await server.close();
    }
  });

  it("a fault in one test of /submit is a 504 for all of it", async () => {
    const records = [fakeRecord(), fakeRecord({ verdict: "infrastructure_error" })];
    const server = await startServer({
      service: fakeService({ grade: () => Promise.resolve(records.shift() ?? fakeRecord()) }),
    });
    const test = [1, 2].map((n) => ({ input: { stdin: String(n) }, output: { stdout: "1" } }));
    const config = { dataset_type: "CommonOJDataset", provided_data: { test } };
    const response = await post(server.url, "/submit", {
      dataset: "d",
      id: 1,
      completion: "```\nprint(1)\n```",
      config,
    });
    expect(response.status).toBe(504);
    await server.close();
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
