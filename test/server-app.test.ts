import { get } from "node:http";
import { connect } from "node:net";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";

import { handleFaults, jsonBody } from "../src/server/http.js";
import { listen } from "../src/server/listen.js";
import { readTokens } from "../src/server/tokens.js";
import { GateSandbox } from "./gate-sandbox.js";
import { fakeService, startServer, type Running, type StartOptions } from "./server.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();
const servers: { close(): Promise<void> }[] = [];
const start = async (options: StartOptions): Promise<Running> => {
  const server = await startServer(options);
  servers.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const TOKEN = "0123456789abcdef-one";
const OTHER = "0123456789abcdef-two";

describe("tokens", () => {
  const startLocked = async () => {
    const tokens = await readTokens(await folder.write(`# who\nalice:${TOKEN}\n\nbob:${OTHER}\n`, "tokens"));
    const clients: string[] = [];
    const service = fakeService({
      run: (_task, { client }) => {
        clients.push(client);
        return fakeService().run(
          { language: "python", source: "" },
          { client, deadline: null, signal: new AbortController().signal },
        );
      },
    });
    const { url } = await start({ service, app: { tokens } });
    const ask = (headers: Record<string, string>, path = "/v1/run") =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: '{"source":""}',
      });
    return { url, ask, clients };
  };

  it("let in who brings one, whichever way the client can, under the token's name", async () => {
    const { ask, clients } = await startLocked();
    const basic = Buffer.from(`anybody:${OTHER}`).toString("base64");
    const ways = [{ authorization: `Bearer ${TOKEN}` }, { authorization: `Basic ${basic}` }, { "x-auth-token": OTHER }];
    for (const headers of ways) expect((await ask(headers as Record<string, string>)).status).toBe(200);
    expect(clients).toEqual(["alice", "bob", "bob"]);
  });

  it("keep everybody else out, on every route but those that say whether the service is alive", async () => {
    const { url, ask, clients } = await startLocked();
    const wrong = [{}, { authorization: "Bearer no" }, { authorization: `Bearer ${TOKEN}x` }, { authorization: TOKEN }];
    for (const headers of wrong) {
      const answer = await ask(headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toContain("Bearer");
      expect(await answer.json()).toMatchObject({ error: { kind: "unauthorized", field: "authorization" } });
    }
    for (const path of ["/run_code", "/v1/grade/batch", "/nothing", "/get_reward"])
      expect((await ask({}, path)).status).toBe(401);
    for (const path of ["/metrics", "/docs", "/openapi.json", "/v1/problems"])
      expect((await fetch(url + path)).status).toBe(401);
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(url + path)).status).toBe(200);
    expect(clients).toEqual([]);
  });

  it.each([
    ["no colon\n", "1"],
    [`alice:${TOKEN}\nbob:short\n`, "2"],
    [`alice:${TOKEN}\nalice:${OTHER}\n`, "2"],
  ])("are read from a file whose faults are named, without the token in the message", async (text, line) => {
    const reading = readTokens(await folder.write(text, "tokens"));
    await expect(reading).rejects.toThrow(`tokens:${line}`);
    await expect(reading).rejects.not.toThrow(/0123|short\b(?!er)/);
  });

  it("cannot be an empty file", async () => {
    await expect(readTokens(await folder.write("# nobody\n", "tokens"))).rejects.toThrow("holds no token");
  });
});

