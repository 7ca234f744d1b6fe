import { expect } from "vitest";

import { Random } from "../fuzz/random.js";
import { waitFor } from "../processes.js";
import { isUnsound } from "./answers.js";
import { ask, findWrong, inParallel, makeKnown } from "./known.js";
import { holdings, readMetric, startService } from "./process.js";
import { makeRequest, type Description } from "./schema-values.js";

const SEED = Number(process.env.ASSAY_FUZZ_SEED ?? 1);
const AT_A_TIME = 8;
/** What one request may take, a program's limits and a queue included. */
const ANSWER_MS = 120_000;

/**
 * Requests made up from /openapi.json: none is answered with 500, every 4xx says where, no fault of ours is caused by
 * what a request says, and the service holds in the end what it held after the first third.
 */
export async function sendRandom(folder: string, count: number): Promise<object> {
  const service = await startService(folder, { args: ["--problems", "humaneval"] });
  const description = (await (await fetch(`${service.url}/openapi.json`)).json()) as Description;
  const statuses: Record<string, number> = {};
  const outcomes: Record<string, number> = {};
  const tally = (into: Record<string, number>, name: string): void => void (into[name] = (into[name] ?? 0) + 1);
  const send = async (at: number): Promise<object[]> => {
    const { method, path, headers, body } = makeRequest(new Random(SEED * 1_000_003 + at), description);
    const signal = AbortSignal.timeout(ANSWER_MS);
    const res = await fetch(service.url + path, { method, headers, signal, ...(body === null ? {} : { body }) });
    const text = await res.text();
    tally(statuses, `${res.status}`);
    const [, outcome] = /"(?:verdict|ending)":"(\w+)"/.exec(text) ?? [];
    if (outcome !== undefined) tally(outcomes, outcome);
    const isBad =
      isUnsound(path, { status: res.status, text }) || /"(?:verdict|ending)":"infrastructure_error"/.test(text);
    return isBad
      ? [{ at, method, path, body: body?.slice(0, 2000), status: res.status, text: text.slice(0, 500) }]
      : [];
  };
  const send_ = async (from: number, to: number) =>
    (
      await inParallel(
        Array.from({ length: to - from }, (_, at) => from + at),
        AT_A_TIME,
        send,
      )
    ).flat();
  const third = Math.floor(count / 3);
  const unsound = await send_(0, third);
  const before = holdings(service.pid);
  unsound.push(...(await send_(third, count)));
  expect(unsound).toEqual([]);
  await waitFor("an empty sandbox", async () => (await readMetric(service.url, "assay_running")) === 0);
  const list = makeKnown(7);
  expect(findWrong(list, await inParallel(list, 4, (known) => ask(service.url, known)), "must not be")).toEqual([]);
  await waitFor("descriptors as before", () => holdings(service.pid).descriptors <= before.descriptors + AT_A_TIME);
  const after = holdings(service.pid);
  expect(after.processes).toBeLessThanOrEqual(before.processes + 8);
  expect(after.residentMb).toBeLessThan(1.3 * before.residentMb + 64);
  await service.stop();
  return { requests: count, statuses, outcomes, before, after };
}
