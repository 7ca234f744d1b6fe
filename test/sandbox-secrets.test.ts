import { describe, expect, it } from "vitest";

import { resolveLimits } from "../src/sandbox/index.js";
import { outputOf, usePython } from "./sandbox-runs.js";

// One cell: every program below is a copy of the same warden, after whatever ran there before.
const python = usePython({ cells: 1 });

const LIMITS = resolveLimits({ cpuMs: 20_000 });
const MASK = 0x55;
/** A text in a form that a program may hold without holding the text. */
const hide = (text: string): string => `bytes(${JSON.stringify([...Buffer.from(text)].map((byte) => byte ^ MASK))})`;

/**
 * Python that defines `find(hidden)`: which of some hidden texts stand in this process's memory, each by its place in
 * the list. It reads page after page up and down from every place where objects, code or malloc's blocks lie; the
 * kernel says where a mapping ends (a write from there fails instead of ending the process).
 */
const SEARCH = `
import ctypes, gc, os
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
PAGE = 4096
TABLE = bytes(byte ^ ${MASK} for byte in range(256))
out, into = os.pipe()
def page_at(address):
    return os.read(out, PAGE) if libc.write(into, address, PAGE) == PAGE else None
def find(hidden):
    anchors = [id(thing) for thing in gc.get_objects()] + [id(name) for name in globals()]
    anchors += [ctypes.cast(libc.malloc, ctypes.c_void_p).value]
    anchors += [libc.malloc(size) for size in (16, 600, 5000, 100_000, 10_000_000)]
    seen, found = set(), set()
    for start in {anchor // PAGE * PAGE for anchor in anchors}:
        for step in (PAGE, -PAGE):
            address, before = start if step > 0 else start - PAGE, b""
            while address not in seen:
                page = page_at(address)
                if page is None: break
                seen.add(address)
                joined = before + page if step > 0 else page + before
                masked = joined.translate(TABLE)
                found |= {n for n, text in enumerate(hidden) if text in masked}
                before = page[-64:] if step > 0 else page[:64]
                address += step
    return sorted(found), len(seen)
`;

/** A control for the search: something that it must find. */
const PLANTED = "a-text-the-program-made";
const plant = `planted = ${hide(PLANTED)}.translate(TABLE).decode()`;

describe("a program cannot find in its memory", () => {
  it("what the tests expect", async () => {
    const secrets = ["expected-answer-of-the-check", "helper-in-the-prelude", "text-in-the-data"];
    const source = `${SEARCH}${plant}\ndef f():\n    found, pages = find([${[PLANTED, ...secrets].map(hide).join(", ")}])\n    return found if pages > 1000 else pages`;
    const judge = {
      ...{ prelude: `helper = "${secrets[1] ?? ""}"`, stubs: [{ name: "f" }], countAssertions: false },
      checks: [
        { source: `f()\nanswer = "${secrets[0] ?? ""}"`, data: JSON.stringify(secrets[2]) },
        { source: `found = f()\nassert found == [0], found` },
      ],
    };
    const result = await python.sandbox.withProgram({ language: "python", source }, (lease) =>
      lease.run({ limits: LIMITS, judge }),
    );
    expect(result.judge).toMatchObject({ passed: 2, firstFailure: null });
  });

  it("what earlier programs were, read, wrote or answered", async () => {
    const texts = ["source", "input", "output", "error", "broken", "argument", "value", "expected"];
    const [source, input, output, error, broken, argument, value, expected] = texts.map(
      (text) => `trace-of-an-${text}`,
    );
    const make = (text = ""): string => `${hide(text)}.translate(bytes(b ^ ${MASK} for b in range(256))).decode()`;
    const script = `"${source ?? ""}"\nimport sys\nsys.stdin.read()\nprint(${make(output)})\nprint(${make(error)}, file=sys.stderr)`;
    expect((await python.run(script, { stdin: input ?? "" })).stdout.toString()).toBe(`${output ?? ""}\n`);
    expect((await python.run(`"${broken ?? ""}" +`)).ending).toBe("compile_error");
    const check = `assert f("${argument ?? ""}") != "${expected ?? ""}"`;
    expect((await python.judge(`def f(x): return ${make(value)}`, check)).judge?.passed).toBe(1);

    const hidden = [PLANTED, source, input, output, error, broken, argument, value, expected].map((text = "") =>
      hide(text),
    );
    const search = `${SEARCH}${plant}\nfound, pages = find([${hidden.join(", ")}])\nassert pages > 1000\nprint(found)`;
    expect(outputOf(await python.run(search, { limits: LIMITS }))).toBe("[0]\n");
  });

  it("what files and arguments earlier programs were given, and what was fetched of them", async () => {
    const texts = ["path", "content", "argument", "path-wanted", "written"].map((text) => `trace-of-a-${text}`);
    const [path = "", content = "", argument = "", wanted = "", written = ""] = texts;
    // Much of everything: what is let go in the warden is soon written over where there is little.
    const many = (text: string): string[] => Array.from({ length: 60 }, (_, n) => `${text}-${n}/f${"x".repeat(4 * n)}`);
    const files = many(path).map((name) => ({ path: name, content: Buffer.from(content.repeat(100)) }));
    const fetch = [...files.map((file) => file.path), wanted, ...many(wanted)];
    // The program makes what it writes of its arguments, so that its source holds none of the texts.
    const source = `import sys\nopen(sys.argv[1], "w").write(sys.argv[2] * 10000)`;
    const args = [wanted, written, ...many(argument)];
    const result = await python.sandbox.withProgram({ language: "python", source }, (lease) =>
      lease.run({ limits: LIMITS, files, args, fetch }),
    );
    expect(result.files).toEqual([...files, { path: wanted, content: Buffer.from(written.repeat(10_000)) }]);
    const hidden = [PLANTED, ...texts].map(hide);
    const search = `${SEARCH}${plant}\nfound, pages = find([${hidden.join(", ")}])\nassert pages > 1000\nprint(found)`;
    expect(outputOf(await python.run(search, { limits: LIMITS }))).toBe("[0]\n");
  });
});
