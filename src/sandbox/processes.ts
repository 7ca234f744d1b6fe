import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";

/** A cell's processes as the host sees them: the warden, which has no /proc, cannot look at its children so closely. */
export interface Candidate {
  /** Milliseconds in which it could have run and no processor was free; 0 where the kernel does not tell. */
  waitedMs(): number;
  kill(): void;
}

/** Whether this kernel tells enough of processes; where not, a wall limit has to be taken at its word. */
export const CAN_LOOK = existsSync(`/proc/self/task/${process.pid}/children`) && existsSync("/proc/self/schedstat");

/** The candidate that the warden of this bwrap process knows as `pid`, or null when it is gone already. */
export function findCandidate(bwrap: number, pid: number): Candidate | null {
  const warden = childrenOf(bwrap)[0];
  const candidate = warden === undefined ? undefined : childrenOf(warden).find((child) => pidInside(child) === pid);
  if (candidate === undefined) return null;
  return { waitedMs: () => waitedMs(candidate), kill: () => kill(candidate) };
}

/**
 * Milliseconds in which the warden of this bwrap process and its judge (its first child, where it has one) could have run and no processor was free, since
 * they began. A program that waits for one of them waits for a processor as well.
 */
export function wardensWaitMs(bwrap: number, hasJudge: boolean): number {
  const warden = childrenOf(bwrap)[0];
  if (warden === undefined) return 0;
  const judge = hasJudge ? childrenOf(warden)[0] : undefined;
  return waitedMs(warden) + (judge === undefined ? 0 : waitedMs(judge));
}

/** A process's number in its own, innermost pid namespace. */
function pidInside(pid: number): number | undefined {
  try {
    const line = /^NSpid:(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line?.[1]?.trim().split(/\s+/).map(Number).at(-1);
  } catch {
    return undefined;
  }
}

/**
 * Throws where this process may not open that many more descriptors. Node's `spawn` must not find out: it then leaves no
 * process to listen to, whose "error" event ends the program.
 */
export function requireDescriptors(count: number): void {
  const opened: number[] = [];
  try {
    while (opened.length < count) opened.push(openSync("/dev/null", "r"));
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** Ends the warden in the cell that this bwrap process started. False where there is none. */
export function killWarden(bwrap: number): boolean {
  const warden = childrenOf(bwrap)[0];
  if (warden !== undefined) kill(warden);
  return warden !== undefined;
}

export function childrenOf(pid: number): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return list === "" ? [] : list.split(" ").map(Number);
  } catch {
    return [];
  }
}

function waitedMs(pid: number): number {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    // Time on a processor, time waiting for one (both in nanoseconds), number of slices.
    const waits = tasks.map((task) =>
      Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[1]),
    );
    return Math.max(0, ...waits) / 1e6;
  } catch {
    return 0;
  }
}

export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
