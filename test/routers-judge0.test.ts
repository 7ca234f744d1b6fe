import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RefusedError, type RunTask, type Service } from "../src/server/contract.js";
import { SubmissionDesk } from "../src/server/routers/judge0-desk.js";
import { readOrder, splitArguments } from "../src/server/routers/judge0-submission.js";
import { fakeAnswer, fakeService, startServer, type Running } from "./server.js";

/** As a client of Judge0's sees a submission. */
interface Seen {
  token?: string;
  time?: string | null;
  memory?: number | null;
  stdout?: string | null;
  stderr?: string | null;
  compile_output?: string | null;
  message?: string | null;
  status?: { id: number; description: string };
  error?: string;
  [field: string]: unknown;
}

let server: Running;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.close());

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what the answer is taken for
async function call<T = Seen>(path: string, body?: unknown, url = server.url) {
  const response = await fetch(
    `${url}${path}`,
    body === undefined
      ? {}
      : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) },
  );
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
}

const submit = (source: string, rest: object = {}, query = "wait=true") =>
  call(`/submissions?${query}`, { source_code: source, language_id: 71, ...rest });

/** Asks again until a submission is done; each time round the event loop turns, and the test's own limit ends it. */
async function poll(token: string, query = "", url = server.url): Promise<Seen> {
  for (;;) {
    const { body } = await call(`/submissions/${token}?${query}`, undefined, url);
    if ((body.status?.id ?? 3) > 2) return body;
  }
}

async function withFake(run: Service["run"], use: (url: string) => Promise<void>): Promise<void> {
  const fake = await startServer({ service: fakeService({ run }) });
  try {
    await use(fake.url);
  } finally {
    await fake.close();
  }
}

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

describe("a submission that is waited for", () => {
  it("is accepted, with Judge0's eight fields and no others", async () => {
    const { status, body } = await submit("print(int(input()) * 2)", { stdin: "21\n", expected_output: "42" });
    expect(status).toBe(201);
    expect(body).toEqual({
      token: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      time: expect.stringMatching(/^\d+\.\d{3}$/) as string,
      memory: expect.any(Number) as number,
      stdout: "42\n",
      stderr: null,
      compile_output: null,
      message: null,
      status: { id: 3, description: "Accepted" },
    });
  });

  it.each([
    ["41", 4],
    ["42  \n\n", 3],
    ["4 2", 4],
    [null, 3],
  ])("is compared without white space at the ends: %j", async (expected_output, id) => {
    const { body } = await submit("print(42)", { expected_output });
    expect(body.status?.id).toBe(id);
  });

  it("tells an exception, an exit status and a program that does not compile, which is NZEC as in Judge0", async () => {
    const raised = await submit("1 / 0");
    expect(raised.body).toMatchObject({
      status: { id: 11, description: "Runtime Error (NZEC)" },
      compile_output: null,
    });
    expect(raised.body.stderr).toContain("ZeroDivisionError");
    expect(raised.body.message).toBe("Exited with error code 1");
    const exit = await submit("import sys; sys.exit(7)", {}, "wait=true&fields=exit_code,exit_signal,status_id");
    expect(exit.body).toEqual({ exit_code: 7, exit_signal: null, status_id: 11 });
    const broken = await submit("def f(:");
    expect(broken.body).toMatchObject({ status: { id: 11 }, message: "Exited with error code 1" });
    expect(broken.body.stderr).toContain("SyntaxError");
  });

  it("tells a time-out and a signal", async () => {
    const looped = await submit("while True: pass", { cpu_time_limit: 0.3, wall_time_limit: "5" });
    expect(looped.body).toMatchObject({
      status: { id: 5, description: "Time Limit Exceeded" },
      message: "Time limit exceeded",
    });
    const slept = await submit("import time; time.sleep(60)", { wall_time_limit: 1 });
    expect(slept.body).toMatchObject({ status: { id: 5 }, message: "Time limit exceeded (wall clock)" });
    const aborted = await submit("import os; os.abort()", {}, "wait=true&fields=status,exit_signal");
    expect(aborted.body).toEqual({ status: { id: 10, description: "Runtime Error (SIGABRT)" }, exit_signal: 6 });
  });

  it("hands over arguments, limits and stderr as part of stdout", async () => {
    const { body } = await submit("import sys\nprint(sys.argv[1:])\nprint('e', file=sys.stderr)", {
      command_line_arguments: "a 'b c' \"d\"",
      redirect_stderr_to_stdout: true,
    });
    expect(body).toMatchObject({ stdout: "['a', 'b c', 'd']\ne\n", stderr: null });
  });

  it("is run as often as it says, until it is not accepted; time and memory are the mean", async () => {
    let runs = 0;
    const run = () => {
      runs++;
      const usage = { cpuMs: runs * 10, wallMs: 1, peakMemoryKb: runs * 100 };
      return Promise.resolve(fakeAnswer({ stdout: Buffer.from(runs < 3 ? "a" : "b"), usage }));
    };
    await withFake(run, async (url) => {
      const order = { source_code: "x", language_id: 71, expected_output: "a" };
      const twice = await call("/submissions?wait=true", { ...order, number_of_runs: 2 }, url);
      expect(twice.body).toMatchObject({ status: { id: 3 }, time: "0.015", memory: 150 });
      const flaky = await call("/submissions?wait=true", { ...order, number_of_runs: 5 }, url);
      expect(flaky.body.status?.id).toBe(4);
      expect(runs).toBe(3);
    });
  });
});

