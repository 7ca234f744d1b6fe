import { access } from "node:fs/promises";
import { isHeld } from "./folder/lock.js";
import type { RunFolder } from "./folder/run-folder.js";
import {
  jobRecord,
  progressRecord,
  STEPS,
  type Job,
  type ProgressRecord,
  type Report,
  type StepName,
} from "./records.js";
import { gatherReport } from "./report.js";

/** How a run is, as its folder tells it. */
export interface Status {
  /** `working`: a process is at it; `stopped`: none is, and it is not at its end. */
  readonly state: "working" | "stopped" | "finished";
  readonly progress: ProgressRecord | null;
  /** Steps that are whole, by iteration. */
  readonly steps: readonly {
    readonly iteration: number;
    readonly done: readonly StepName[];
    readonly job: Job | null;
  }[];
  readonly report: Report;
}

/** Null where there is no run. Can be asked at any moment; nothing is changed. */
export async function readStatus(folder: RunFolder): Promise<Status | null> {
  const report = await gatherReport(folder);
  if (report === null) return null;
  const progress = await folder.read(folder.file("progress.json"), progressRecord);
  const steps: Status["steps"][number][] = [];
  for (let iteration = 0; await exists(folder.of(iteration)); iteration += 1) {
    const done: StepName[] = [];
    for (const step of STEPS) if ((await folder.readDone(folder.of(iteration, step))) !== null) done.push(step);
    steps.push({ iteration, done, job: await folder.read(folder.of(iteration, "job.json"), jobRecord) });
  }
  const working = await isHeld(folder.file("lock"));
  const state = working ? "working" : report.state === "finished" ? "finished" : "stopped";
  return { state, progress, steps, report };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
