import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { findGroupPlace } from "../src/sandbox/memory-groups.js";
import { createSandbox, resolveLimits } from "../src/sandbox/index.js";
import { startNode, useBuiltCommand } from "./built-command.js";
import * as processes from "./processes.js";
import { outputOf, usePython } from "./sandbox-runs.js";
import { inStockContainer } from "./stock-container.js";

const python = usePython({ cells: 1, isolation: "unprivileged" });

/** Which of some Python statements raise no OSError. */
async function succeeding(statements: readonly string[]): Promise<unknown> {
  const tries = statements.map((it) => `try:\n    ${it}\n    done.append(${JSON.stringify(it)})\nexcept OSError: pass`);
  const source = `import json, os, signal, time\ndone = []\n${tries.join("\n")}\nprint(json.dumps(done))`;
  return JSON.parse(outputOf(await python.run(source)));
}

it.skipIf(!existsSync("/usr/bin/mono"))("what needs /proc is refused, and no fault of the program's", async () => {
  const source = "class P { static void Main() { System.Console.WriteLine(1); } }";
  const result = await python.sandbox.withProgram({ language: "csharp", source }, (lease) =>
    lease.run({ limits: resolveLimits() }),
  );
  expect(result).toMatchObject({ ending: "infrastructure_error", detail: expect.stringContaining("/proc") as string });
});

describe("in a cell without namespaces", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-"));
    await chmod(folder, 0o777);
    await writeFile(join(folder, "file"), "untouched");
    await chmod(join(folder, "file"), 0o666);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("a program reads the system and its own folder, and lists nothing else", async () => {
    const folders = ["/", "/etc", "/home", "/proc", "/root", "/sys", "/tmp", "/var", "/dev", folder];
    const files = ["/etc/passwd", "/etc/hostname", "/proc/self/status", "/proc/1/cmdline", `${folder}/file`];
    expect(await succeeding(folders.map((path) => `os.listdir("${path}")`))).toEqual([]);
    expect(await succeeding(files.map((path) => `open("${path}").read()`))).toEqual([]);
    const own = [`os.listdir("/usr")`, `os.listdir(".")`, `open("/dev/null", "w").write("x")`, `open("new", "w")`];
    expect(await succeeding(own)).toEqual(own);
  });

  it("it changes nothing outside, not even what everybody may change", async () => {
    const file = `${folder}/file`;
    const ways = [
      `open("${file}", "w")`,
      `open("${file}", "a")`,
      `os.truncate("${file}", 0)`,
      `os.fchmod(os.open("/usr/bin/env", os.O_RDONLY), 0o755)`,
      `os.fchmod(os.open(".", os.O_RDONLY), 0o700)`,
      `os.unlink("${file}")`,
      `os.rename("${file}", "${folder}/other")`,
      `os.link("${file}", "here")`,
      `os.chmod("${file}", 0)`,
      `os.utime("${file}")`,
      `os.utime("${file}", ns=(7, 7))`,
      `open("${folder}/new", "w")`,
      `os.mkdir("${folder}/new")`,
      `os.symlink("/usr", "${folder}/new")`,
      `os.mkfifo("${folder}/new")`,
      `os.rename(".", "../elsewhere")`,
      `open("../assay/warden/warden.py", "a")`,
    ];
    expect(await succeeding(ways)).toEqual([]);
    expect(await readdir(folder)).toEqual(["file"]);
    expect(await readFile(file, "utf8")).toBe("untouched");
  });

  it("it neither signals nor asks after other processes", async () => {
    const others = ["os.getppid()", "1", "-1", "0", String(process.pid)];
    const ways = others.flatMap((pid) => [`os.kill(${pid}, 0)`, `open(f"/proc/{${pid}}/stat").read()`]);
    ways.push("os.getpgid(os.getppid())", "os.getsid(1)");
    ways.push("time.clock_gettime((~os.getppid() << 3) | 2)", "time.clock_getres((~os.getppid() << 3) | 2)");
    expect(await succeeding(ways)).toEqual([]);
    const own = ["os.kill(os.getpid(), 0)", "os.getpgid(0)", "time.process_time()", "time.clock_getres((~0 << 3) | 2)"];
    expect(await succeeding(own)).toEqual(own);
  });

  it("it cannot fill the disk", async () => {
    const flood = `import os\nn = 0\nwhile True:\n    open(f"{n % 12}", "wb").write(bytes(12 << 20))\n    n += 1`;
    const result = await python.run(flood, { limits: { cpuMs: 60_000, wallMs: 60_000 } });
    expect(result.ending).toMatch(/^(runtime_error|memory_limit)$/);
    expect(result.usage.wallMs).toBeLessThan(60_000);
    expect(outputOf(await python.run(`import os\nprint(os.listdir("."))`))).toBe("[]\n");
  });

  it.each([
    ["through a descriptor", `try: os.fchmod(os.open(".", os.O_RDONLY), 0)\nexcept PermissionError: pass`],
    ["from the beginning", `os.mkdir("a", 0)`],
  ])("a folder that was closed %s is no trouble for the next program", async (_how, close) => {
    expect((await python.run(`import os\n${close}`)).ending).toBe("finished");
    expect(await succeeding([`open("new", "w")`])).toEqual([`open("new", "w")`]);
    expect(outputOf(await python.run(`import os\nprint(os.listdir("."))`))).toBe("[]\n");
  });

  it.each([
    ["in a folder that cannot be listed", `os.mkdir("a", 0o300)\nos.chdir("a")`],
    ["deeper than a path can name", `for _ in range(20):\n    os.mkdir("a" * 250)\n    os.chdir("a" * 250)`],
  ])("it fills no disk %s either", async (_where, hide) => {
    const flood = `for n in range(12): open(str(n), "wb").write(bytes(12 << 20))`;
    const result = await python.run(`import os, time\n${hide}\n${flood}\ntime.sleep(60)`, {
      limits: { cpuMs: 60_000, wallMs: 60_000 },
    });
    expect(result.ending).toMatch(/^(runtime_error|memory_limit)$/);
    expect(outputOf(await python.run(`import os\nprint(os.listdir("."))`))).toBe("[]\n");
  });

  it("what it leaves is fetched, however much that is", async () => {
    const source = `import os\nos.mkdir("d", 0o300)\nopen("out", "w").write("x" * 8_000_000)`;
    for (let run = 0; run < 15; run++) {
      const result = await python.sandbox.withProgram({ language: "python", source }, (lease) =>
        lease.run({ limits: resolveLimits({}), fetch: ["out"] }),
      );
      // It may still be there when its folder is found out.
      expect(["finished", "runtime_error"]).toContain(result.ending);
    }
  });

  it("more threads than allowed end it", async () => {
    const source = `import threading, time\nfor _ in range(20): threading.Thread(target=time.sleep, args=(50,), daemon=True).start()\ntime.sleep(50)`;
    const result = await python.run(source, { limits: { processes: 4, wallMs: 60_000 } });
    expect(result.ending).toBe("runtime_error");
    expect(result.usage.wallMs).toBeLessThan(40_000);
  });
});

