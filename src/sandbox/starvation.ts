import { readdirSync, readFileSync } from "node:fs";

/**
 * How long a cell's candidate has been kept waiting for a processor, and how to end it: what the host can see and the
 * warden, which has no /proc, cannot.
 */
export interface Candidate {
  /** Milliseconds in which it could have run and no processor was free; 0 where the kernel does not tell. */
  waitedMs(): number;
  kill(): void;
}

/** The candidate's process in the cell that this bwrap process started, or null when it is gone already. */
export function findCandidate(bwrap: number): Candidate | null {
  const warden = childrenOf(bwrap)[0];
  // The judge is the warden's first child; the candidate's is the only other one.
  const candidate = warden === undefined ? undefined : childrenOf(warden)[1];
  if (candidate === undefined) return null;
  return { waitedMs: () => waitedMs(candidate), kill: () => kill(candidate) };
}

function childrenOf(pid: number): number[] {
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

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
