import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Time to send the head of a request, milliseconds. Bodies have limits of their own, by route. */
const HEADERS_MS = 60_000;
/** Longer than clients keep an idle connection: whichever side closes it, it must not be ours while they send. */
const KEEP_ALIVE_MS = 150_000;

export interface Listening {
  readonly server: Server;
  /** For instance `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no new connections and closes the idle ones; settles when all are closed, at the latest after `limitMs`. */
  close(limitMs: number): Promise<void>;
}

/** Listens on an address; port 0 takes a free one. Rejects with the error of the operating system. */
export async function listen(app: RequestListener, host: string, port: number): Promise<Listening> {
  const options = { keepAlive: true, noDelay: true, headersTimeout: HEADERS_MS, requestTimeout: 0 };
  const server = createServer({ ...options, keepAliveTimeout: KEEP_ALIVE_MS }, app);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return { server, url: urlOf(server.address() as AddressInfo), close: (limitMs) => close(server, limitMs) };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

async function close(server: Server, limitMs: number): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), limitMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(timer);
}
