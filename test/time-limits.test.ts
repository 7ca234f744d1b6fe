import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { checkProvenance, describeProvenance, writeProvenance } from "../src/cli/grade/provenance.js";
import { parseGradeSettings } from "../src/cli/grade/settings.js";
import { createGrader, type GradeOptions } from "../src/grading/grader.js";
import { settleOptions } from "../src/grading/policy.js";
import { readProblems } from "../src/grading/problems/index.js";
import { inlineProblem } from "../src/grading/problems/inline.js";
import { writeCustomRow } from "../src/grading/problems/write-custom.js";
import { limitsInForce } from "../src/grading/time-limits.js";
import type { Problem } from "../src/grading/types.js";
import { findLanguage, type Language } from "../src/sandbox/languages.js";
import { createService } from "../src/server/service.js";
import { GateSandbox } from "./gate-sandbox.js";
import { startServer } from "./server.js";

const language = (id: string): Language => {
  const found = findLanguage(id);
  if (found === null) throw new Error(`no language ${id}`);
  return found;
};
/** Two in its manifest. */
const java = language("java");
const cpp = language("cpp");

describe("the time limits of a language", () => {
  it("are those of the problem or the defaults, multiplied as its manifest says", () => {
    const { limits, timeMultiplier } = limitsInForce(java, { limits: {} }, { limits: { cpuMs: 1000 } });
    expect([limits.cpuMs, limits.wallMs, timeMultiplier]).toEqual([2000, 6000, 2]);
    expect(limitsInForce(cpp, { limits: {} }, { limits: { cpuMs: 1000 } })).toMatchObject({
      limits: { cpuMs: 1000 },
      timeMultiplier: 1,
    });
  });

  it("are as they were stated where they were stated", () => {
    const stated = limitsInForce(java, { limits: { cpuMs: 500 } }, { limits: { cpuMs: 1000 } });
    expect([stated.limits.cpuMs, stated.timeMultiplier]).toEqual([500, 1]);
  });

  it("follow the problem's multiplier before the manifest's, and a stated one before both and on stated limits", () => {
    const problem = { limits: { cpuMs: 1000 }, timeMultipliers: { java: 5, cpp: 3 } };
    expect(limitsInForce(java, { limits: {} }, problem)).toMatchObject({ limits: { cpuMs: 5000 }, timeMultiplier: 5 });
    const stated = { limits: { cpuMs: 500 }, timeMultipliers: { java: 4 } };
    expect(limitsInForce(java, stated, problem)).toMatchObject({ limits: { cpuMs: 2000 }, timeMultiplier: 4 });
    expect(limitsInForce(cpp, { limits: {}, timeMultipliers: { java: 4 } }, problem).timeMultiplier).toBe(3);
  });

  it("of a family are those of its variants, unless these have their own", () => {
    const times = { limits: {}, timeMultipliers: { cpp: 3, cpp20: 2 } };
    expect(limitsInForce(language("cpp17"), times, { limits: {} }).timeMultiplier).toBe(3);
    expect(limitsInForce(language("cpp20"), times, { limits: {} }).timeMultiplier).toBe(2);
  });
});

const problem: Problem = {
  ...inlineProblem({ tests: { kind: "stdin", cases: [{ input: "", output: "" }] }, limits: { cpuMs: 1000 } }),
  timeMultipliers: { perl: 7 },
};

async function gradeWith(options: Partial<GradeOptions>, id: string) {
  const sandbox = new GateSandbox();
  sandbox.open();
  const grader = createGrader(sandbox, {
    ...{ comparator: "strict", allTests: false, limits: {}, extraction: "auto" },
    ...options,
  });
  const record = await grader.grade(problem, { taskId: "x", completion: null, solution: "x", language: id, row: {} });
  return { record, limits: sandbox.runs[0]?.spec.limits };
}

