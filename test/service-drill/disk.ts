import { rmSync, writeFileSync, appendFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { listWardens, waitUntilGone } from "../processes.js";
import { ask, findWrong, inParallel, makeKnown } from "./known.js";
import { holdings, startService } from "./process.js";

const DISK_KB = 2048;

/**
 * The disk for temporary files, which only the service sees, fills up while it runs, and new cells are needed: answers
 * are right or faults, and right again once there is room.
 */
export async function fillDisk(folder: string, disk: string, isolation: string): Promise<object> {
  const mount = `mount -t tmpfs -o size=${DISK_KB}k,mode=1777 none ${disk}`;
  // So are the other places that cells turn to, but for the one where the build lies.
  const others = ["/tmp", "/dev/shm", "/var/tmp"]
    .filter((place) => !folder.startsWith(place))
    .map((place) => `mount --bind ${disk} ${place}`);
  const script = [mount, ...others, `TMPDIR=${disk} exec "$@"`].join(" && ");
  const service = await startService(folder, {
    args: ["--isolation", isolation],
    wrapper: `exec unshare -m sh -c '${script}' sh "$@"`,
  });
  const filler = join(`/proc/${service.pid}/root`, disk, "filler");
  const replaceCells = async (): Promise<void> => {
    const wardens = listWardens(service.pid);
    for (const { pid } of wardens) process.kill(pid, "SIGKILL");
    await waitUntilGone(wardens);
  };
  const grade = async (faults: "may be" | "must not be") => {
    const list = makeKnown(21);
    const outcomes = await inParallel(list, 4, (known) => ask(service.url, known));
    expect(findWrong(list, outcomes, faults)).toEqual([]);
    return outcomes.filter((outcome) => outcome === "fault").length;
  };
  await grade("must not be");
  writeFileSync(filler, "");
  expect(() => {
    // Never more than the disk holds, should it be another one than it is meant to be.
    for (let pages = 0; pages <= DISK_KB / 4; pages++) appendFileSync(filler, Buffer.alloc(4096));
  }).toThrow(/ENOSPC/);
  await replaceCells();
  const faults = await grade("may be");
  rmSync(filler);
  await replaceCells();
  await grade("must not be");
  const held = holdings(service.pid);
  await service.stop();
  return { faults, ...held };
}
