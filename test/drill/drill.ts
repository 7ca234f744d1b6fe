import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { beforeEach, expect } from "vitest";

import { useBuiltCommand, type Finished } from "../built-command.js";
import { readRows, toLines } from "../command-rows.js";
import { listDescendants, listWardens, stillThere, type ProcessEntry } from "../processes.js";
import { useTemporaryFolder } from "../temporary-folder.js";
import { checkRows, makeMixedList, ROUNDS } from "./mixed-list.js";

export interface GradeOptions {
  /** A shell command that ends in `exec "$@"`: what the grading is started by. */
  readonly wrapper?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Arguments for `assay grade` besides the lists. */
  readonly args?: readonly string[];
  /** Where the results go; by default a file of their own in the temporary folder. */
  readonly out?: string;
  /** Does harm to the process of this pid until the signal says that it is over. */
  readonly harm?: (pid: number, over: AbortSignal) => Promise<void>;
}

/** Grading the mixed list with the built command, while something is done to it. */
export function useDrill() {
  const command = useBuiltCommand();
  const folder = useTemporaryFolder();
  const list = makeMixedList();
  let common: string[] = [];
  beforeEach(async () => {
    const problems = await folder.write(`${list.problems.join("\n")}\n`, "problems.jsonl");
    const samples = await folder.write(toLines(list.samples), "samples.jsonl");
    common = [join(command.folder, "dist/cli/main.js"), "grade", "--problems", problems, "--samples", samples];
  });

  const ownFile = (): string => join(folder.path, "results.jsonl");
  const drill = {
    samples: list.samples.length,
    folder,
    /** Grades once; processes that outlive the command are an error. */
    async grade({
      wrapper = 'exec "$@"',
      env = {},
      args = [],
      out = ownFile(),
      harm,
    }: GradeOptions = {}): Promise<Finished> {
      const over = new AbortController();
      let pid = 0;
      const seen: ProcessEntry[] = [];
      const finished = new Promise<Finished>((resolve) => {
        const child = execFile(
          "/bin/sh",
          ["-c", wrapper, "drill", process.execPath, ...common, "--out", out, ...args],
          { env: { ...process.env, ...env }, maxBuffer: 1 << 26 },
          (_error, stdout, stderr) => resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
        );
        pid = child.pid ?? 0;
      });
      const harming = harm?.(pid, over.signal);
      const watch = setInterval(() => seen.push(...listWardens(pid)), 250);
      try {
        return await finished;
      } finally {
        clearInterval(watch);
        over.abort();
        await harming;
        expect(stillThere(seen)).toEqual([]);
        expect(listDescendants().filter(({ name }) => name === "bwrap")).toEqual([]);
      }
    },
    /** Until there is a result: before that there may be no sandbox yet, and without one nothing is graded. */
    async underWay(over: AbortSignal): Promise<void> {
      while (!over.aborted && (await readRows(ownFile())).length === 0) await pause(10);
    },
    /** What the results file holds is sound; how many rows, and how many faults of ours among them. */
    check: async (out = ownFile()) => checkRows(await readRows(out)),
    /** Grades what is left in peace: then every sample has its row, and no row is a fault of ours. */
    async finish(out = ownFile()): Promise<void> {
      const { code, stderr } = await drill.grade({ out });
      expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
      expect(await drill.check(out)).toMatchObject({ rows: drill.samples, faults: 0 });
    },
  };
  return drill;
}

export type Drill = ReturnType<typeof useDrill>;

/** A test of a drill may take as long as the list does. */
export const DRILL_MS = 120_000 * ROUNDS;
