import { describe, expect, it } from "vitest";

import type { RunFile, RunResult, RunSpec } from "../src/sandbox/contract.js";
import { ARGUMENTS_AT_MOST, FILES_AT_MOST, FILES_BYTES } from "../src/sandbox/files.js";
import { resolveLimits } from "../src/sandbox/index.js";
import { atPlace, outputOf, usePython } from "./sandbox-runs.js";

// One cell: each run comes after all the others in the same place.
const python = usePython({ cells: 1 });

type Files = Readonly<Record<string, string | Uint8Array>>;
interface Options extends Pick<RunSpec, "args" | "fetch"> {
  readonly files?: Files;
  readonly fileBytes?: number;
  readonly cpuMs?: number;
}

function run(source: string, { files = {}, fileBytes, cpuMs, ...rest }: Options = {}): Promise<RunResult> {
  const limits = resolveLimits({ ...(fileBytes === undefined ? {} : { fileBytes }), cpuMs: cpuMs ?? 10_000 });
  const list = Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content) }));
  return python.sandbox.withProgram({ language: "python", source }, (lease) =>
    lease.run({ limits, files: list, ...rest }),
  );
}

/** What came back, by path. */
const fetched = (result: RunResult): Record<string, string> =>
  Object.fromEntries((result.files ?? []).map(({ path, content }) => [path, Buffer.from(content).toString()]));

/** Every file and folder below the working folder and the place of the input. */
const LIST = `import os
for top in (".", "${atPlace("/io")}"):
    for folder, folders, names in os.walk(top):
        for name in sorted(folders + names): print(os.path.join(folder, name))
`;

describe("files for a program", () => {
  it("are in its working folder, byte for byte, in subfolders too", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    const source = `print(open("a.txt").read(), open("in/two/b.bin", "rb").read() == bytes(range(256)), open("${atPlace("/tmp")}/empty").read() == "")`;
    const files = { "a.txt": "über", "in/two/b.bin": bytes, empty: "" };
    expect(outputOf(await run(source, { files }))).toBe("über True True\n");
  });

  it("can be modules that it imports", async () => {
    const files = { "code.py": "x = 7", "tools/__init__.py": "from . import inner", "tools/inner.py": "y = 8" };
    expect(outputOf(await run("import code, tools\nprint(code.x, tools.inner.y)", { files }))).toBe("7 8\n");
    // Without files everything is as it was.
    expect(outputOf(await run("import code\nprint(hasattr(code, 'InteractiveConsole'))"))).toBe("True\n");
  });

  it("run nothing of it before its walls are up, though the compiler imports modules for a warning and for a name", async () => {
    const spy = `import os\nos.write(1, b"before\\n")`;
    const files = { "linecache.py": spy, "unicodedata.py": spy };
    for (const source of ["x = 1 is 1\nprint('fine')", "über = 1\nprint('fine')"]) {
      const result = await run(source, { files });
      expect([result.ending, result.stdout.toString()]).toEqual(["finished", "fine\n"]);
    }
  });

  it("come with its input and its arguments", async () => {
    const limits = resolveLimits({});
    const source = `import sys\nprint(len(sys.stdin.read()), len(open("big").read()), sys.argv[1:])`;
    const result = await python.sandbox.withProgram({ language: "python", source }, (lease) =>
      lease.run({
        ...{ limits, stdin: Buffer.alloc(3 << 20, "i"), args: ["one"] },
        files: [{ path: "big", content: Buffer.alloc(20 << 20, "f") }],
      }),
    );
    expect(outputOf(result)).toBe(`${3 << 20} ${20 << 20} ['one']\n`);
  });

  it("may be as many as are allowed, with any names, and are gone for the next program", async () => {
    const names = ["with space", "-rf", "*", "ünï→😀", 'quo"te', "new\nline", "back\\slash", "x".repeat(255), "..."];
    while (names.length < FILES_AT_MOST) names.push(`deep/${names.length % 7}/er/${names.length}`);
    const files = Object.fromEntries(names.map((name) => [name, name]));
    const source = `import os, sys, hashlib\nprint(sum(len(names) for _, _, names in os.walk(".")))`;
    const result = await run(source, { files, fetch: names });
    expect(outputOf(result)).toBe(`${FILES_AT_MOST}\n`);
    expect(fetched(result)).toEqual(files);
    expect(outputOf(await run(LIST))).toBe(`${atPlace("/io")}/stdin\n`);
  });

  it("are there for the one run of a program that they were given to", async () => {
    const limits = resolveLimits({});
    const results = await python.sandbox.withProgram({ language: "python", source: LIST }, (lease) =>
      Promise.all(
        [["a"], [], ["b/c"], []].map((paths) =>
          lease.run({ limits, again: true, files: paths.map((path) => ({ path, content: Buffer.from("x") })) }),
        ),
      ),
    );
    expect(results.map(outputOf)).toEqual(
      ["./a\n", "", "./b\n./b/c\n", ""].map((text) => `${text}${atPlace("/io")}/stdin\n`),
    );
  });
});

