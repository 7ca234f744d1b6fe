import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RefusedError, type RunTask, type Service } from "../src/server/contract.js";
import { fakeAnswer, fakeService, startServer, type Running } from "./server.js";

interface Result {
  status: string;
  exitStatus: number;
  error?: string;
  time: number;
  memory: number;
  runTime: number;
  files?: Record<string, string>;
  fileError?: { name: string; type: string; message?: string }[];
}

let server: Running;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.close());

async function post(body: unknown, url = server.url) {
  const response = await fetch(`${url}/run`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Result[] | string };
}

/** The request of go-judge's own README, with a script in place of the compiler. */
const command = (source: string, rest: object = {}) => ({
  args: ["/usr/bin/python3", "a.py"],
  env: ["PATH=/usr/bin:/bin"],
  files: [{ content: "" }, { name: "stdout", max: 10240 }, { name: "stderr", max: 10240 }],
  cpuLimit: 10_000_000_000,
  memoryLimit: 268_435_456,
  procLimit: 50,
  copyIn: { "a.py": { content: source } },
  ...rest,
});

async function run(source: string, rest: object = {}): Promise<Result> {
  const { status, body } = await post({ cmd: [command(source, rest)] });
  if (status !== 200 || typeof body === "string" || body[0] === undefined) throw new Error(JSON.stringify(body));
  return body[0];
}

async function withFake(runs: Service["run"], use: (url: string) => Promise<void>): Promise<void> {
  const fake = await startServer({ service: fakeService({ run: runs }) });
  try {
    await use(fake.url);
  } finally {
    await fake.close();
  }
}