it("answers the plugin of ms-swift: a slash at the end, a token in Judge0's header, and only the description read", async () => {
  const judge = async (expected_output: string): Promise<boolean> => {
    const response = await fetch(`${server.url}/submissions/?wait=true`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Auth-Token": "anything" },
      body: JSON.stringify({ source_code: "print(input())", language_id: 71, stdin: "a\n", expected_output }),
    });
    return ((await response.json()) as Seen).status?.description === "Accepted";
  };
  expect([await judge("a\n"), await judge("b\n")]).toEqual([true, false]);
});

describe("base64", () => {
  it("goes both ways, in lines of 60 characters", async () => {
    const order = { source_code: base64("print(input() * 50)"), stdin: base64("é"), language_id: 71 };
    const { body } = await call("/submissions?wait=true&base64_encoded=true", order);
    const lines = (body.stdout ?? "").split("\n");
    expect(lines[0]).toHaveLength(60);
    expect(Buffer.from(body.stdout ?? "", "base64").toString()).toBe(`${"é".repeat(50)}\n`);
  });

  it("is needed for output that is not UTF-8, which is said and not guessed", async () => {
    const source = "import sys; sys.stdout.buffer.write(bytes([255, 254]))";
    const { status, body } = await submit(source);
    expect({ status, error: body.error }).toEqual({
      status: 201,
      error:
        "some attributes for this submission cannot be converted to UTF-8, use base64_encoded=true query parameter",
    });
    const token = body.token ?? "";
    expect((await call(`/submissions/${token}`)).status).toBe(400);
    expect((await call(`/submissions/${token}?base64_encoded=true`)).body.stdout).toBe("//4=\n");
  });
});

describe("a submission that is fetched", () => {
  it("is known by its token, with the fields that are asked for", async () => {
    const { status, body } = await submit("print(1)", {}, "");
    expect(status).toBe(201);
    expect(Object.keys(body)).toEqual(["token"]);
    const done = await poll(body.token ?? "");
    expect(done).toMatchObject({ stdout: "1\n", status: { id: 3 } });
    const some = await call(`/submissions/${body.token ?? ""}?fields=stdout,status_id,language_id`);
    expect(some.body).toEqual({ stdout: "1\n", status_id: 3, language_id: 71 });
    const all = await call(`/submissions/${body.token ?? ""}?fields=*`);
    expect(Object.keys(all.body)).toHaveLength(35);
    expect(all.body).toMatchObject({ cpu_time_limit: "5.0", source_code: "print(1)", number_of_runs: 1 });
    const wrong = await call(`/submissions/${body.token ?? ""}?fields=stdout,x,y`);
    expect(wrong).toMatchObject({ status: 400, body: { error: "invalid fields: [x, y]" } });
  });

  it("is not found by another token, and never deleted", async () => {
    expect((await call("/submissions/0123")).status).toBe(404);
    const { status } = await fetch(`${server.url}/submissions/0123`, { method: "DELETE" });
    expect(status).toBe(400);
  });
});

