import { expect } from "vitest";

import { killAbruptly, listWardens, waitUntilGone } from "../processes.js";
import { askUntilAnswered, ask, findWrong, inParallel, makeKnown } from "./known.js";
import { leftOf, startService } from "./process.js";

const AT_A_TIME = 16;

/** Wardens are killed while requests run, one with every tenth answer; then everything is right again. */
export async function killCells(folder: string): Promise<object> {
  const service = await startService(folder);
  const list = makeKnown(140);
  let killed = 0;
  const harm = (done: number): void => {
    if (done % 10 !== 0) return;
    const wardens = listWardens(service.pid);
    const warden = wardens[(done / 10) % Math.max(1, wardens.length)];
    if (warden !== undefined && end(warden.pid)) killed += 1;
  };
  const outcomes = await inParallel(list, AT_A_TIME, (known) => ask(service.url, known), harm);
  expect(findWrong(list, outcomes, "may be")).toEqual([]);
  expect(killed).toBeGreaterThan(5);
  const after = makeKnown(7);
  expect(findWrong(after, await inParallel(after, 4, (known) => ask(service.url, known)), "must not be")).toEqual([]);
  await service.stop();
  return { killed, requests: list.length, faults: outcomes.filter((outcome) => outcome === "fault").length };
}

/** The server is killed in the middle and started again on its port: clients that try again get what they deserve. */
export async function killServer(folder: string): Promise<object> {
  let service = await startService(folder);
  const { url, port } = service;
  const list = makeKnown(84);
  const restarted: Promise<void>[] = [];
  const restart = async (): Promise<void> => {
    const { pid } = service;
    await waitUntilGone(await killAbruptly(pid));
    service = await startService(folder, { args: ["--port", port] });
    // What could not be removed any more is cleared by the next start.
    expect(leftOf(pid)).toEqual([]);
  };
  const harm = (done: number): void => {
    if (done === 20) restarted.push(restart());
  };
  const outcomes = await inParallel(list, AT_A_TIME, (known) => askUntilAnswered(url, known), harm);
  await Promise.all(restarted);
  expect(findWrong(list, outcomes, "must not be")).toEqual([]);
  await service.stop();
  return { requests: list.length };
}

function end(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
