import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a flaky service was asked under one path. */
interface Log {
  requests: number;
  /** Samples in each request that was answered. */
  sizes: number[];
  /** The client's ports: as many as it opened connections. */
  ports: number[];
  headers: Record<string, unknown>[];
}

/**
 * A stand-in for the service that fails as told. The path says how: `/503-reset-ok/x/v1/reward` answers 503, then breaks
 * the connection, then answers, and goes on answering; `x` keeps scripts apart. `/503-reset-ok/x/log` tells what came.
 */
export async function startFlakyServer(): Promise<{ url: string; close(): Promise<void> }> {
  const logs = new Map<string, Log>();
  const server = createServer((req, res) => {
    const [, script = "", name = "", ...rest] = (req.url ?? "").split("/");
    const key = `${script}/${name}`;
    const log = logs.get(key) ?? { requests: 0, sizes: [], ports: [], headers: [] };
    logs.set(key, log);
    if (rest.join("/") === "log") return void res.end(JSON.stringify(log));
    const steps = script.split("-");
    const step = steps[Math.min(log.requests, steps.length - 1)] ?? "ok";
    log.requests++;
    log.ports = [...new Set([...log.ports, req.socket.remotePort ?? 0])];
    log.headers.push({ ...req.headers });
    void readAll(req).then((body) => answer(step, JSON.parse(body) as Body, log, res));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Body {
  samples: { completion?: string }[];
}

function answer(step: string, { samples }: Body, log: Log, res: ServerResponse): void {
  const error = (status: number, kind: string, field: string | null = null): void => {
    res.writeHead(status, { "Content-Type": "application/json", ...(status === 429 ? { "Retry-After": "1" } : {}) });
    res.end(JSON.stringify({ error: { kind, message: `${kind} it is`, field } }));
  };
  const rewards = (fault: (index: number) => string | null): void => {
    log.sizes.push(samples.length);
    const kinds = samples.map((_one, index) => fault(index));
    res.setHeader("Content-Type", "application/json");
    res.end(
      JSON.stringify({
        rewards: kinds.map((kind, index) => (kind === null ? Number(samples[index]?.completion) : null)),
        verdicts: kinds.map((kind) => (kind === null ? "accepted" : null)),
        errors: kinds.map((kind) => (kind === null ? null : { kind, message: `${kind} it is` })),
      }),
    );
  };
  switch (step) {
    case "reset":
      res.socket?.resetAndDestroy();
      return;
    case "half":
      res.writeHead(200, { "Content-Length": "1000" });
      res.write("{");
      setImmediate(() => res.socket?.destroy());
      return;
    case "garbage":
      res.end("<html>");
      return;
    case "short":
      res.end(JSON.stringify({ rewards: [] }));
      return;
    case "last":
      res.setHeader("Connection", "close");
      rewards(() => null);
      return;
    case "silent":
      return;
    case "odd":
      rewards((index) => (index % 2 === 1 ? "stopping" : null));
      return;
    case "infra":
      rewards((index) => (index === 0 ? "infrastructure_error" : null));
      return;
    case "invalid":
      rewards((index) => (index === 0 ? "invalid_problem" : null));
      return;
    case "blame":
      if (samples.length > 1) error(400, "bad_request", "samples[1].problem");
      else rewards(() => null);
      return;
    case "large":
      if (samples.length > 2) error(413, "bad_request", "body");
      else rewards(() => null);
      return;
    case "ok":
      rewards(() => null);
      return;
    default:
      error(Number(step), step === "401" ? "unauthorized" : step === "429" ? "busy" : "stopping");
  }
}

async function readAll(req: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of req) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}
