import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";

import { useBuiltCommand, type Running } from "./built-command.js";
import { readRows, toLines, withoutUsage, type Row } from "./command-rows.js";
import * as processes from "./processes.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const command = useBuiltCommand();
const folder = useTemporaryFolder();

const problem = { problem_id: 1, question: "", input_output: JSON.stringify({ inputs: ["2\n"], outputs: ["4\n"] }) };
/** Sums of work: slow enough to be stopped half-way, and of lengths that make the rows come out of order. */
const samples = Array.from({ length: 48 }, (_, n) => ({
  task_id: "1",
  n,
  solution: `import time\nwhile time.process_time() < ${n % 3 === 0 ? 0.15 : 0.03}: pass\nprint(int(input()) * ${n % 5 === 0 ? 3 : 2})`,
}));

let common: string[];
const outAt = (name: string): string => join(folder.path, name);
beforeEach(async () => {
  const problems = await folder.write(toLines([problem]), "problems.jsonl");
  common = ["grade", "--problems", problems, "--samples", await folder.write(toLines(samples), "samples.jsonl")];
});

/** Starts a grading and waits until its results file holds some rows. */
async function startHalf(out: string): Promise<Running> {
  const running = command.start([...common, "--out", out]);
  await processes.waitFor("rows", async () => (await readRows(out)).length >= samples.length / 4);
  return running;
}

async function gradeToTheEnd(out: string): Promise<Row[]> {
  const { code, stderr } = await command.run(...common, "--out", out);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return readRows(out);
}

describe("a grading that is stopped half-way", () => {
  it("by SIGKILL leaves no process, and goes on to the results of an undisturbed one", async () => {
    const undisturbed = await gradeToTheEnd(outAt("undisturbed.jsonl"));
    expect(undisturbed.map(({ n }) => n)).toEqual(samples.map(({ n }) => n));

    const out = outAt("results.jsonl");
    const running = await startHalf(out);
    const below = await processes.killAbruptly(running.pid);
    expect(below.length).toBeGreaterThan(0);
    expect((await running.finished).signal).toBe("SIGKILL");
    await processes.waitUntilGone(below);
    const kept = await readRows(out);
    expect(kept.length).toBeLessThan(samples.length);

    const resumed = await gradeToTheEnd(out);
    expect(withoutUsage(resumed)).toEqual(withoutUsage(undisturbed));
    // What was there was not graded again: its timings are the same ones.
    expect(resumed).toEqual(expect.arrayContaining(kept));
  });

  it.each(["SIGINT", "SIGTERM"] as const)("by %s exits 130, keeps its rows and leaves no process", async (signal) => {
    const out = outAt("results.jsonl");
    const running = await startHalf(out);
    const below = processes.listDescendants(running.pid);
    process.kill(running.pid, signal);
    const { code, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).toContain("interrupted");
    await processes.waitUntilGone(below);

    const kept = await readRows(out);
    expect(kept.length).toBeGreaterThanOrEqual(samples.length / 4);
    expect(kept.length).toBeLessThan(samples.length);
    for (const row of kept) expect(row.verdict).toBe(Number(row.n) % 5 === 0 ? "wrong_answer" : "accepted");
    const resumed = await gradeToTheEnd(out);
    expect(resumed.map(({ n }) => n)).toEqual(samples.map(({ n }) => n));
    expect(resumed).toEqual(expect.arrayContaining(kept));
  });

  it("by SIGINT while a program runs that would go on for long", async () => {
    const solution = "import time\ntime.sleep(1000)";
    await folder.write(toLines([{ task_id: "1", solution }]), "samples.jsonl");
    const running = command.start([...common, "--out", outAt("results.jsonl"), "--wall-limit", "600"]);
    await processes.waitFor("a run", () =>
      processes.listWardens(running.pid).some(({ pid }) => processes.listDescendants(pid).length >= 2),
    );
    const below = processes.listDescendants(running.pid);
    process.kill(running.pid, "SIGINT");
    expect((await running.finished).code).toBe(130);
    await processes.waitUntilGone(below);
    expect(await readRows(outAt("results.jsonl"))).toEqual([]);
  });

  it("when the reader of its rows goes away", async () => {
    const running = command.start([...common, "--out", "-"]);
    await processes.waitFor("a cell", () => processes.listWardens(running.pid).length > 0);
    const below = processes.listDescendants(running.pid);
    running.child.stdout?.destroy();
    expect((await running.finished).code).toBe(130);
    await processes.waitUntilGone(below);
  });
});
