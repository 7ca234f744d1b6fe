import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

import { useBuiltCommand, type Running } from "./built-command.js";
import * as processes from "./processes.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const assay = useBuiltCommand();
const folder = useTemporaryFolder();
const running: Running[] = [];
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill("SIGKILL");
});

/** Starts the service on a free port and waits until it says where it listens. */
const serve = async (...args: string[]): Promise<Running & { url: string }> => {
  const started = assay.start(["serve", "--port", "0", ...args]);
  running.push(started);
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    started.child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const [, found] = /listening on (\S+)\n/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    void started.finished.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { ...started, url };
};

const run = (url: string, source: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/run`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ source, limits: { cpu_ms: 1000, wall_ms: 60_000 } }),
  });

/** Waits until one piece of work is in the sandbox. */
const untilBusy = ({ url }: { url: string }) =>
  processes.waitFor("a run", async () => /^assay_running 1$/m.test(await (await fetch(`${url}/metrics`)).text()));

const untilRed = ({ url }: { url: string }) =>
  processes.waitFor("readiness to go red", async () => (await fetch(`${url}/readyz`)).status === 503);

describe("assay serve", () => {
  it("grades by the sets it was given, on the loopback, and ends with 0 when it is told to", async () => {
    const service = await serve("--problems", "humaneval");
    expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const body = JSON.stringify({ task_id: "Fixture-HE/0", completion: "    return []" });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${service.url}/v1/grade`, { method: "POST", headers, body });
    expect(await answer.json()).toMatchObject({ task_id: "Fixture-HE/0", verdict: "wrong_answer" });
    service.child.kill("SIGTERM");
    const { code, stderr } = await service.finished;
    expect(code).toBe(0);
    const logged = stderr.split("\n").filter((line) => line.startsWith("{"));
    expect(logged.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ route: "/v1/grade", status: 200, request: answer.headers.get("x-request-id") }),
    );
    expect(processes.listDescendants(service.pid)).toEqual([]);
  });

  it("finishes what runs when it is stopped, takes nothing new, and is not ready meanwhile", async () => {
    const service = await serve();
    const answer = run(service.url, "import time\ntime.sleep(3)\nprint('done')");
    await untilBusy(service);
    service.child.kill("SIGTERM");
    await untilRed(service);
    expect((await run(service.url, "print(1)")).status).toBe(503);
    expect(await (await answer).json()).toMatchObject({ ending: "finished", stdout: "done\n" });
    expect((await service.finished).code).toBe(0);
  });

  it("stops at once when it is told twice, and leaves nothing behind", async () => {
    const service = await serve();
    const answer = run(service.url, "import time\ntime.sleep(50)").catch(() => null);
    await untilBusy(service);
    service.child.kill("SIGTERM");
    await untilRed(service);
    const below = processes.listDescendants(service.pid);
    service.child.kill("SIGTERM");
    expect((await service.finished).code).toBe(130);
    expect(await answer).toBeNull();
    await processes.waitUntilGone(below);
  });

  it("asks for tokens where it has them", async () => {
    const file = join(folder.path, "tokens");
    await writeFile(file, "me:0123456789abcdef\n");
    const { url } = await serve("--token-file", file);
    expect((await run(url, "")).status).toBe(401);
    expect((await run(url, "", { authorization: "Bearer 0123456789abcdef" })).status).toBe(200);
  });

  it.each([
    [["--host", "0.0.0.0"], "--token-file"],
    [["--host", "nowhere"], "--host"],
    [["--port", "99999"], "--port"],
    [["--problems", "no-such-set"], "no-such-set"],
    [["--token-file", "/nonexistent/tokens"], "/nonexistent/tokens"],
    [["--max-queue", "0"], "--max-queue"],
  ])("refuses %j and says why", async (args, said) => {
    const { code, stderr } = await assay.run("serve", "--port", "0", ...args);
    expect(code).toBe(1);
    expect(stderr).toContain(said);
  });

  it("says why when its port is taken", async () => {
    const { url } = await serve();
    const { code, stderr } = await assay.run("serve", "--port", new URL(url).port);
    expect(code).toBe(1);
    expect(stderr).toContain("EADDRINUSE");
  });
});
