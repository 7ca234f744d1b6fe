import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createGrader } from "../src/grading/grader.js";
import type { Problem } from "../src/grading/types.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox, resolveLimits } from "../src/sandbox/index.js";
import { startNode, useBuiltCommand } from "./built-command.js";
import * as processes from "./processes.js";
import { outputOf, TIER } from "./sandbox-runs.js";

const limits = resolveLimits({ cpuMs: 10_000, wallMs: 60_000 });
const SLEEPER = { language: "python", source: "import time\ntime.sleep(1000)" };
const HONEST = { language: "python", source: `print("here")` };
const judge = {
  ...{ prelude: "", stubs: [{ name: "f" }], countAssertions: false },
  checks: [{ source: "assert f() == 1" }],
};
const JUDGED_SLEEPER = { language: "python", source: "import time\ndef f(): time.sleep(1000)" };

const runHonest = (sandbox: Sandbox) =>
  sandbox.withProgram(HONEST, async (lease) => outputOf(await lease.run({ limits })));

/** The warden of a cell that is in the middle of a run: besides its judge it has the program for a child. */
const findBusyWarden = () =>
  processes.waitFor("a run", () =>
    processes.listWardens().find(({ pid }) => processes.listDescendants(pid).length >= 2),
  );

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox({ cells: 1, isolation: TIER });
});
afterEach(() => sandbox.dispose());

describe("a cell that fails", () => {
  it("makes its run an infrastructure_error, and the next program works", async () => {
    const running = sandbox.withProgram(SLEEPER, (lease) => lease.run({ limits }));
    process.kill((await findBusyWarden()).pid, "SIGKILL");
    expect(await running).toMatchObject({ ending: "infrastructure_error", judge: null });
    expect((await running).detail).not.toBe("");
    expect(await runHonest(sandbox)).toBe("here\n");
  });

  it("is replaced for the runs of the same program that had not begun", async () => {
    const source = `import os, time\nif input() == "sleep": time.sleep(1000)\nprint("here")`;
    const results = await sandbox.withProgram({ language: "python", source }, async (lease) => {
      const runs = ["sleep", "go", "go"].map((stdin) => lease.run({ limits, stdin: Buffer.from(stdin), again: true }));
      process.kill((await findBusyWarden()).pid, "SIGKILL");
      return Promise.all(runs);
    });
    expect(results.map(({ ending }) => ending)).toEqual(["infrastructure_error", "finished", "finished"]);
  });

  it.skipIf(availableParallelism() < 2)("and gives its place back, however many of its runs had to move", async () => {
    const two = await createSandbox({ cells: 2, isolation: TIER });
    try {
      const source = `for n in range(800): open(f"{n}", "w")`;
      for (let round = 0; round < 3; round++) {
        const runs = await two.withProgram({ language: "python", source }, (lease) =>
          Promise.all([1, 2, 3, 4].map(() => lease.run({ limits }))),
        );
        expect(runs.map(({ ending }) => ending)).toEqual(Array(4).fill("finished"));
      }
      const sleeping = [1, 2].map(() => two.withProgram(SLEEPER, (lease) => lease.run({ limits })));
      await processes.waitFor("two runs at the same time", () => {
        const busy = processes.listWardens().filter(({ pid }) => processes.listDescendants(pid).length >= 2);
        return busy.length === 2 ? busy : undefined;
      });
      await two.dispose();
      await Promise.all(sleeping);
    } finally {
      await two.dispose();
    }
  });

  it("also when only its judge is lost", async () => {
    const running = sandbox.withProgram(JUDGED_SLEEPER, (lease) => lease.run({ limits, judge }));
    const warden = await findBusyWarden();
    const [first] = processes
      .listDescendants(warden.pid)
      .sort((a, b) => Number(a.start) - Number(b.start) || a.pid - b.pid);
    process.kill(first?.pid ?? 0, "SIGKILL");
    expect(await running).toMatchObject({ ending: "infrastructure_error" });
    expect(await runHonest(sandbox)).toBe("here\n");
  });

  it("does not cost a sample its verdict: the grader tries again", async () => {
    const problem: Problem = {
      ...{ id: "p", aliases: [], format: "apps", prompt: "", entryPoint: null, starterCode: "", difficulty: null },
      ...{ references: [], limits: {}, invalid: null },
      tests: { kind: "stdin", cases: [{ input: "", output: "here\n" }] },
    };
    const grader = createGrader(sandbox, { comparator: "strict", extraction: "auto", allTests: false, limits });
    // Long enough to be caught; the second attempt runs to its end.
    const solution = `import time\ntime.sleep(1)\nprint("here")`;
    const grading = grader.grade(problem, { taskId: "p", completion: null, solution, row: {} });
    process.kill((await findBusyWarden()).pid, "SIGKILL");
    expect(await grading).toMatchObject({ verdict: "accepted", tests: { total: 1, run: 1, passed: 1 } });
  });

  it("an error of whoever holds the lease gives the cell back", async () => {
    for (let round = 0; round < 5; round++) {
      await expect(sandbox.withProgram(HONEST, () => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
    }
    expect(await runHonest(sandbox)).toBe("here\n");
    expect(processes.listWardens().length).toBe(1);
  });
});

describe("dispose", () => {
  let folder: string;
  const { TMPDIR } = process.env;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-"));
    process.env.TMPDIR = folder;
  });
  afterEach(async () => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    await rm(folder, { recursive: true });
  });

  it("leaves no process, no mount, no descriptor and no temporary file", async () => {
    await sandbox.dispose();
    const look = () => [processes.listDescendants(), processes.listMounts(), processes.listDescriptors().length];
    const before = look();
    for (let round = 0; round < 3; round++) {
      const another = await createSandbox({ isolation: TIER });
      await Promise.all(Array.from({ length: 8 }, () => runHonest(another)));
      await another.withProgram({ language: "python", source: "import numpy" }, (lease) => lease.run({ limits }));
      expect(processes.listWardens().length).toBeGreaterThan(0);
      await another.dispose();
    }
    expect(look()).toEqual(before);
    expect(await readdir(folder)).toEqual([]);
  });

  it("ends what is running, and what waits is told", async () => {
    const running = sandbox.withProgram(SLEEPER, (lease) => lease.run({ limits }));
    await findBusyWarden();
    const below = processes.listDescendants();
    await sandbox.dispose();
    expect(processes.stillThere(below)).toEqual([]);
    expect((await running).ending).toBe("infrastructure_error");
    await sandbox.dispose();
    const late = await sandbox.withProgram(HONEST, (lease) => lease.run({ limits }));
    expect(late.ending).toBe("infrastructure_error");
    expect(processes.listDescendants()).toEqual([]);
  });
});

