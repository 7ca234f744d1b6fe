import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RefusedError, type RunTask, type Service } from "../src/server/contract.js";
import { fakeAnswer, fakeService, startServer, type Running } from "./server.js";

/** As a client of Piston's sees a stage. */
interface Stage {
  stdout: string;
  stderr: string;
  output: string;
  code: number | null;
  signal: string | null;
  message: string | null;
  status: string | null;
  cpu_time: number;
  wall_time: number;
  memory: number;
}
interface Executed {
  language: string;
  version: string;
  run: Stage;
  compile?: Stage;
  message?: string;
}

let server: Running;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.close());

async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/api/v2/execute`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Executed };
}

const program = (content: string, rest: object = {}) => ({
  language: "python",
  version: "*",
  files: [{ name: "main.py", content }],
  ...rest,
});
const execute = (content: string, rest: object = {}) => post(server.url, program(content, rest));

/** A server whose runs end as told; what it was asked to run is kept. */
async function withFake(run: Service["run"], use: (url: string) => Promise<void>): Promise<void> {
  const fake = await startServer({ service: fakeService({ run }) });
  try {
    await use(fake.url);
  } finally {
    await fake.close();
  }
}

describe("GET /api/v2/runtimes", () => {
  it("lists what can be run, with the version that is really there", async () => {
    const runtimes = (await (await fetch(`${server.url}/api/v2/runtimes`)).json()) as unknown[];
    expect(runtimes).toContainEqual({
      language: "python",
      version: expect.stringMatching(/^3\.\d+\.\d+$/) as string,
      aliases: expect.arrayContaining(["py", "python3"]) as [],
    });
  });
});

describe("POST /api/v2/execute", () => {
  it("runs a program with stdin and says how it ended, field by field", async () => {
    const { status, body } = await execute("print(input()[::-1])", { stdin: "abc" });
    expect(status).toBe(200);
    expect(body).toEqual({
      language: "python",
      version: expect.stringMatching(/^3\./) as string,
      run: {
        stdout: "cba\n",
        stderr: "",
        output: "cba\n",
        code: 0,
        signal: null,
        message: null,
        status: null,
        cpu_time: expect.any(Number) as number,
        wall_time: expect.any(Number) as number,
        memory: expect.any(Number) as number,
      },
    });
    expect(body.run.memory).toBeGreaterThan(1_000_000);
  });

  it("ends stdin with a new line, as Piston does", async () => {
    const { body } = await execute("import sys\nprint(repr(sys.stdin.read()))", { stdin: "a" });
    expect(body.run.stdout).toBe("'a\\n'\n");
  });

  it("tells an exit status, an exception and a program that does not compile", async () => {
    const exit = await execute("import sys\nprint('x', file=sys.stderr)\nsys.exit(3)");
    expect(exit.body.run).toMatchObject({ code: 3, signal: null, status: "RE", message: "Exited with error code 3" });
    expect(exit.body.run).toMatchObject({ stderr: "x\n", output: "x\n" });
    const raised = await execute("1 / 0");
    expect(raised.body.run).toMatchObject({ code: 1, status: "RE" });
    expect(raised.body.run.stderr).toContain("ZeroDivisionError");
    const broken = await execute("def f(:\n");
    expect(broken.body).not.toHaveProperty("compile");
    expect(broken.body.run).toMatchObject({ code: 1, status: "RE", stdout: "" });
    expect(broken.body.run.stderr).toContain("SyntaxError");
  });

  it("ends what takes too long, by the clock or on the processor", async () => {
    const slept = await execute("import time\ntime.sleep(60)", { run_timeout: 300 });
    expect(slept.body.run).toMatchObject({ code: null, signal: "SIGKILL", status: "TO" });
    expect(slept.body.run.message).toMatch(/^Time limit exceeded/);
    const looped = await execute("while True: pass", { run_timeout: 20_000, run_cpu_time: 300 });
    expect(looped.body.run).toMatchObject({ code: null, signal: "SIGKILL", status: "TO" });
  });

  it("tells a signal and too much memory", async () => {
    const { body } = await execute("import os, signal\nos.abort()");
    expect(body.run).toMatchObject({ code: null, signal: "SIGABRT", status: "SG", message: "Caught fatal signal 6" });
    const large = await execute("x = bytearray(1 << 29)", { run_memory_limit: 1 << 27 });
    expect(large.body.run.code).not.toBe(0);
    expect(["RE", "SG"]).toContain(large.body.run.status);
  });

  it("tells which stream was too long", async () => {
    const task = (stdout: number, stderr: number) => () =>
      Promise.resolve(
        fakeAnswer({
          ending: "output_limit",
          exitCode: null,
          stdout: Buffer.alloc(stdout),
          stderr: Buffer.alloc(stderr),
        }),
      );
    for (const [run, status, message] of [
      [task(9, 1), "OL", "stdout length exceeded"],
      [task(1, 9), "EL", "stderr length exceeded"],
    ] as const) {
      await withFake(run, async (url) => {
        const { body } = await post(url, program(""));
        expect(body.run).toMatchObject({ code: null, signal: "SIGKILL", status, message });
      });
    }
  });

  it("takes the first utf8 file for the program and hands the others over", async () => {
    let asked: RunTask | undefined;
    const run: Service["run"] = (task) => {
      asked = task;
      return Promise.resolve(fakeAnswer());
    };
    await withFake(run, async (url) => {
      await post(url, {
        language: "py",
        version: "3.x",
        files: [
          { name: "data.bin", content: "AAE=", encoding: "base64" },
          { content: "print(1)" },
          { name: "lib/a.txt", content: "6869", encoding: "hex" },
        ],
        args: ["a b", 1],
        run_timeout: 2500,
        run_memory_limit: -1,
      });
    });
    expect(asked).toMatchObject({ source: "print(1)", args: ["a b", "1"], limits: { wallMs: 2500, cpuMs: 2500 } });
    expect(asked?.files?.map(({ path, content }) => [path, Buffer.from(content).toString("hex")])).toEqual([
      ["data.bin", "0001"],
      ["file1.code", Buffer.from("print(1)").toString("hex")],
      ["lib/a.txt", "6869"],
    ]);
  });

  it.each([
    [{ language: 1 }, "language is required as a string"],
    [{ version: "" }, "version is required as a string"],
    [{ files: {} }, "files is required as an array"],
    [{ files: [{ name: "x" }] }, "files[0].content is required as a string"],
    [{ files: [{ content: "eA==", encoding: "base64" }] }, "files must include at least one utf8 encoded file"],
    [{ language: "cobol" }, "cobol-* runtime is unknown"],
    [{ version: "2.7.18" }, "python-2.7.18 runtime is unknown"],
    [{ run_timeout: "9" }, "If specified, run_timeout must be a number"],
    [{ run_timeout: 1e9 }, "run_timeout cannot exceed the configured limit of 60000"],
    [{ run_cpu_time: -5 }, "run_cpu_time must be non-negative"],
    [{ compile_timeout: 1e9 }, "compile_timeout cannot exceed the configured limit of 60000"],
  ])("refuses %j in Piston's words", async (change, message) => {
    const { status, body } = await execute("", change);
    expect({ status, body }).toEqual({ status: 400, body: { message } });
  });

  it.each(["../x", "/etc/passwd", "a//b", "a/../../b", "\0"])("refuses a file called %j", async (name) => {
    const files = [{ content: "" }, { name, content: "" }];
    const { status, body } = await execute("", { files });
    expect(status).toBe(400);
    expect(body.message).toContain("working folder");
  });

  it("refuses other types and broken JSON", async () => {
    const other = await post(server.url, "a=b", { "Content-Type": "text/plain" });
    expect(other).toMatchObject({ status: 415, body: { message: "requests must be of type application/json" } });
    const broken = await post(server.url, "{");
    expect(broken).toMatchObject({ status: 400, body: { message: "body: is not valid JSON" } });
  });

  it.each([
    ["busy", 503],
    ["stopping", 503],
    ["late", 504],
  ] as const)("says that it is %s with a status that clients try again", async (reason, expected) => {
    await withFake(
      () => Promise.reject(new RefusedError(reason, "not now", 7)),
      async (url) => {
        const { status, headers, body } = await post(url, program("print(1)"));
        expect({ status, body, after: headers.get("retry-after") }).toEqual({
          status: expected,
          body: { message: "not now" },
          after: "7",
        });
      },
    );
  });

  it("never shows a fault of ours as a run", async () => {
    const run = () => Promise.resolve(fakeAnswer({ ending: "infrastructure_error", detail: "/secret/path" }));
    await withFake(run, async (url) => {
      const { status, body } = await post(url, program("print(1)"));
      expect(status).toBe(500);
      expect(body).not.toHaveProperty("run");
      expect(JSON.stringify(body)).not.toContain("secret");
    });
  });
});