describe("a batch", () => {
  it("answers tokens and complaints in order, and is fetched in one go", async () => {
    const batch = [
      { language_id: 71, source_code: "print('a')" },
      { language_id: 123456789, source_code: "x" },
      { language_id: "71", source_code: "" },
      { language_id: 92, source_code: "print('b')" },
    ];
    const { status, body } = await call<Seen[]>("/submissions/batch", { submissions: batch });
    expect(status).toBe(201);
    expect(body.slice(1, 3)).toEqual([
      { language_id: ["language with id 123456789 doesn't exist"] },
      { source_code: ["can't be blank"] },
    ]);
    const tokens = [body[0]?.token ?? "", "nothing", body[3]?.token ?? ""];
    for (const token of [tokens[0], tokens[2]]) await poll(token ?? "");
    const { body: found } = await call<{ submissions: (Seen | null)[] }>(
      `/submissions/batch?tokens=${tokens.join(",")}&fields=stdout`,
    );
    expect(found.submissions).toEqual([{ stdout: "a\n" }, null, { stdout: "b\n" }]);
  });

  it("has at least one submission and at most a hundred, and 422 where none is any good", async () => {
    expect(await call("/submissions/batch", { submissions: [] })).toMatchObject({
      status: 400,
      body: { error: "there should be at least one submission in a batch" },
    });
    expect((await call("/submissions/batch", { submissions: Array(101).fill({}) })).status).toBe(400);
    expect((await call("/submissions/batch?tokens=")).status).toBe(400);
    expect((await call("/submissions/batch", { submissions: [{}] })).status).toBe(422);
  });
});

describe("what is refused", () => {
  it.each([
    [{ language_id: undefined }, { language_id: ["can't be blank"] }],
    [{ source_code: " " }, { source_code: ["can't be blank"] }],
    [{ wall_time_limit: 1e5 }, { wall_time_limit: ["must be less than or equal to 120"] }],
    [{ memory_limit: 1 }, { memory_limit: ["must be greater than or equal to 2048"] }],
    [{ number_of_runs: 0 }, { number_of_runs: ["must be greater than 0"] }],
    [{ cpu_time_limit: "soon" }, { cpu_time_limit: ["is not a number"] }],
    [{ callback_url: "http://localhost/" }, { callback_url: ["setting callback is not allowed"] }],
    [{ additional_files: "UEs=" }, { additional_files: ["setting additional files is not allowed"] }],
    [{ enable_network: true }, { enable_network: ["enabling network is not allowed"] }],
    [{ compiler_options: "-O2" }, { compiler_options: ["setting compiler options is not allowed"] }],
    [
      { command_line_arguments: "x".repeat(513) },
      { command_line_arguments: ["is too long (maximum is 512 characters)"] },
    ],
  ])("%j is a 422 that names its field", async (change, complaints) => {
    const { status, body } = await submit("print(1)", change);
    expect({ status, body }).toEqual({ status: 422, body: complaints });
  });

  it.each([
    ["busy", 503, "queue is full"],
    ["stopping", 503, "not now"],
    ["late", 504, "not now"],
  ] as const)("a service that is %s is an error to who waits, and nothing is kept", async (reason, status, error) => {
    await withFake(
      () => Promise.reject(new RefusedError(reason, "not now")),
      async (url) => {
        const answer = await call("/submissions?wait=true", { source_code: "x", language_id: 71 }, url);
        expect({ status: answer.status, body: answer.body }).toEqual({ status, body: { error } });
      },
    );
  });

  it("a fault of ours is Internal Error, whatever was expected", async () => {
    const run = () => Promise.resolve(fakeAnswer({ ending: "infrastructure_error", detail: "/secret" }));
    await withFake(run, async (url) => {
      const { body } = await call(
        "/submissions?wait=true",
        { source_code: "x", language_id: 71, expected_output: "" },
        url,
      );
      expect(body.status).toEqual({ id: 13, description: "Internal Error" });
      expect(JSON.stringify(body)).not.toContain("secret");
    });
  });

  it("a service that stops makes Internal Error of what nobody waited for; one that is busy is asked again", async () => {
    const reasons = ["busy", "stopping"] as const;
    let asked = 0;
    const run = () => Promise.reject(new RefusedError(reasons[asked++] ?? "stopping", "stopping", 0));
    await withFake(run, async (url) => {
      const { body } = await call("/submissions", { source_code: "x", language_id: 71 }, url);
      expect(await poll(body.token ?? "", "", url)).toMatchObject({ status: { id: 13 }, message: "stopping" });
      expect(asked).toBe(2);
    });
  });
});

