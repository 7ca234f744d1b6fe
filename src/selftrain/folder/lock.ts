import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";
import { InputError } from "../../errors.js";
import { startOf } from "./process-start.js";

const holder = z.object({ pid: z.int(), host: z.string(), started: z.string() });
type Holder = z.infer<typeof holder>;

/**
 * Takes a run folder for this process, so that no two work in it. What a killed process left is taken over.
 *
 * @returns gives it back
 * @throws InputError where another process has it
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const mine: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) ?? "" };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeFile(path, JSON.stringify(mine) + "\n", { flag: "wx" });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const other = await readHolder(path);
    if (other !== null && isAtWork(other)) throw new InputError(describeHolder(other), { file: path });
    if (attempt === 3) throw new InputError("cannot be taken over; remove it if no process works here", { file: path });
    await rm(path, { force: true });
  }
}

/** Whether a process holds the lock and is alive, as far as can be told from here. */
export async function isHeld(path: string): Promise<boolean> {
  const other = await readHolder(path);
  return other !== null && isAtWork(other);
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return holder.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    // Gone, or cut off while it was written: its writer was killed.
    return null;
  }
}

function isAtWork({ pid, host, started }: Holder): boolean {
  // Nothing can be known of a process on another machine.
  return host !== hostname() || startOf(pid) === started;
}

function describeHolder({ pid, host }: Holder): string {
  if (host !== hostname()) {
    return `process ${pid} on ${host} works in this folder; if it does not any more, remove the file`;
  }
  return `process ${pid} works in this folder`;
}