describe("POST /run", () => {
  it("runs a script of copyIn with stdin and arguments, and collects its streams", async () => {
    const result = await run("import sys\nprint(input(), sys.argv[1:])\nprint('e', file=sys.stderr)", {
      args: ["python3", "-u", "a.py", "x", "y z"],
      files: [{ content: "in\n" }, { name: "out", max: 100 }, { name: "err", max: 100 }],
      copyOut: ["out", "err"],
    });
    expect(result).toEqual({
      status: "Accepted",
      exitStatus: 0,
      time: expect.any(Number) as number,
      memory: expect.any(Number) as number,
      runTime: expect.any(Number) as number,
      files: { out: "in ['x', 'y z']\n", err: "e\n" },
    });
    expect(result.memory).toBeGreaterThan(1_000_000);
    expect(result.time).toBeGreaterThan(100_000);
  });

  it("takes a program after -c, and runs several commands", async () => {
    const cmd = ["1", "2"].map((n) => command("", { args: ["python3", "-c", `print(${n})`] }));
    const { body } = await post({ cmd });
    expect((body as Result[]).map(({ files }) => files?.["stdout"])).toEqual(["1\n", "2\n"]);
  });

  it.each([
    ["import sys; sys.exit(3)", {}, "Nonzero Exit Status", 3],
    ["raise ValueError", {}, "Nonzero Exit Status", 1],
    ["def f(:", {}, "Nonzero Exit Status", 1],
    ["import os; os.abort()", {}, "Signalled", 6],
  ])("tells how %j ended", async (source, rest, status, exitStatus) => {
    expect(await run(source, rest)).toMatchObject({ status, exitStatus });
  });

  it("shows what is wrong with a program that does not compile", async () => {
    expect((await run("def f(:")).files?.["stderr"]).toContain("SyntaxError");
  });

  it.each([
    ["while True: pass", { cpuLimit: 300_000_000 }, "Time Limit Exceeded"],
    ["import time; time.sleep(60)", { clockLimit: 300_000_000 }, "Time Limit Exceeded"],
    ["x = bytearray(1 << 29)", { memoryLimit: 1 << 26 }, "Memory Limit Exceeded"],
    ["print('x' * 100)", { files: [null, { name: "stdout", max: 10 }, null] }, "Output Limit Exceeded"],
  ])("tells the limit that %j broke", async (source, rest, status) => {
    expect((await run(source, rest)).status).toBe(status);
  });

  it("tells of each stream that is too long for its collector", async () => {
    const answer = fakeAnswer({ stdout: Buffer.from("12345"), stderr: Buffer.from("123") });
    await withFake(
      () => Promise.resolve(answer),
      async (url) => {
        const files = [null, { name: "o", max: 4 }, { name: "e", max: 4 }];
        const { body } = await post({ cmd: [command("", { files })] }, url);
        expect(body).toMatchObject([
          {
            status: "Output Limit Exceeded",
            files: { o: "1234", e: "123" },
            fileError: [{ name: "o", type: "CollectSizeExceeded" }],
          },
        ]);
      },
    );
  });

  it("copies files in and out; one that is not there is an error unless it is optional", async () => {
    let asked: RunTask | undefined;
    const runs: Service["run"] = (task) => {
      asked = task;
      return Promise.resolve(fakeAnswer({ files: [{ path: "b.txt", content: Buffer.from("12345") }] }));
    };
    await withFake(runs, async (url) => {
      const copyIn = { "a.py": { content: "" }, "d/in.txt": { content: "x" } };
      const ask = async (rest: object) =>
        ((await post({ cmd: [command("", { copyIn, ...rest })] }, url)).body as Result[])[0];
      expect(await ask({ copyOut: ["stdout", "b.txt", "c.txt?"] })).toMatchObject({
        status: "Accepted",
        files: { "b.txt": "12345" },
      });
      expect(asked?.fetch).toEqual(["b.txt", "c.txt"]);
      expect(asked?.files?.map(({ path }) => path)).toEqual(["a.py", "d/in.txt"]);
      expect(await ask({ copyOut: ["c.txt"] })).toMatchObject({
        status: "File Error",
        fileError: [{ name: "c.txt", type: "CopyOutOpen" }],
      });
      expect(await ask({ copyOut: ["b.txt"], copyOutMax: 3 })).toMatchObject({
        status: "File Error",
        fileError: [{ name: "b.txt", type: "CopyOutSizeExceeded" }],
      });
      expect(await ask({ copyOut: ["b.txt"], copyOutMax: 3, copyOutTruncate: true })).toMatchObject({
        files: { "b.txt": "123" },
      });
    });
  });

  it("hands limits over in the sandbox's units", async () => {
    let asked: RunTask | undefined;
    const runs: Service["run"] = (task) => {
      asked = task;
      return Promise.resolve(fakeAnswer());
    };
    await withFake(runs, async (url) => {
      const limits = { cpuLimit: 1_500_000_000, clockLimit: 3_000_000_000, stackLimit: 1 << 27, procLimit: 8 };
      await post({ cmd: [command("", limits)] }, url);
    });
    expect(asked?.limits).toEqual({
      ...{ cpuMs: 1500, wallMs: 3000, memoryKb: 262_144, stackKb: 131_072, processes: 8, outputBytes: 10_240 },
    });
  });

  it.each([
    [{ cmd: [] }, "no cmd provided"],
    [{ cmd: [{ args: [] }] }, "cmd[0].args"],
    [{ cmd: [command("", { args: ["/bin/ls", "a.sh"] })] }, "cmd[0].args[0]: only "],
    [{ cmd: [command("", { args: ["python3", "b.py"] })] }, "cmd[0].args[1]: names a script that is not in copyIn"],
    [{ cmd: [command("", { args: ["python3", "-m", "this"] })] }, "cmd[0].args[1]"],
    [{ cmd: [command("", { env: ["SECRET=1"] })] }, "cmd[0].env[0]: programs have no environment here"],
    [{ cmd: [command("", { tty: true })] }, "cmd[0].tty: there is no terminal here"],
    [{ cmd: [command("", { files: [{ src: "/etc/passwd" }] })] }, "cmd[0].files[0]: must have content"],
    [{ cmd: [command("", { files: [{ fileId: "A" }] })] }, "cmd[0].files[0]: must have content"],
    [{ cmd: [command("", { files: [null, { streamOut: true }] })] }, "cmd[0].files[1]: must have name and max"],
    [{ cmd: [command("", { copyIn: { "../a.py": { content: "" } } })] }, "working folder"],
    [{ cmd: [command("", { copyIn: { "a.py": { src: "/etc/passwd" } } })] }, "cmd[0].copyIn.a.py: must have content"],
    [{ cmd: [command("", { copyIn: { "a.py": { symlink: "/etc" } } })] }, "must have content"],
    [{ cmd: [command("", { copyOutCached: ["a"] })] }, "cmd[0].copyOutCached: no files are kept here"],
    [{ cmd: [command("", { copyOut: ["../../etc/passwd"] })] }, "cmd[0].copyOut[0]"],
    [{ cmd: [command(""), command("")], pipeMapping: [{}] }, "pipeMapping: programs cannot be joined"],
  ])("says what cannot be done, as a text: %#", async (body, said) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(said);
  });

  it.each([
    ["busy", 500, "worker queue is full"],
    ["stopping", 503, "not now"],
    ["late", 504, "not now"],
  ] as const)("is refused by a service that is %s, never answered", async (reason, status, said) => {
    await withFake(
      () => Promise.reject(new RefusedError(reason, "not now")),
      async (url) => expect(await post({ cmd: [command("")] }, url)).toEqual({ status, body: said }),
    );
  });

  it("calls a fault of ours Internal Error", async () => {
    const runs = () => Promise.resolve(fakeAnswer({ ending: "infrastructure_error", detail: "/secret" }));
    await withFake(runs, async (url) => {
      const { body } = await post({ cmd: [command("")] }, url);
      expect(body).toMatchObject([{ status: "Internal Error" }]);
      expect(JSON.stringify(body)).not.toContain("secret");
    });
  });
});
