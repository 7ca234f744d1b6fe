import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { resolveLimits } from "../src/sandbox/index.js";
import { atPlace, outputOf, TIER, usePython } from "./sandbox-runs.js";

process.env.ASSAY_TEST_SECRET = "secret";
// One cell, so that every run below finds whatever the run before it left.
const python = usePython({ cells: 1 });

/** Without namespaces names, modes and times are not a program's own; `unprivileged.test.ts` says what holds there. */
const withNamespaces = it.skipIf(TIER === "unprivileged");
const [TMP, IO] = [atPlace("/tmp"), atPlace("/io")];

/** What a Python expression comes to in a script, as JSON. */
async function evaluate(expression: string, setUp = ""): Promise<unknown> {
  const source = `import json, os\n${setUp}\nprint(json.dumps(${expression}))`;
  return JSON.parse(outputOf(await python.run(source, { stdin: "in" })));
}

/** Which of some Python statements raise no OSError. */
async function succeeding(statements: readonly string[]): Promise<unknown> {
  const tries = statements.map((it) => `try:\n    ${it}\n    done.append(${JSON.stringify(it)})\nexcept OSError: pass`);
  return evaluate("done", `import socket\ndone = []\n${tries.join("\n")}`);
}

describe("what a program sees", () => {
  it("every processor that this process may use, in one run after the other", async () => {
    const [, allowed = ""] = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    const processors = allowed.split(",").flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, number) => first + number);
    });
    const seen = "sorted(os.sched_getaffinity(0))";
    for (let run = 0; run < 4; run++) {
      expect(await evaluate(seen)).toEqual(processors);
      const judged = await python.judge(
        `import os\ndef f(): return ${seen}`,
        `assert f() == ${JSON.stringify(processors)}`,
      );
      expect(judged.judge).toMatchObject({ passed: 1 });
    }
  });

  withNamespaces("nothing of this process's environment", async () => {
    const names = (await evaluate("sorted(os.environ)")) as string[];
    expect(names).not.toContain("ASSAY_TEST_SECRET");
    const known = ["HOME", "LANG", "LC_ALL", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PATH", "PWD", "TZ"];
    known.push("PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONNOUSERSITE");
    expect(known).toEqual(expect.arrayContaining(names));
    expect(await evaluate(`[os.environ["HOME"], os.environ["PATH"], os.getcwd()]`)).toEqual([
      "/tmp",
      "/usr/bin:/bin",
      "/tmp",
    ]);
  });

  withNamespaces("no processes, no users, no homes, no folder of this project", async () => {
    const paths = [
      "/proc",
      "/sys",
      "/etc/passwd",
      "/etc/shadow",
      "/etc/hostname",
      "/home",
      "/root",
      "/var",
      "/run",
      "/dev/shm",
    ];
    const seen = await evaluate(`[p for p in ${JSON.stringify([...paths, import.meta.dirname])} if os.path.exists(p)]`);
    expect(seen).toEqual([]);
    expect(await evaluate(`os.listdir("/tmp")`)).toEqual([]);
  });

  withNamespaces("a nobody on a machine without a name", async () => {
    expect(await evaluate("[os.getuid(), os.geteuid(), os.getgid(), os.getegid(), os.uname().nodename]")).toEqual([
      65534,
      65534,
      65534,
      65534,
      "cell",
    ]);
    expect(await evaluate("[group for group in os.getgroups() if group != 65534]")).toEqual([]);
  });

  withNamespaces("no other folder than /tmp that it can write to", async () => {
    const folders = [
      "/",
      "/assay",
      "/bin",
      "/dev",
      "/etc",
      "/lib",
      "/usr",
      "/usr/lib/python3",
      "/usr/local/lib",
      "/tmp",
    ];
    expect(await succeeding(folders.map((folder) => `open("${folder}/new", "w").close()`))).toEqual([
      `open("/tmp/new", "w").close()`,
    ]);
  });

  it("no way to make a process", async () => {
    const ways = [
      "os.fork()",
      `os.system("true") and None or 1 / 0`,
      `os.execv("/bin/true", ["true"])`,
      "os.kill(1, 0)",
      "os.kill(-1, 0)",
    ];
    const [fork, , ...others] = ways;
    expect(await succeeding([fork ?? "", ...others])).toEqual([]);
    expect(await python.run(`import subprocess\nsubprocess.run(["true"])`)).toMatchObject({
      ending: "runtime_error",
      detail: expect.stringContaining("PermissionError") as string,
    });
  });

  describe("no network", () => {
    let server: Server;
    let connections = 0;
    beforeAll(async () => {
      server = createServer(() => (connections += 1));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    afterAll(() => server.close());

    it("and no socket to begin with", async () => {
      const { port } = server.address() as { port: number };
      const statements = [
        `socket.create_connection(("127.0.0.1", ${port}), 1)`,
        ...["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET"].map(
          (family) =>
            `socket.socket(socket.${family}, ${family === "AF_PACKET" ? "socket.SOCK_RAW" : "socket.SOCK_DGRAM"})`,
        ),
      ];
      expect(await succeeding(statements)).toEqual([]);
      expect(connections).toBe(0);
    });
  });
});

describe("each run is a fresh process", () => {
  const isGone = async (_what: string, leave: string, look: string) => {
    expect((await python.run(leave)).ending).toBe("finished");
    expect([false, 0, []]).toContainEqual(await evaluate(look));
  };

  it.each([
    ["a name in a module", "import math\nmath.kept = 1", "hasattr(__import__('math'), 'kept')"],
    ["a built-in name", "import builtins\nbuiltins.kept = 1", "'kept' in dir(__builtins__)"],
    ["a module", "import sys\nsys.modules['kept'] = sys", "'kept' in __import__('sys').modules"],
    ["a file in /tmp", "open('kept', 'w').write('x')", `os.listdir('${TMP}')`],
    ["a hidden file", `open('${TMP}/.kept', 'w').write('x')`, `os.listdir('${TMP}')`],
    ["folders with files", "import os\nos.makedirs('a/b/c')\nopen('a/b/c/d', 'w')", `os.listdir('${TMP}')`],
    ["a link", "import os\nos.symlink('/usr', 'kept')", `os.listdir('${TMP}')`],
    ["a file beside the input", `open('${IO}/kept', 'w').write('x')`, `os.listdir('${IO}') != ['stdin']`],
    ["a link to itself", "import os\nos.symlink('a', 'a')", `os.listdir('${TMP}')`],
    ["a name that is not UTF-8", `open(b'${TMP}/\\xff', 'w')`, `os.listdir('${TMP}')`],
    ["a path of great depth", "import os\nfor _ in range(400): os.mkdir('d') or os.chdir('d')", `os.listdir('${TMP}')`],
    ["many files", "for n in range(2000): open(f'{n}', 'w')", `os.listdir('${TMP}')`],
    [
      "another file as the input",
      `import os\nos.unlink('${IO}/stdin')\nos.makedirs('${IO}/stdin/a')`,
      "input() != 'in'",
    ],
    ["another mask for new files", "import os\nos.umask(0o777)", "os.umask(0) == 0o777"],
    ["a variable of the environment", "import os\nos.environ['kept'] = 'x'", "'kept' in os.environ"],
    ["a recursion limit", "import sys\nsys.setrecursionlimit(5000)", "__import__('sys').getrecursionlimit() == 5000"],
    [
      "a signal that is ignored",
      "import signal\nsignal.signal(15, signal.SIG_IGN)",
      "__import__('signal').getsignal(15) == 1",
    ],
    ["an alarm", "import signal\nsignal.alarm(1)", "__import__('signal').alarm(0)"],
  ])("%s is gone", isGone);

  withNamespaces.each([
    [
      "a folder nobody may enter",
      "import os\nos.makedirs('a/b')\nos.chmod('a/b', 0)\nos.chmod('a', 0)",
      "os.listdir('/tmp')",
    ],
    ["another mode of /tmp", "import os\nos.chmod('/tmp', 0)", "not os.access('/tmp', os.R_OK | os.W_OK | os.X_OK)"],
    ["a sticky /tmp", "import os\nos.chmod('/tmp', 0o1755)", "os.stat('/tmp').st_mode & 0o1000"],
    ["another mode of /io", "import os\nos.chmod('/io', 0)", "input() != 'in'"],
    ["a time at /tmp", "import os\nos.utime('/tmp', ns=(7007, 7007))", "os.stat('/tmp').st_mtime_ns % 10_000 == 7007"],
    ["a time at /io", "import os\nos.utime('/io', ns=(7007, 7007))", "os.stat('/io').st_mtime_ns % 10_000 == 7007"],
    ["another working folder", "import os\nos.chdir('/usr')", "os.getcwd() != '/tmp'"],
  ])("%s is gone", isGone);

  it("and can put nothing into the kernel's notes on a file", async () => {
    // F_SETLEASE and F_SET_RW_HINT, on a folder of its own that stays.
    for (const command of [1024, 1036]) {
      const source = `import fcntl, os\nfcntl.fcntl(os.open(".", os.O_RDONLY), ${command}, bytes(8))`;
      expect((await python.run(source)).detail).toContain("PermissionError");
    }
  });

  it("also between the tests of one program", async () => {
    const source = `import os\nprint(os.path.exists("kept"), getattr(os, "kept", None))\nopen("kept", "w")\nos.kept = 1`;
    const outputs = await python.sandbox.withProgram({ language: "python", source }, async (lease) => {
      const spec = { limits: resolveLimits(), again: true };
      return [await lease.run(spec), await lease.run(spec), await lease.run(spec)].map(outputOf);
    });
    expect(outputs).toEqual(Array(3).fill("False None\n"));
  });

  it("random numbers are the same in each, so that a verdict is", async () => {
    const draw = () => evaluate("[random.random(), hash('x'), sorted({'a', 'b'}, key=hash)]", "import random");
    expect(await draw()).toEqual(await draw());
  });
});
