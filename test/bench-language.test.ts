import { existsSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { measureLanguage, type LanguageReport } from "../src/cli/bench/language.js";
import { runCommandLine } from "../src/cli/program.js";
import type { Lease, Program, Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";
import { makeRecord, makeWorld } from "./cli-fakes.js";

const hasNode = existsSync("/usr/bin/node");
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ cells: 1 });
});
afterAll(() => sandbox.dispose());

const measure = (language: string, where = sandbox): Promise<LanguageReport> =>
  measureLanguage({ sandbox: where, processors: 1, language, repeat: 1, rounds: 1, onStep: () => undefined });

describe("assay bench --language", () => {
  it("measures a language's programs beside the same ones without a sandbox", { timeout: 60_000 }, async () => {
    const { language, version, tests, firstTest } = await measure("sh");
    expect(language).toBe("bash");
    expect(version).toMatch(/^\d/);
    for (const { bare, assay, toBare } of [tests, firstTest]) {
      expect(bare).toBeGreaterThan(0);
      expect(assay).toBeGreaterThan(0);
      expect(toBare).toBeCloseTo(assay / bare, 5);
    }
  });

  it.skipIf(!hasNode)("measures function problems where a judge calls functions", { timeout: 60_000 }, async () => {
    const { functions } = await measure("javascript");
    expect(functions?.bare).toBeGreaterThan(0);
    expect(functions?.toBare).toBeCloseTo((functions?.assay ?? 0) / (functions?.bare ?? 0), 5);
    expect((await measure("bash")).functions).toBeUndefined();
  });

  it("compiles each new program, and one that comes again no more", { timeout: 60_000 }, async () => {
    const sources: string[] = [];
    const watched: Sandbox = {
      enforcement: sandbox.enforcement,
      dispose: () => Promise.resolve(),
      withProgram: <T>(program: Program, use: (lease: Lease) => Promise<T>) => {
        sources.push(program.source);
        return sandbox.withProgram(program, use);
      },
    };
    await measure("bash", watched);
    // Two to warm up, one of the round, and the new one.
    expect(sources.length).toBe(4);
    expect(new Set(sources).size).toBe(2);
  });

  it("has no figures for programs that are not accepted", async () => {
    const broken: Sandbox = {
      enforcement: sandbox.enforcement,
      dispose: () => Promise.resolve(),
      withProgram: (_program, use) =>
        use({
          queueMs: 0,
          run: (spec) => sandbox.withProgram({ language: "bash", source: "echo 6" }, (lease) => lease.run(spec)),
          besides: () => {
            throw new Error("one program is enough");
          },
        }),
    };
    await expect(measure("bash", broken)).rejects.toThrow(/graded wrong_answer/);
  });

  it.each([
    ["klingon", /there is no language "klingon"/],
    ["python", /Python is not run by a command/],
  ])("--language %s is refused in words", async (name, words) => {
    const world = makeWorld([], () => makeRecord("x"));
    await runCommandLine(world.context, ["bench", "--language", name]);
    expect(world.state.code).toBe(1);
    expect(world.stderr.text).toMatch(words);
    expect(world.state.disposed).toBe(1);
  });
});