describe("every answer", () => {
  it("has the headers that keep browsers from making anything of it, and no others that tell of the host", async () => {
    const { url } = await start({ service: fakeService() });
    for (const path of ["/healthz", "/nothing", "/docs"]) {
      const { headers } = await fetch(url + path, { headers: { origin: "https://elsewhere.example" } });
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("x-request-id")).toMatch(/\S/);
      expect(headers.get("x-powered-by")).toBeNull();
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("refuses a request that a browser says another site's page has made", async () => {
    const { url } = await start({ service: fakeService() });
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "content-type": "application/json" };
    const answer = await fetch(`${url}/v1/run`, { method: "POST", headers, body: '{"source":""}' });
    expect(answer.status).toBe(403);
  });

  it.each([
    ["grader.example:80", { "sec-fetch-site": "same-origin" }, 403],
    ["localhost:80", { "sec-fetch-site": "same-origin" }, 200],
    ["127.0.0.1", { "sec-fetch-site": "none" }, 200],
    ["[::1]:80", { "sec-fetch-site": "same-origin" }, 200],
    ["grader.example:80", {}, 200],
  ])("for the name %s with %j gets %d", async (host, headers, expected) => {
    const { url } = await start({ service: fakeService() });
    const status = await new Promise((resolve, reject) => {
      const asked = get(`${url}/healthz`, { headers: { ...headers, host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on("error", reject);
    });
    expect(status).toBe(expected);
  });

  it("to a path with bad encoding is an error of the client's that tells nothing", async () => {
    const { url } = await start({ service: fakeService() });
    const answer = await fetch(`${url}/v1/%ff`);
    expect([400, 404]).toContain(answer.status);
    expect(await answer.text()).not.toContain("node_modules");
  });
});

describe("a body that does not come", () => {
  it("is given up after a time, with 408", async () => {
    const app = express();
    app.post("/", jsonBody(1000, 50), (_req, res) => void res.json({}));
    app.use(handleFaults(() => undefined));
    const server = await listen(app, "127.0.0.1", 0);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    const text = await new Promise<string>((resolve, reject) => {
      let got = "";
      socket.on("data", (chunk: Buffer) => (got += chunk.toString()));
      socket.on("close", () => resolve(got)).on("error", reject);
      socket.write(head);
    });
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    await server.close(0);
  });
});

describe("GET /metrics", () => {
  it("can be read line by line, with labels from fixed lists whatever clients send", async () => {
    const sandbox = new GateSandbox();
    sandbox.open();
    const { url, service } = await start({ sandbox });
    const odd = `x"}\n# {label="1`;
    await fetch(`${url}/${encodeURIComponent(odd)}`);
    await fetch(`${url}/v1/run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"source":"1"}',
    });
    await service.run(
      { language: odd, source: odd },
      { client: odd, deadline: null, signal: new AbortController().signal },
    );
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get("content-type")).toContain("text/plain");
    const lines = (await answer.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    for (const line of lines) expect(line).toMatch(/^[a-z_0-9]+(\{(\w+="[^"\\]*",?)+\})? -?([\d.e+-]+|NaN|\+Inf)$/i);
    expect(lines.join("\n")).not.toContain("label=");
    expect(lines).toContain('assay_http_requests_total{method="GET",route="other",status="404"} 1');
    expect(lines).toContain('assay_http_requests_total{method="POST",route="/v1/run",status="200"} 1');
    expect(lines).toContain('assay_runs_total{kind="run",language="python",outcome="finished"} 1');
    expect(lines).toContain('assay_runs_total{kind="run",language="other",outcome="finished"} 1');
  });

  it("counts cache hits, refusals, faults and cells", async () => {
    const sandbox = new GateSandbox();
    const { url, service } = await start({ sandbox, jobs: 1, maxQueue: 1 });
    const caller = { client: "a", deadline: null, signal: new AbortController().signal };
    const asked = ["1", "2"].map((source) => service.run({ language: "python", source }, caller));
    await service.run({ language: "python", source: "3" }, caller).catch(() => undefined);
    const text = async () => (await fetch(`${url}/metrics`)).text();
    expect(await text()).toMatch(/assay_queue_length 1\n[^]*assay_running 1\n/);
    sandbox.open();
    await Promise.all(asked);
    await service.run({ language: "python", source: "1" }, caller);
    expect(await text()).toContain("assay_cache_hits_total 1\n");
    expect(await text()).toContain('assay_refused_total{reason="busy"} 1\n');
  });
});

describe("the description of the interface", () => {
  it("is OpenAPI 3.1 with every native route, whose references all lead somewhere", async () => {
    const { url } = await start({ service: fakeService() });
    const api = (await (await fetch(`${url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, unknown>;
      components: { schemas: Record<string, unknown> };
    };
    expect(api.openapi).toBe("3.1.0");
    expect(Object.keys(api.paths)).toEqual(
      expect.arrayContaining(["/v1/grade", "/v1/grade/batch", "/v1/run", "/v1/reward", "/v1/problems", "/metrics"]),
    );
    for (const [, name] of JSON.stringify(api).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(Object.keys(api.components.schemas)).toContain(name);
    }
  });

  it("is a page for people too, which loads nothing from anywhere", async () => {
    const { url } = await start({ service: fakeService() });
    const answer = await fetch(`${url}/docs`);
    const page = await answer.text();
    expect(answer.headers.get("content-type")).toContain("text/html");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page).toContain("POST /v1/grade");
    expect(page).not.toMatch(/<script|src=|https?:\/\//);
  });
});
