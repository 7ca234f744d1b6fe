import { existsSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Judge, Limits, RunResult, Sandbox } from "../src/sandbox/contract.js";
import { createSandbox, resolveLimits } from "../src/sandbox/index.js";
import { readAddon } from "../src/sandbox/javascript.js";
import { TIER } from "./sandbox-runs.js";

const HAS_NODE = ["/usr/bin/node", "/usr/local/bin/node"].some((path) => existsSync(path));
const SHORT: Partial<Limits> = { cpuMs: 1000, wallMs: 10_000 };

/** What makes `namesNode` give a program a process of its own. */
const OWN_PROCESS = "require('node:fs');\n";

describe.skipIf(!HAS_NODE)("JavaScript under a judge", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await createSandbox({ isolation: TIER, cells: 1 });
  });
  afterAll(() => sandbox.dispose());

  interface Options extends Partial<Pick<Judge, "prelude">> {
    readonly limits?: Partial<Limits>;
    readonly allTests?: boolean;
  }

  function judge(source: string, checks: string | readonly string[], options: Options = {}): Promise<RunResult> {
    const { prelude = "", limits = SHORT, allTests = false } = options;
    const stubs = [{ name: "f" }];
    const made: Judge = {
      prelude,
      stubs,
      checks: [checks].flat().map((check) => ({ source: check })),
      countAssertions: false,
    };
    return sandbox.withProgram({ language: "javascript", source }, (lease) =>
      lease.run({ limits: resolveLimits(limits), judge: made, allTests }),
    );
  }
  const outcome = ({ judge }: RunResult): unknown => judge?.firstFailure?.outcome ?? null;

  it.skipIf(readAddon() === null).each([
    ["a proxy", "const f = () => new Proxy({}, {})", "assert.ok(f())"],
    ["a promise that nothing settles", "const f = async () => { await new Promise(() => 0) }", "await f()"],
  ])("takes out of an isolate no %s", async (_what, source, check) => {
    expect(outcome(await judge(source, check))).toBe("raised");
  });

  it.skipIf(readAddon() === null)("has isolates, since the add-on for them is built", async () => {
    // Only an isolate is without what Node adds; the name is put together so that nobody takes it for a wish for Node.
    expect(
      await judge("const f = () => typeof globalThis['proc' + 'ess']", "assert.equal(f(), 'undefined')"),
    ).toMatchObject({
      judge: { passed: 1 },
    });
  });

  it.each([
    ["an arrow function", "const f = (a, b) => a + b", "console.assert(f(1, 2) === 3)"],
    ["a function", "function f(a) { return [...a].reverse() }", "assert.deepEqual(f([1, 2]), [2, 1])"],
    ["an exported one", "exports.f = (a) => a", "assert(f(7) === 7)"],
    ["one of a module", "export function f(a) { return a }", "assert(f(7) === 7)"],
    ["a promise", "async function f(a) { await null; return a }", "assert.equal(await f(7), 7)"],
    [
      "one that needs Node",
      "const path = require('node:path'); const f = (a) => path.basename(a)",
      "assert.equal(f('/a/b'), 'b')",
    ],
    [
      "one that waits",
      "const f = (a) => new Promise((done) => setTimeout(() => done(a), 5))",
      "assert.equal(await f(7), 7)",
    ],
    [
      "one whose arguments it changes",
      "function f(a) { a.push(3) }",
      "const a = [1]; f(a); assert.deepEqual(a, [1, 3])",
    ],
    ["one that throws as it should", "function f() { throw new RangeError('no') }", "assert.throws(f, RangeError)"],
  ])("passes %s", async (_what, source, check) => {
    const result = await judge(source, check);
    expect(result).toMatchObject({ ending: "finished", judge: { total: 1, passed: 1, firstFailure: null } });
  });

  it.each(["", OWN_PROCESS])("hands values over as what they are %#", async (before) => {
    const values = [
      ...[
        "NaN",
        "Infinity",
        "-Infinity",
        "-0",
        "0.1",
        "10n",
        "undefined",
        "null",
        "'\\u{1f600}'",
        "[1, [2]]",
        "{ a: [null] }",
      ],
      ...["new Map([[1, { a: 2 }]])", "new Set([1, 'x'])", "new Date(5)", "new Uint8Array([1, 2])"],
      `JSON.parse('{"__proto__": 1}')`,
    ];
    const check = values.map((value) => `assert.deepStrictEqual(f(${value}), ${value});`).join("\n");
    expect(await judge(`${before}function f(a) { return a }`, check)).toMatchObject({ judge: { passed: 1 } });
  });

  it.each([
    ["failed", "const f = () => 2", "console.assert(f() === 1)"],
    ["failed", "const f = () => 2", "assert.equal(f(), 1)"],
    ["failed", "const f = () => ({ valueOf: 1, toString: 1 })", "assert.equal(f(), 1)"],
    ["raised", "const f = () => { throw new TypeError('mine') }", "assert.equal(f(), 1)"],
    ["raised", "const f = () => { throw { get message() { throw 1 } } }", "assert.equal(f(), 1)"],
    ["raised", "const f = () => f()", "assert.equal(f(), 1)"],
    ["raised", "const f = () => () => 1", "assert.equal(f()(), 1)"],
    ["raised", "const g = 1", "assert.ok(f())"],
    ["broken", "const f = () => 1", "undefinedThing(f)"],
    ["broken", "const f = () => 1", "this is no code"],
  ])("%s: %s under %s", async (expected, source, check) => {
    const result = await judge(source, check);
    expect(outcome(result)).toBe(expected);
    expect(result).toMatchObject({ ending: "finished", judge: { passed: 0 } });
  });

  it("shows a failed call as it was made, whatever the program did to its arguments", async () => {
    const source = "function f(a, b) { a.push(3); b.x = 2; return 1 }";
    const check = "const a = [1], b = { x: 'one' }; f([], {}); assert.equal(f(a, b), 0)";
    expect((await judge(source, check)).judge?.firstFailure).toMatchObject({
      input: "f([ 1 ], { x: 'one' })",
      actual: "1",
    });
  });

  it.each(["", OWN_PROCESS])("says that a program does not compile %#", async (before) => {
    const result = await judge(`${before}function f( {`, "f()");
    expect(result).toMatchObject({ ending: "compile_error", judge: { passed: 0 } });
    expect(result.detail).toContain("SyntaxError");
    expect(result.detail).not.toContain("/assay");
  });

  it.each(["", OWN_PROCESS])("says that a program fails before it can be called %#", async (before) => {
    const result = await judge(`${before}null.x; function f() {}`, "assert(true)");
    expect(result).toMatchObject({ ending: "runtime_error", judge: { passed: 0 } });
    expect(result.detail).toContain("TypeError");
  });

  it.each([
    ["time_limit", "a loop", "const f = () => { for (;;); }"],
    ["time_limit", "a loop at its start", "for (;;); const f = 1"],
    ["time_limit", "a regular expression", "const f = () => /^(a+)+$/.test('a'.repeat(40) + 'b')"],
    ["time_limit", "microtasks", "const f = () => { const g = () => Promise.resolve().then(g); return g() }"],
    ["time_limit", "one that sleeps", "const f = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"],
    ["time_limit", "a loop, with Node", `${OWN_PROCESS}const f = () => { for (;;); }`],
    ["memory_limit", "a heap", "const f = () => { const all = []; for (;;) all.push([all.length]) }"],
    [
      "memory_limit",
      "buffers",
      "const f = () => { const all = []; for (;;) all.push(new Uint8Array(1 << 22).fill(1)) }",
    ],
  ])("%s: %s", async (ending, _what, source) => {
    const limits =
      ending === "time_limit" ? { cpuMs: 300, wallMs: 1500 } : { cpuMs: 20_000, wallMs: 60_000, memoryKb: 96 << 10 };
    expect((await judge(source, "f()", { limits })).ending).toBe(ending);
  });

  it("gives a program that ends its process no pass", async () => {
    const result = await judge("const f = () => process.exit(0)", "f()");
    expect(result).toMatchObject({ ending: "runtime_error", judge: { passed: 0 } });
  });

  it("takes a death that the test code has caught for a death", async () => {
    const result = await judge("const f = () => process.exit(0)", "try { f() } catch {}");
    expect(result).toMatchObject({ ending: "runtime_error", judge: { passed: 0 } });
  });

  it.each(["", OWN_PROCESS])("starts each program from a clean state %#", async (before) => {
    await judge(`${before}Array.prototype.map = () => 'mine'; globalThis.left = 1; const f = () => 1`, "f()");
    const source = `${before}const f = () => [[1].map((x) => x + 1)[0], typeof left]`;
    expect(await judge(source, "assert.deepEqual(f(), [2, 'undefined'])")).toMatchObject({ judge: { passed: 1 } });
  });

  it("keeps nothing that a process sent for the next run's judge", async () => {
    // What a process of its own writes to the judge without being asked.
    const forged = "require('fs').writeSync(3, Buffer.from('020000007637020000007637020000007637', 'hex'));\n";
    await judge(`${forged}const f = () => 1`, "assert.equal(f(), 1)");
    expect(await judge(`${OWN_PROCESS}const f = () => 1`, "assert.equal(f(), 1)")).toMatchObject({
      judge: { passed: 1 },
    });
  });

  it.each([
    ["at once", "assert.equal(f(), 1)"],
    // The forged message and the process's own are there together by then.
    ["later", "for (const until = Date.now() + 300; Date.now() < until; ); assert.equal(f(), 1)"],
    ["in vain", "assert.throws(() => f())"],
  ])("is over soon for a process that sends the judge what it was not asked for: called %s", async (_when, check) => {
    const forged = "require('fs').writeSync(3, Buffer.from('0100000067020000007631', 'hex'));\n";
    const { ending, judge: report } = await judge(`${forged}const f = () => 1`, check);
    expect([ending, report?.passed, report?.firstFailure?.outcome]).toEqual(["finished", 0, "failed"]);
  });

  it("lets checks follow each other in the prelude's scope, and goes on after a failure where it is asked to", async () => {
    const checks = ["const x = one; assert.equal(f(), x)", "assert.equal(f(), 2)", "const x = 1; assert.equal(f(), x)"];
    const result = await judge("const f = () => 1", checks, {
      prelude: "const one = 1; function f() { return 5 }",
      allTests: true,
    });
    expect(result.judge).toMatchObject({ total: 3, run: 3, passed: 2, firstFailure: { index: 1 } });
    expect((await judge("const f = () => 1", checks, { prelude: "const one = 1" })).judge).toMatchObject({
      run: 2,
      passed: 1,
    });
  });

  it("runs a whole program as a command", async () => {
    const source = "console.log(require('fs').readFileSync(0, 'utf8').split('').reverse().join(''))";
    const result = await sandbox.withProgram({ language: "js", source }, (lease) =>
      lease.run({ limits: resolveLimits({ memoryKb: 512 << 10 }), stdin: Buffer.from("abc") }),
    );
    expect(result).toMatchObject({ ending: "finished", stdout: Buffer.from("cba\n") });
  });
});
