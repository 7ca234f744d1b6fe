import { describe, expect, it } from "vitest";

import type { Program, RunResult } from "../src/sandbox/contract.js";
import { resolveLimits } from "../src/sandbox/index.js";
import { KnownPrograms, type LoadedProgram } from "../src/sandbox/programs.js";
import { Running } from "../src/sandbox/running.js";
import { outputOf, usePython } from "./sandbox-runs.js";

const python = usePython({ cells: 1 });

/** Several requests with the same program, one after the other. */
async function repeat(source: string, times: number, stdin = ""): Promise<RunResult[]> {
  const results: RunResult[] = [];
  for (let time = 0; time < times; time++) results.push(await python.run(source, { stdin }));
  return results;
}

describe("a program that comes again", () => {
  it("is compiled for its first two requests and no more", async () => {
    const functions = Array.from(
      { length: 4000 },
      (_, n) => `def f${n}(a, b=${n}):\n    return [a * ${n} + b, "text"]`,
    );
    const results = await repeat(`${functions.join("\n")}\nprint(f7(2))`, 4);
    expect(results.map(outputOf)).toEqual(Array(4).fill("[21, 'text']\n"));
    // Compiling needs far more memory than loading what is compiled, and always the same.
    const [once, twice, ...later] = results.map(({ usage }) => usage.peakMemoryKb);
    expect(Math.min(once ?? 0, twice ?? 0)).toBeGreaterThan(1.3 * Math.max(...later));
  });

  it("does as it did, as a script and under a judge", async () => {
    const source = `def f(x=None): return x\nprint(__name__, __file__, f.__code__.co_filename, f.__code__.co_firstlineno)`;
    const [first, ...others] = await repeat(source, 4);
    for (const result of others) expect(outputOf(result)).toBe(outputOf(first as RunResult));
    for (let time = 0; time < 3; time++) {
      const { ending, judge } = await python.judge(source, "assert f(3) == 3");
      expect([ending, judge?.passed]).toEqual(["finished", 1]);
    }
  });

  it("reads each time what it is given, also with all requests at once", async () => {
    const inputs = Array.from({ length: 12 }, (_, n) => `${n}\n`);
    const results = await Promise.all(inputs.map((stdin) => python.run("print(int(input()) * 2)", { stdin })));
    expect(results.map(outputOf)).toEqual(inputs.map((_, n) => `${2 * n}\n`));
  });

  it.each([
    ["that does not compile", "def f(:", "compile_error", "SyntaxError"],
    ["with a lone surrogate", 'print("\ud800")', "compile_error", "UnicodeDecodeError"],
    ["that fails", "1 / 0", "runtime_error", "ZeroDivisionError"],
  ])("ends as it did: one %s", async (_what, source, ending, detail) => {
    for (const result of await repeat(source, 4)) {
      expect(result.ending).toBe(ending);
      expect(result.detail).toContain(detail);
    }
  });

  it("that fails to compile is told so in a few words", async () => {
    const name = "x".repeat(300_000);
    const { ending, detail } = await python.run(`def f(${name}):\n    global ${name}`);
    expect([ending, detail.length]).toEqual(["compile_error", 4091]);
  });

  it("is known by its compiled form only when all pieces of that have come", () => {
    const program: LoadedProgram = {
      ...{ source: Buffer.from("1"), compiled: null, key: "a" },
      ...{ command: null, outOfMemory: [] },
    };
    const running = new Running(program, { limits: resolveLimits() }, () => undefined);
    for (const piece of ["\0on", "\0e t"]) running.takeCompiled(Buffer.from(piece));
    expect(program.compiled).toBeNull();
    running.takeCompiled(Buffer.from("\x01wo"));
    expect(String(program.compiled)).toBe("one two");
    expect(() => running.takeCompiled(Buffer.alloc((16 << 20) + 2))).toThrow("too large");
  });

  it("may be deeper than its compiled form can go", async () => {
    const source = `x = ${"lambda: ".repeat(1000)}0\nprint("fine")`;
    for (const result of await repeat(source, 4)) expect(outputOf(result)).toBe("fine\n");
    const again = await python.sandbox.withProgram({ language: "python", source }, (lease) =>
      lease.run({ limits: resolveLimits(), again: true }),
    );
    expect(outputOf(again)).toBe("fine\n");
  });

  it("cannot change what its next run is", async () => {
    const source = `
import builtins, marshal, os, struct
print("honest")
evil = marshal.dumps(compile("print('evil')", "solution.py", "exec"))
frame = struct.pack("<BI", 1, len(evil)) + evil
for fd in range(3, 64):
    try: os.write(fd, frame)
    except OSError: pass
marshal.loads = marshal.dumps = builtins.compile = lambda *_: compile("print('evil')", "", "exec")
`;
    for (const result of await repeat(source, 5)) expect(outputOf(result)).toBe("honest\n");
    const shown = await repeat(source.replace("range(3, 64)", "(1,)"), 3);
    for (const { stdout } of shown) expect(stdout.toString("latin1")).toContain("honest");
  });
});

