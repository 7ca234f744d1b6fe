import { connect, type Socket } from "node:net";

import { expect } from "vitest";

import { waitFor } from "../processes.js";
import { ask, findWrong, inParallel, makeKnown } from "./known.js";
import { holdings, readMetric, startService } from "./process.js";

const CROWD = 60;

/** Heads and bodies that do not come to their end: others are served, and the service can be stopped all the same. */
export async function beSlow(folder: string): Promise<object> {
  const service = await startService(folder);
  const starts = [
    "POST /v1/grade HTTP/1.1\r\nhost: x\r\nx-slow: ",
    "POST /v1/grade HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{",
    'POST /v1/run HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n',
    'POST /v1/grade/batch HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"id": 1',
    "G",
  ];
  const sockets = await Promise.all(
    Array.from({ length: CROWD }, (_, at) => open(service.port, starts[at % starts.length] ?? "")),
  );
  await expectRight(service.url);
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  await service.stop();
  await Promise.all(closed);
  return { sockets: sockets.length };
}

/** Clients that hang up in heads, in bodies, and while they wait: their work is dropped, and nothing of them stays. */
export async function hangUp(folder: string): Promise<object> {
  const service = await startService(folder);
  await expectRight(service.url);
  const before = holdings(service.pid);
  const body = JSON.stringify({ source: "import time\ntime.sleep(1)", limits: { wall_ms: 5000 }, cache: false });
  const whole = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const cuts = [
    whole("/v1/run").slice(0, 40),
    whole("/v1/run").slice(0, -20),
    whole("/v1/run"),
    whole("/v1/grade/batch"),
  ];
  for (let at = 0; at < CROWD; at++) {
    const socket = await open(service.port, cuts[at % cuts.length] ?? "");
    if (at % 3 === 0) socket.resetAndDestroy();
    else socket.destroy();
  }
  await waitFor("an empty queue", async () => (await readMetric(service.url, "assay_queue_length")) === 0);
  await waitFor("an empty sandbox", async () => (await readMetric(service.url, "assay_running")) === 0);
  await expectRight(service.url);
  // Sockets of this process's own client may stay open.
  await waitFor("closed sockets", () => holdings(service.pid).descriptors <= before.descriptors + 16);
  await service.stop();
  return { hungUp: CROWD };
}

async function expectRight(url: string): Promise<void> {
  const list = makeKnown(14);
  const outcomes = await inParallel(list, 4, (known) => ask(url, known));
  expect(findWrong(list, outcomes, "must not be")).toEqual([]);
}

function open(port: string, start: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(start, () => resolve(socket)));
    socket.once("error", reject);
    // Whoever does not read does not see the other side close.
    socket.on("error", () => undefined).resume();
  });
}