describe("what is known of the service", () => {
  it("lists languages with the version that really runs, statuses and configuration", async () => {
    const { body: languages } = await call<{ id: number; name: string }[]>("/languages");
    const python = languages.filter(({ name }) => /^Python \(3\.\d+\.\d+\)$/.test(name));
    expect(python.map(({ id }) => id)).toEqual([71, 92, 100, 109, 113]);
    expect((await call("/languages/71")).body).toMatchObject({ id: 71, is_archived: false, compile_cmd: null });
    expect((await call("/languages/70")).status).toBe(404);
    const { body: statuses } = await call<unknown[]>("/statuses");
    expect(statuses).toHaveLength(14);
    expect(statuses[2]).toEqual({ id: 3, description: "Accepted" });
    expect((await call("/config_info")).body).toMatchObject({ enable_wait_result: true, enable_callbacks: false });
    expect((await call("/about")).body).toMatchObject({ version: "1.13.1" });
  });
});

describe("the submissions that are held", () => {
  const order = async (source: string) => {
    const read = await readOrder({ source_code: source, language_id: 71 }, false);
    if (!("order" in read)) throw new Error("refused");
    return read.order;
  };
  const caller = { client: "a", deadline: null, signal: new AbortController().signal };

  it("go after their time, the oldest first where room is needed", async () => {
    let now = 0;
    const desk = new SubmissionDesk(fakeService(), { maxEntries: 2, keepMs: 100, now: () => now });
    const first = await desk.runNow(await order("1"), caller);
    now = 50;
    const second = await desk.runNow(await order("2"), caller);
    expect(desk.find(first.token)).toBe(first);
    const third = await desk.runNow(await order("3"), caller);
    expect([first, second, third].map(({ token }) => desk.find(token))).toEqual([undefined, second, third]);
    now = 149;
    expect(desk.find(second.token)).toBe(second);
    now = 150;
    expect(desk.find(second.token)).toBeUndefined();
  });

  it("are never dropped while they run: what has no room is refused", async () => {
    let answer: (() => void) | undefined;
    const run = () => new Promise<ReturnType<typeof fakeAnswer>>((done) => (answer = () => done(fakeAnswer())));
    const desk = new SubmissionDesk(fakeService({ run }), { maxEntries: 1 });
    const [one, other] = [await order("1"), await order("2")];
    const running = desk.runLater(one, "a");
    expect(() => desk.runLater(other, "a")).toThrow(RefusedError);
    expect(desk.find(running.token)).toBe(running);
    answer?.();
  });

  it("are bounded by their bytes too", async () => {
    const desk = new SubmissionDesk(fakeService(), { maxBytes: 10_000 });
    const large = await order("x".repeat(20_000));
    expect(() => desk.runLater(large, "a")).toThrow(RefusedError);
  });
});

it("limits reach the sandbox in its own units", async () => {
  let asked: RunTask | undefined;
  const run: Service["run"] = (task) => {
    asked = task;
    return Promise.resolve(fakeAnswer());
  };
  await withFake(run, async (url) => {
    const limits = { cpu_time_limit: 1.5, wall_time_limit: 3, memory_limit: 65536, max_file_size: 64 };
    await call("/submissions?wait=true", { source_code: "x", language_id: 71, ...limits }, url);
  });
  expect(asked?.limits).toMatchObject({ cpuMs: 1500, wallMs: 3000, memoryKb: 65536, outputBytes: 65536 });
});

it.each([
  ["a  b", ["a", "b"]],
  [`'a b' "c \\" d" e\\ f`, ["a b", 'c " d', "e f"]],
  [`x'y'"z"`, ["xyz"]],
  ["''", [""]],
  ["'a", ["'a"]],
  [null, []],
])("splits the arguments %j", (line, words) => {
  expect(splitArguments(line)).toEqual(words);
});