describe("the programs that are kept", () => {
  const NONE: readonly string[] = [];
  const program = (source: string, language = "python"): Program => ({ language, source });
  /** Loads a program as a request does that brings back its compiled form, where that is wanted. */
  const use = (known: KnownPrograms, source: string, compiledBytes = 1): LoadedProgram => {
    const loaded = known.load(program(source), NONE);
    if (loaded.key !== null) loaded.compiled ??= Buffer.alloc(compiledBytes);
    known.weigh(loaded);
    return loaded;
  };
  const isKept = (known: KnownPrograms, source: string): boolean => known.load(program(source), NONE).compiled !== null;

  it("are those that came twice", () => {
    const known = new KnownPrograms();
    expect(use(known, "a").key).toBeNull();
    const second = use(known, "a");
    expect(second.key).not.toBeNull();
    expect(use(known, "a")).toBe(second);
    expect(isKept(known, "b")).toBe(false);
  });

  it("are never shared between languages, features or sources", () => {
    const known = new KnownPrograms();
    const kinds: [Program, readonly string[]][] = [
      [program("a"), NONE],
      [program("a", "python2"), NONE],
      [program("a"), ["numpy"]],
      [program("a "), NONE],
      [program("\ud800"), NONE],
      [program("\ufffd"), NONE],
    ];
    for (const [one, features] of kinds) known.load(one, features);
    const kept = kinds.map(([one, features]) => known.load(one, features));
    expect(new Set(kept).size).toBe(kinds.length);
    expect(new Set(kept.map(({ key }) => key)).size).toBe(kinds.length);
    expect(kinds.map(([one, features]) => known.load(one, features))).toEqual(kept);
  });

  it("came twice lately: what came long ago is not remembered", () => {
    const known = new KnownPrograms({ window: 3 });
    use(known, "a");
    for (const other of ["b", "c", "d"]) use(known, other);
    expect(use(known, "a").key).toBeNull();
    expect(use(known, "d").key).not.toBeNull();
  });

  it("are so many at most, and the one that was not used for longest goes first", () => {
    const known = new KnownPrograms({ count: 2 });
    for (const source of ["a", "a", "b", "b", "a", "c", "c"]) use(known, source);
    expect(["a", "b", "c"].map((source) => isKept(known, source))).toEqual([true, false, true]);
  });

  it("are so large at most together, counted as they are once compiled", () => {
    const known = new KnownPrograms({ bytes: 1000 });
    for (const source of ["a", "b", "c"]) {
      use(known, source);
      use(known, source, 400);
    }
    expect(["a", "b", "c"].map((source) => isKept(known, source))).toEqual([false, true, true]);
    use(known, "huge");
    use(known, "huge", 2000);
    expect(["huge", "b", "c"].map((source) => isKept(known, source))).toEqual([false, false, false]);
  });
});