describe("arguments for a program", () => {
  it("reach it as they are", async () => {
    const args = [
      "",
      " ",
      "a b",
      "--help",
      "-c",
      "$(id)",
      "'\"\\",
      "\n\t\r\x1b\x7f",
      "ünï→😀",
      "*",
      "x".repeat(100_000),
    ];
    const result = await run("import sys, json\nprint(json.dumps(sys.argv))", { args });
    expect(JSON.parse(outputOf(result))).toEqual(["solution.py", ...args]);
  });

  it("are gone for the next program", async () => {
    await run("pass", { args: ["a"] });
    expect(outputOf(await run("import sys\nprint(len(sys.argv))"))).toBe("1\n");
  });
});

describe("what is fetched of a program", () => {
  it("are the files that it wrote, changed or left alone, each under the path it was asked for by", async () => {
    const source = `import os
open("new", "wb").write(bytes(range(256)))
os.makedirs("out/deep")
open("out/deep/two", "w").write("2")
open("changed", "a").write("!")
os.remove("removed")
os.mkdir("folder")`;
    const files = { same: "same", changed: "changed", removed: "removed" };
    const fetch = ["new", "./out//deep/two", "same", "changed", "removed", "folder", "nowhere/at/all", "same"];
    const result = await run(source, { files, fetch });
    expect(result.ending).toBe("finished");
    expect(result.files?.map(({ path }) => path)).toEqual(["new", "./out//deep/two", "same", "changed", "same"]);
    expect(result.files?.[0]?.content).toEqual(Buffer.from(Uint8Array.from({ length: 256 }, (_, n) => n)));
    expect(fetched(result)).toMatchObject({ "./out//deep/two": "2", same: "same", changed: "changed!" });
  });

  it("does not depend on how it ended", async () => {
    const write = `open("a", "w", buffering=1).write("half\\n")\n`;
    for (const [rest, ending] of [
      ["1 / 0", "runtime_error"],
      ["import os\nos.abort()", "runtime_error"],
      ["while True: pass", "time_limit"],
      ["while True: print('x' * 10000)", "output_limit"],
    ]) {
      const result = await run(write + (rest ?? ""), { fetch: ["a"], cpuMs: 300 });
      expect([result.ending, fetched(result)]).toEqual([ending, { a: "half\n" }]);
    }
    expect(await run("(", { fetch: ["a"] })).toMatchObject({ ending: "compile_error", files: [] });
  });

  it("is an empty list where nothing is wanted", async () => {
    expect((await run(`open("a", "w").write("a")`)).files).toEqual([]);
  });

  it("is what stood there at the end, with threads at work until then", async () => {
    const source = `import os, threading
open("good", "w").write("good" * 1000); os.symlink("/usr/bin/python3", "link")
def swap():
    while True:
        try:
            os.rename("good", "a"); os.rename("a", "good"); os.rename("link", "a"); os.rename("a", "link")
        except OSError: pass
for _ in range(4): threading.Thread(target=swap, daemon=True).start()
import time; time.sleep(0.05)`;
    for (let round = 0; round < 5; round++) {
      const result = await run(source, { fetch: ["good", "a", "link"] });
      for (const { content } of result.files ?? []) expect(Buffer.from(content).toString()).toBe("good".repeat(1000));
    }
  });
});