describe("the end of the whole process by SIGKILL leaves nothing of its cells", () => {
  const command = useBuiltCommand();

  const startScript = async (body: string) => {
    const script = join(command.folder, "script.mjs");
    await writeFile(script, `import { createSandbox } from "./dist/sandbox/index.js";\n${body}`);
    return startNode([script]);
  };

  it("in the middle of runs", async () => {
    const program = { language: "python", source: `print("begun", flush=True)\n${SLEEPER.source}` };
    const run = `sandbox.withProgram(${JSON.stringify(program)}, (lease) => lease.run({ limits: ${JSON.stringify(limits)}, live }))`;
    const { child, pid, finished } = await startScript(
      `const sandbox = await createSandbox({ isolation: "${TIER}" });
      const live = { begun() {}, heard: (output) => process.stdout.write(output) };
      await Promise.all([${run}, ${run}]);`,
    );
    // Other processes come and go while a cell comes up, so the programs themselves say that they run.
    await new Promise<void>((resolve) => child.stdout?.once("data", () => resolve()));
    const below = await processes.killAbruptly(pid);
    expect(below.length).toBeGreaterThanOrEqual(4);
    expect((await finished).signal).toBe("SIGKILL");
    await processes.waitUntilGone(below);
  });

  it("while a cell is coming up", async () => {
    for (let round = 0; round < 3; round++) {
      const { pid, finished } = await startScript(
        `await createSandbox({ isolation: "${TIER}" });\nawait new Promise(() => setTimeout(() => 0, 1e9));`,
      );
      await processes.waitFor("the first process of a cell", () => processes.listDescendants(pid).length > round);
      const below = await processes.killAbruptly(pid);
      await finished;
      await processes.waitUntilGone(below);
    }
  });
});