describe("a grader", () => {
  it("gives runs the limits of their language and writes the multiplier down", async () => {
    const perl = await gradeWith({}, "perl");
    expect([perl.limits?.cpuMs, perl.record.time_multiplier]).toEqual([7000, 7]);
    const stated = await gradeWith({ timeMultipliers: { python: 3 } }, "python");
    expect([stated.limits?.cpuMs, stated.record.time_multiplier]).toEqual([3000, 3]);
    const plain = await gradeWith({}, "python");
    expect([plain.limits?.cpuMs, plain.record]).toEqual([1000, expect.not.objectContaining({ time_multiplier: 1 })]);
  });
});

describe("multipliers are stated", () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "assay-times-"))));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const paths = { problems: "p.jsonl", samples: "s.jsonl" };

  it("on the command line, by any name of a language", () => {
    expect(parseGradeSettings({ ...paths, timeMultiplier: "java=3,py=2.5" })).toMatchObject({
      timeMultipliers: { java: 3, python: 2.5 },
    });
    for (const wrong of ["java", "klingon=2", "java=0", "java=1000", "java=-1", ""]) {
      expect(() => parseGradeSettings({ ...paths, timeMultiplier: wrong })).toThrow(/--time-multiplier: expected/);
    }
  });

  it("beside a policy, whose own they go before", () => {
    expect(settleOptions("multipl-e", { limits: {}, timeMultipliers: { java: 2 } }).timeMultipliers).toEqual({
      java: 2,
    });
    expect(settleOptions("multipl-e", { limits: {} })).not.toHaveProperty("timeMultipliers");
  });

  it("and kept beside the results, which go on with the same ones only", async () => {
    const results = join(folder, "results.jsonl");
    const stated = describeProvenance(parseGradeSettings({ ...paths, timeMultiplier: "java=3" }), []);
    const plain = describeProvenance(parseGradeSettings(paths), []);
    expect(stated).toMatchObject({ time_multipliers: { java: 3 } });
    await writeProvenance(results, stated);
    await checkProvenance(results, stated);
    await expect(checkProvenance(results, plain)).rejects.toThrow(/java/);
    await writeProvenance(results, plain);
    await checkProvenance(results, plain);
    await expect(checkProvenance(results, stated)).rejects.toThrow(/java/);
  });

  it("in a problem of assay's own format, there and back", async () => {
    const row = (times: object) =>
      JSON.stringify({
        ...{ schema: "assay-problem/1", id: "a", prompt: "", tests: [{ input: "", output: "" }] },
        limits: { cpu_seconds: 1, time_multipliers: times },
      });
    const file = join(folder, "problems.jsonl");
    await writeFile(file, row({ "c++": 2, java: 3 }));
    const [read] = (await readProblems(file)).problems;
    expect(read?.timeMultipliers).toEqual({ cpp: 2, java: 3 });
    expect(JSON.parse(writeCustomRow(read as Problem))).toMatchObject({
      limits: { time_multipliers: { cpp: 2, java: 3 } },
    });
    await writeFile(file, row({ klingon: 2 }));
    await expect(readProblems(file)).rejects.toThrow(/klingon/);
  });

  it("in requests, where equal work under other limits is other work", async () => {
    const sandbox = new GateSandbox();
    sandbox.open();
    const server = await startServer({ service: createService({ sandbox }) });
    const grade = async (options: object, times: object = {}) => {
      const inline = { tests: { kind: "stdin", cases: [{ input: "", output: "" }] }, limits: { cpu_ms: 1000 } };
      const body = { problem: { ...inline, ...times }, solution: "x", language: "perl", options };
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(`${server.url}/v1/grade`, { method: "POST", headers, body: JSON.stringify(body) });
      return (await answer.json()) as { time_multiplier?: number; error?: { field: string } };
    };
    try {
      expect((await grade({})).time_multiplier).toBe(2);
      expect((await grade({ time_multipliers: { pl: 3 } })).time_multiplier).toBe(3);
      expect((await grade({}, { time_multipliers: { perl: 4 } })).time_multiplier).toBe(4);
      expect(sandbox.runs.map(({ spec }) => spec.limits.cpuMs)).toEqual([2000, 3000, 4000]);
      expect((await grade({ time_multipliers: { klingon: 3 } })).error?.field).toBe("options.time_multipliers.klingon");
    } finally {
      await server.close();
    }
  });
});
