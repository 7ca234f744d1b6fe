import { describe, expect, it } from "vitest";

import { resolveLimits } from "../src/sandbox/index.js";
import { outputOf, usePython } from "./sandbox-runs.js";

const python = usePython();
const LARGE = Buffer.alloc(10 << 20, "0123456789abcde\n");

describe("a script reads its input", () => {
  it.each([
    ["input()", `print(input() + input())`],
    ["input with a prompt", `a = input("")\nprint(a + input())`],
    ["sys.stdin", `import sys\nprint(sys.stdin.read().replace("\\n", ""))`],
    ["lines of sys.stdin", `import sys\nprint("".join(line.strip() for line in sys.stdin))`],
    ["sys.stdin.readline", `import sys\nr = sys.stdin.readline\nprint(r().strip() + r().strip() + r())`],
    ["sys.stdin.buffer", `import sys\nprint(sys.stdin.buffer.read().replace(b"\\n", b"").decode())`],
    ["bytes line by line", `import sys\nprint(b"".join(map(bytes.strip, sys.stdin.buffer)).decode())`],
    ["open(0)", `print(open(0).read().replace("\\n", ""))`],
    ["open('/dev/stdin')", `print(open("/dev/stdin").read().replace("\\n", ""))`],
    ["os.read", `import os\nprint(os.read(0, 1 << 20).replace(b"\\n", b"").decode())`],
    ["all that os.fstat says", `import os\nprint(os.read(0, os.fstat(0).st_size).replace(b"\\n", b"").decode())`],
    [
      "io.BytesIO over os.read",
      `import io, os\nprint(io.BytesIO(os.read(0, os.fstat(0).st_size)).read().replace(b"\\n", b"").decode())`,
    ],
    ["mmap", `import mmap\nprint(mmap.mmap(0, 0, access=mmap.ACCESS_READ)[:].replace(b"\\n", b"").decode())`],
    ["fileinput", `import fileinput\nprint("".join(line.strip() for line in fileinput.input()))`],
    ["select first", `import select, sys\nselect.select([0], [], [])\nprint(sys.stdin.read().replace("\\n", ""))`],
    ["in a thread", `import threading\nt = threading.Thread(target=lambda: print(input() + input()))\nt.start()`],
  ])("by %s", async (_way, source) => {
    expect(outputOf(await python.run(source, { stdin: "first é\nsecond\n" }))).toBe("first ésecond\n");
  });

  it("whose last line has no end", async () => {
    expect(outputOf(await python.run(`print(input(), input())`, { stdin: "a\nb" }))).toBe("a b\n");
  });

  it("with every kind of line end", async () => {
    const source = `import sys\nprint(sys.stdin.buffer.read())`;
    expect(outputOf(await python.run(source, { stdin: "a\r\nb\rc\0d\n" }))).toBe(`b'a\\r\\nb\\rc\\x00d\\n'\n`);
    expect(outputOf(await python.run(`print(repr(input()))`, { stdin: "a\r\n" }))).toBe("'a\\r'\n");
  });

  it("which is not UTF-8", async () => {
    const stdin = Buffer.from([0x61, 0xff, 0xfe, 0x0a]);
    expect(outputOf(await python.run(`import sys\nprint(sys.stdin.buffer.read())`, { stdin }))).toBe(
      `b'a\\xff\\xfe\\n'\n`,
    );
    expect((await python.run(`print(input())`, { stdin })).ending).not.toBe("infrastructure_error");
  });

  it("which is empty", async () => {
    const source = `import os, sys\nprint(repr(sys.stdin.read()), os.fstat(0).st_size)`;
    expect(outputOf(await python.run(source))).toBe("'' 0\n");
  });

  it("of ten megabytes", async () => {
    const source = `import sys, os\ndata = sys.stdin.buffer.read()\nprint(len(data), data.count(b"\\n"), data[-6:], os.fstat(0).st_size)`;
    expect(outputOf(await python.run(source, { stdin: LARGE }))).toBe("10485760 655360 b'abcde\\n' 10485760\n");
  });

  it("or leaves it, in whole or in part", async () => {
    expect(outputOf(await python.run(`print("done")`, { stdin: LARGE }))).toBe("done\n");
    expect(outputOf(await python.run(`print(input())`, { stdin: LARGE }))).toBe("0123456789abcde\n");
    expect(outputOf(await python.run(`import os\nos.close(0)\nprint("done")`, { stdin: LARGE }))).toBe("done\n");
  });

  it("or fails to compile and leaves it, and the next run gets its own", async () => {
    expect(await python.run(`def`, { stdin: LARGE })).toMatchObject({ ending: "compile_error" });
    expect(outputOf(await python.run(`print(input())`, { stdin: "mine" }))).toBe("mine\n");
  });

  it("and cannot change it", async () => {
    const source = `
import os
for way in (lambda: os.write(0, b"x"), lambda: os.ftruncate(0, 0)):
    try: way()
    except OSError: pass
print(input())`;
    expect(outputOf(await python.run(source, { stdin: "kept\n" }))).toBe("kept\n");
  });

  it("which is another one for each run of one program", async () => {
    const outputs = await python.sandbox.withProgram(
      { language: "python", source: "print(input())" },
      async (lease) => {
        const runs = ["1", "2", LARGE, "3"].map((stdin) =>
          lease.run({ limits: resolveLimits(), stdin: Buffer.from(stdin), again: true }),
        );
        return (await Promise.all(runs)).map(outputOf);
      },
    );
    expect(outputs).toEqual(["1\n", "2\n", "0123456789abcde\n", "3\n"]);
  });
});
