import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useBuiltCommand } from "./built-command.js";
import { readRows, toLines } from "./command-rows.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const command = useBuiltCommand();
const folder = useTemporaryFolder();
const MATH = join(import.meta.dirname, "../fixtures/math");

describe("assay grade on questions with answers", () => {
  it("rows carry policy, tier and answer; the summary has pass@k and the majority vote", async () => {
    const samples = [
      { task_id: "MATH/algebra/1", completion: "\\boxed{0.25}" },
      { task_id: "MATH/algebra/1", completion: "\\boxed{3}" },
      { task_id: "algebra/1.json", completion: "\\boxed{\\frac14}" },
      { task_id: "MATH/geometry/1", completion: "\\boxed{(2,1)}" },
      { task_id: "MATH/geometry/1", completion: "\\boxed{(2, 1)}" },
      { task_id: "MATH/geometry/1", completion: "\\boxed{(1,2)}" },
    ];
    const path = await folder.write(toLines(samples), "samples.jsonl");
    const out = join(folder.path, "results.jsonl");
    const run = (...more: string[]) =>
      command.run("grade", "--problems", MATH, "--samples", path, "--out", out, "--json", ...more);
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ graded: 6, passed: 3, verdicts: { accepted: 3, wrong_answer: 3 } },
      maj_at_k: { "3": 0.5 },
    });
    const rows = await readRows(out);
    expect(rows.map(({ equivalence }) => equivalence)).toContainEqual({ policy: "default", tier: 0, answer: "0.25" });

    const other = await run("--equivalence", "hendrycks");
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("equivalence");
    const anew = await run("--equivalence", "hendrycks", "--force");
    // To that normalisation 0.25 is no quarter.
    expect(JSON.parse(anew.stdout)).toMatchObject({ passed: 2 });
    const report = join(folder.path, "report.html");
    await run("--force", "--report", report);
    expect(await readFile(report, "utf8")).toContain("maj@3");
    expect((await run("--equivalence", "exact")).stderr).toContain("--equivalence");
  });

  it("assay bench says how many are graded a second", async () => {
    const { code, stdout, stderr } = await command.run("bench", "--problems", MATH, "--repeat", "2", "--json");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({ problems: 6, rounds: 3, answers_per_second: expect.any(Number) as number });
  });
});
