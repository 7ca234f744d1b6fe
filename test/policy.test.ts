import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeProvenance } from "../src/cli/grade/provenance.js";
import { parseGradeSettings } from "../src/cli/grade/settings.js";
import { createGrader } from "../src/grading/grader.js";
import { POLICIES, POLICY_NAMES, settleOptions } from "../src/grading/policy.js";
import { inlineProblem } from "../src/grading/problems/inline.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { resolveLimits } from "../src/sandbox/limits.js";

const paths = { problems: "p.jsonl", samples: "s.jsonl" };

describe("a policy", () => {
  it.each(POLICY_NAMES)("%s sets extraction, comparator and limits together", (policy) => {
    const { extraction, comparator, limits } = POLICIES[policy];
    expect(parseGradeSettings({ ...paths, policy })).toMatchObject({ policy, extraction, comparator, limits });
  });

  it("that is not named leaves the defaults", () => {
    const settings = parseGradeSettings(paths);
    expect(settings).toMatchObject({ policy: null, extraction: "auto", comparator: "strict", limits: {} });
    expect(describeProvenance(settings, [])).not.toHaveProperty("policy");
  });

  it("gives way to single options, each for itself", () => {
    const given = { ...paths, policy: "livecodebench", comparator: "strict", cpuLimit: "2", wallLimit: "9" };
    expect(parseGradeSettings(given)).toMatchObject({
      policy: "livecodebench",
      extraction: "livecodebench",
      comparator: "strict",
      limits: { cpuMs: 2000, wallMs: 9000, memoryKb: 4 << 20 },
    });
    expect(settleOptions("apps", { extraction: "last", limits: {} })).toMatchObject({
      extraction: "last",
      comparator: "apps",
    });
  });

  it("gives programs that sleep more time as its CPU time is longer", () => {
    const { limits } = parseGradeSettings({ ...paths, policy: "livecodebench" });
    expect(resolveLimits(limits).wallMs).toBeGreaterThan(resolveLimits(limits).cpuMs);
  });

  it("of another name is refused with the list of those there are", () => {
    expect(() => parseGradeSettings({ ...paths, policy: "Apps" })).toThrow(/--policy: expected one of .*code-contests/);
  });

  it("is in the settings beside the results, and in each record", async () => {
    const settings = parseGradeSettings({ ...paths, policy: "apps" });
    expect(describeProvenance(settings, [])).toMatchObject({ policy: "apps", comparator: "apps", extraction: "raw" });
    const enforcement = { isolation: "namespaces", runtime: "python 3", walls: [] } as const;
    const unused = (): never => {
      throw new Error("nothing is run here");
    };
    const sandbox: Sandbox = { enforcement, withProgram: unused, dispose: unused };
    const grader = createGrader(sandbox, { ...POLICIES.apps, allTests: false, policy: "apps" });
    const problem = inlineProblem({ tests: { kind: "stdin", cases: [{ input: "", output: "" }] } });
    const sample = { taskId: "inline", completion: "", solution: null, row: {} };
    expect(await grader.grade(problem, sample)).toMatchObject({
      policy: "apps",
      comparator: "apps",
      verdict: "no_code",
    });
  });

  it("is described in docs with the settings it has", async () => {
    const page = await readFile(join(import.meta.dirname, "../docs/policies.md"), "utf8");
    for (const [name, { extraction, limits }] of Object.entries(POLICIES)) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\``)) ?? "";
      expect(row).toContain(`| \`${extraction}\``);
      if (limits.cpuMs !== undefined) expect(row).toContain(`${limits.cpuMs / 1000} s a`);
    }
  });
});