describe("what a program puts in place of a file that is fetched", () => {
  it.each([
    ["a link to a file of the system", `os.symlink("/usr/lib/os-release", "x")`],
    ["a link to /etc/passwd", `os.symlink("/etc/passwd", "x")`],
    ["a link to a file of its own", `open("y", "w").write("y"); os.symlink("y", "x")`],
    ["a link to its input", `os.symlink("${atPlace("/io")}/stdin", "x")`],
    ["a link to a device", `os.symlink("/dev/zero", "x")`],
    ["a link to itself", `os.symlink("x", "x")`],
    ["a folder", `os.mkdir("x")`],
    ["a file that it may not read itself", `os.write(os.open("x", os.O_WRONLY | os.O_CREAT, 0), b"x")`],
    ["a file in a folder nobody may enter", `os.fchmod(os.open(".", os.O_RDONLY), 0)`],
    ["a FIFO, where it may make one", `os.mkfifo("x")`],
    ["a device, where it may make one", `os.mknod("x", 0o020666, os.makedev(1, 5))`],
    ["a socket, where it may make one", `import socket; socket.socket(socket.AF_UNIX).bind("x")`],
  ])("%s is not read", async (_what, put) => {
    const source = `import os\ntry:\n    ${put.replaceAll("; ", "\n    ")}\nexcept OSError: pass`;
    expect(await run(source, { fetch: ["x"] })).toMatchObject({ ending: "finished", files: [] });
    expect(outputOf(await run(LIST))).toBe(`${atPlace("/io")}/stdin\n`);
  });

  it("a folder on the way is no link either, and no file", async () => {
    const source = `import os
os.makedirs("real/inner"); open("real/inner/f", "w").write("mine")
os.symlink("/usr/lib", "a"); os.symlink("real", "b"); os.symlink("..", "real/up"); os.symlink("/", "real/root")
open("c", "w").write("c"); os.symlink(".", "real/inner/here")`;
    const wrong = [
      "a/os-release",
      "b/inner/f",
      "real/up/c",
      "real/root/usr/lib/os-release",
      "c/f",
      "real/inner/here/f",
    ];
    expect(fetched(await run(source, { fetch: [...wrong, "real/inner/f"] }))).toEqual({ "real/inner/f": "mine" });
    expect(outputOf(await run(LIST))).toBe(`${atPlace("/io")}/stdin\n`);
  });

  it("a file that is larger than allowed is left out", async () => {
    const source = `import os
for name, size in (("huge", 1 << 38), ("over", 5001), ("exact", 5000)):
    with open(name, "w") as file:
        try: os.truncate(file.fileno(), size)
        except OSError: pass
`;
    const signal = `import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n`;
    const files = { given: "x".repeat(5001) };
    const result = await run(signal + source, { files, fetch: ["given", "over", "exact"], fileBytes: 5000 });
    expect(result.files?.map(({ path, content }) => [path, content.byteLength])).toEqual([
      ["over", 0],
      ["exact", 5000],
    ]);
    const sparse = await run(source, { fetch: ["huge", "exact"], fileBytes: 2 ** 40 });
    expect(sparse.files?.map(({ path, content }) => [path, content.byteLength])).toEqual([["exact", 5000]]);
  });

  it("many large ones come back only as far as all of them together may", async () => {
    const names = Array.from({ length: 9 }, (_, n) => `${n}`);
    const result = await run(`for n in range(9): open(str(n), "w").truncate(10 << 20)`, { fetch: names });
    expect(result.files?.map(({ path }) => path)).toEqual(names.slice(0, 6));
  });
});

describe("a path or an argument that is not allowed is refused before anything runs", () => {
  const refusal = (spec: Omit<Options, "files"> & { files?: readonly RunFile[] }) =>
    python.sandbox
      .withProgram({ language: "python", source: "pass" }, (lease) => lease.run({ limits: resolveLimits(), ...spec }))
      .then(
        ({ ending }) => ending,
        (error: unknown) => error,
      );
  const file = (path: string, bytes = 1): RunFile => ({ path, content: Buffer.alloc(bytes) });

  it.each([
    ...["", "/", "/etc/passwd", "..", "../a", "a/../b", "a/..", "./..", ".", "a/", "a/.", "a\0b", "\ud800"],
    ...["x".repeat(256), "ü".repeat(128), `${"x/".repeat(16)}x`, `${`${"x".repeat(200)}/`.repeat(6)}x`],
  ])("%j", async (path) => {
    const named = JSON.stringify(path.slice(0, 200));
    for (const error of [await refusal({ files: [file(path)] }), await refusal({ fetch: [path] })]) {
      expect(error).toBeInstanceOf(RangeError);
      expect((error as RangeError).message).toContain(named);
    }
  });

  it.each([
    ["the same place twice", { files: [file("a/b"), file("./a//b")] }, '"a/b" is given twice'],
    ["a file that is a folder too", { files: [file("a/b/c"), file("a/b")] }, '"a/b" is a file and a folder'],
    ["too many files", { files: Array.from({ length: FILES_AT_MOST + 1 }, (_, n) => file(`${n}`)) }, "files are more"],
    ["too many bytes", { files: [file("a", FILES_BYTES), file("b")] }, "bytes are more"],
    ["too many paths", { fetch: Array.from({ length: FILES_AT_MOST + 1 }, (_, n) => `${n}`) }, "are more"],
    ["too many arguments", { args: Array.from({ length: ARGUMENTS_AT_MOST + 1 }, () => "") }, "arguments are more"],
    ["too long arguments", { args: ["x".repeat(200_000)] }, "bytes are more"],
    ["an argument with a NUL", { args: ["a", "b\0"] }, "argument 2 has a NUL"],
    ["an argument that is no Unicode", { args: ["\udfff"] }, "argument 1 is not valid"],
  ] as const)("%s", async (_what, spec, message) => {
    const error = await refusal(spec);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as RangeError).message).toContain(message);
  });

  it("so is all of it for judged runs", async () => {
    const judge = { prelude: "", stubs: [], checks: [], countAssertions: false };
    const error = await python.sandbox
      .withProgram({ language: "python", source: "" }, (lease) =>
        lease.run({ limits: resolveLimits(), judge, fetch: ["a"] }),
      )
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RangeError);
  });
});
