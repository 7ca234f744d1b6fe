import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { afterEach, describe, expect, it } from "vitest";

import { resolveLimits } from "../src/sandbox/index.js";
import { listDescendants, listWardens } from "./processes.js";
import { outputOf, usePython } from "./sandbox-runs.js";

const python = usePython({ cells: 1 });

describe("a program that sleeps about as long as it may", () => {
  it("ends at its limit or before, and never takes the program behind it along", async () => {
    const judge = {
      ...{ prelude: "", stubs: [{ name: "f" }], countAssertions: false },
      checks: [{ source: "assert f() == 1" }],
    };
    for (let round = 0; round < 120; round++) {
      const sleeper = `import time\ntime.sleep(${(40 + (round % 24) / 2) / 1000})`;
      const [slept, script, judged] = await Promise.all([
        python.run(sleeper, { limits: { wallMs: 50 } }),
        python.run(`import time\ntime.sleep(0.02)\nprint("here")`),
        python.sandbox.withProgram({ language: "python", source: "def f(): return 1" }, (lease) =>
          lease.run({ limits: resolveLimits(), judge }),
        ),
      ]);
      expect(["finished", "time_limit"]).toContain(slept.ending);
      expect(outputOf(script)).toBe("here\n");
      expect(judged).toMatchObject({ ending: "finished", judge: { passed: 1 } });
    }
  });
});

describe("a program whose output is taken in late", () => {
  it("has not slept meanwhile", async () => {
    let isFirst = true;
    const live = {
      begun: () => undefined,
      // Nothing of this process goes on here, and what the program writes has no room.
      heard: () => {
        if (isFirst) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
        isFirst = false;
      },
    };
    const source = `import sys\nsys.stdout.write("x" * (4 << 20))`;
    const result = await python.sandbox.withProgram({ language: "python", source }, (lease) =>
      lease.run({ limits: resolveLimits({ wallMs: 500 }), live }),
    );
    expect(outputOf(result)).toHaveLength(4 << 20);
  });
});

describe("on a busy machine", () => {
  const others: ChildProcess[] = [];
  afterEach(() => others.splice(0).forEach((other) => other.kill("SIGKILL")));

  it("waiting for a processor is not sleeping, but sleeping still is", async () => {
    for (let n = 0; n < 4 * availableParallelism(); n++) {
      others.push(spawn(process.execPath, ["--eval", "for (;;);"], { stdio: "ignore" }));
    }
    const worker = `import time\nwhile time.process_time() < 0.4: pass\nprint("done")`;
    expect(outputOf(await python.run(worker, { limits: { cpuMs: 4000, wallMs: 500 } }))).toBe("done\n");
    const sleeper = await python.run("import time\ntime.sleep(1000)", { limits: { wallMs: 500 } });
    expect(sleeper).toMatchObject({ ending: "time_limit", detail: "elapsed time" });
  });

  it("waiting for a judge that waits for a processor is not sleeping", async () => {
    const judge = {
      ...{ prelude: "", stubs: [{ name: "f" }], countAssertions: false },
      checks: [{ source: "for n in range(1500000): sum(range(50))\nassert f() == 1" }],
    };
    const answer = (wallMs: number) =>
      python.sandbox.withProgram({ language: "python", source: "def f(): return 1" }, (lease) =>
        lease.run({ limits: { ...resolveLimits(), wallMs }, judge }),
      );
    const { usage } = await answer(60_000);
    const [warden] = listWardens();
    const judges = listDescendants(warden?.pid);
    expect(judges).toHaveLength(1);
    // The judge gets its turn of one processor behind others of its kind.
    for (const { pid } of judges) execFileSync("taskset", ["-a", "-c", "-p", "0", String(pid)]);
    for (let n = 0; n < 6; n++) {
      const loop = spawn("taskset", ["-c", "0", "sh", "-c", "echo; while :; do :; done"]);
      others.push(loop);
      await once(loop.stdout, "data");
    }
    const result = await answer(Math.ceil(2 * usage.wallMs));
    expect(result).toMatchObject({ ending: "finished", judge: { passed: 1 } });
  });

  it("a loop without end is over its CPU time, however slowly it gets there", async () => {
    for (let n = 0; n < 4 * availableParallelism(); n++) {
      others.push(spawn(process.execPath, ["--eval", "for (;;);"], { stdio: "ignore" }));
    }
    const loops = ["while True: pass", "len(str(7 ** (1 << 34)))", "import re\nre.match('(a|aa)+$', 'a' * 60 + '!')"];
    const results = await Promise.all(loops.map((loop) => python.run(loop, { limits: { cpuMs: 600 } })));
    for (const result of results) expect(result).toMatchObject({ ending: "time_limit", detail: "CPU time" });
  });
});