describe("the command", () => {
  const command = useBuiltCommand();

  it("in a stock container falls back to this tier, and every wall holds", async () => {
    await chmod(command.folder, 0o755);
    for (const user of ["ordinary", "root"] as const) {
      const doctor = [process.execPath, join(command.folder, "dist/cli/main.js"), "doctor", "--json"];
      const { file, args } = inStockContainer(doctor, command.folder, user);
      const { execa } = await import("execa");
      const { stdout, stderr } = await execa(file, args, { reject: false, cwd: "/", timeout: 120_000 });
      // An ordinary user may not be let in to where the project stands.
      if (/EACCES|Cannot find (module|package)/.test(stderr) && user === "ordinary") continue;
      const report = JSON.parse(stdout) as {
        ok: boolean;
        isolation: string;
        checks: { ok: boolean; required: boolean }[];
      };
      expect(report.checks.filter(({ ok, required }) => required && !ok)).toEqual([]);
      expect(report).toMatchObject({ ok: true, isolation: "unprivileged" });
    }
  }, 240_000);

  it("killed, leaves folders and cgroups at most until the next start", async () => {
    const script = join(command.folder, "script.mjs");
    const body = `await createSandbox({ isolation: "unprivileged" });\nsetTimeout(() => 0, 1e9);`;
    await writeFile(script, `import { createSandbox } from "./dist/sandbox/index.js";\n${body}`);
    const { pid, finished } = startNode([script]);
    await processes.waitFor("a cell", () => processes.listWardens(pid).length > 0);
    const below = await processes.killAbruptly(pid);
    await finished;
    await processes.waitUntilGone(below);
    const next = await createSandbox({ cells: 1, isolation: "unprivileged" });
    await next.dispose();
    const place = findGroupPlace();
    const folders = [tmpdir(), ...(typeof place === "string" ? [] : [place.folder])];
    const names = (await Promise.all(folders.map((folder) => readdir(folder)))).flat();
    expect(names.filter((name) => name.startsWith("assay-cell-") && name.split("-")[4] === String(pid))).toEqual([]);
  });
});
