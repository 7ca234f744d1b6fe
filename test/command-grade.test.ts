import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { useBuiltCommand } from "./built-command.js";
import { readRows, toLines, type Row } from "./command-rows.js";
import { NUMPY } from "./sandbox-runs.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const command = useBuiltCommand();
const folder = useTemporaryFolder();
const FIXTURES = join(import.meta.dirname, "../fixtures");
const inFolder = (name: string): string => join(folder.path, name);

const count = (values: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};

describe("assay grade on the fixtures", () => {
  it("exits 0 with rows in the samples' order, a summary and a report", async () => {
    const samples = (await readRows(join(FIXTURES, "humaneval/samples.jsonl"))).filter(
      ({ requires }) => requires !== "numpy" || existsSync(NUMPY),
    );
    await folder.write(toLines(samples), "samples.jsonl");
    const { code, stdout, stderr } = await command.run(
      ...["grade", "--problems", join(FIXTURES, "humaneval"), "--samples", inFolder("samples.jsonl")],
      ...["--out", inFolder("results.jsonl"), "--report", inFolder("report.html"), "--json", "--k", "1,2"],
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });

    const rows = await readRows(inFolder("results.jsonl"));
    expect(rows.map(({ task_id, note }) => [task_id, note])).toEqual(
      samples.map(({ task_id, note }) => [task_id, note]),
    );
    expect(rows.map(({ verdict, note }) => [verdict, note])).toEqual(
      samples.map(({ expect: right, note }) => [right, note]),
    );
    for (const row of rows) {
      expect(row).toMatchObject({ passed: row.verdict === "accepted", reward: row.verdict === "accepted" ? 1 : 0 });
      expect(row).toMatchObject({ integrity: "isolated", isolation: "namespaces", comparator: "strict" });
      expect(row.grader).toMatch(/^assay \d+\.\d+\.\d+, python 3\.\d+\.\d+$/);
    }

    const summary = JSON.parse(stdout) as Record<string, unknown>;
    const expected = count(samples.map((sample) => String(sample.expect)));
    expect(summary).toMatchObject({
      ...{ problems: 14, samples: samples.length, graded: samples.length, passed: expected.accepted },
      ...{ cached: 0, isolation: "namespaces" },
      verdicts: expected,
    });
    expect(summary.pass_at_k).toMatchObject({ "1": expect.any(Number) as number });
    expect(stderr).toContain("format humaneval");
    await checkReport(inFolder("report.html"), rows);
  });

  it("problems that cannot be graded make invalid_problem of whatever is handed in", async () => {
    const { code, stdout, stderr } = await command.run(
      ...[
        "grade",
        "--problems",
        join(FIXTURES, "invalid/problems.jsonl"),
        "--samples",
        join(FIXTURES, "invalid/samples.jsonl"),
      ],
      ...["--out", inFolder("results.jsonl"), "--json"],
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ passed: 0, verdicts: { invalid_problem: 4 } });
  });
});

async function checkReport(path: string, rows: readonly Row[]): Promise<void> {
  const page = await readFile(path, "utf8");
  expect(page).toMatch(/^<!doctype html>/i);
  // Nothing is loaded from anywhere: the page works without a network, and tells nobody that it was opened.
  expect(page).not.toMatch(/(?:src|href|action|data|poster)\s*=\s*["']?\s*(?:https?:)?\/\//i);
  expect(page).not.toMatch(/@import|url\(\s*["']?(?:https?:)?\/\//i);
  for (const verdict of new Set(rows.map((row) => row.verdict))) expect(page).toContain(verdict);
}
