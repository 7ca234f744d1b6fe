import { describe, expect, it } from "vitest";
import { estimatePassAtK, Summary } from "../src/grading/metrics.js";
import type { Verdict, VerdictRecord } from "../src/grading/types.js";

function makeRecord(taskId: string, verdict: Verdict, tests: [number, number, number] = [4, 4, 4], cpuMs = 1) {
  const [total, run, passed] = tests;
  const accepted = verdict === "accepted";
  return {
    task_id: taskId,
    verdict,
    passed: accepted,
    reward: accepted ? 1 : 0,
    tests: { total, run, passed },
    first_failure: null,
    usage: { cpu_ms: cpuMs, wall_ms: 2 * cpuMs, peak_memory_kb: 1, queue_ms: 0 },
    extraction: { rule: "solution", version: 1, language: "python", truncated: false, blocks: 0 },
    integrity: "isolated",
    isolation: "namespaces",
    comparator: "strict",
    cached: false,
    grader: "assay",
  } satisfies VerdictRecord;
}

/** 1 - C(n-c, k) / C(n, k), with integers that cannot overflow. */
function countPassAtK(n: number, c: number, k: number): number {
  const choose = (from: number, count: number): bigint => {
    let ways = 1n;
    for (let i = 0; i < count; i++) ways = (ways * BigInt(from - i)) / BigInt(i + 1);
    return from < count ? 0n : ways;
  };
  const scale = 10n ** 18n;
  return 1 - Number((choose(n - c, k) * scale) / choose(n, k)) / Number(scale);
}

describe("estimatePassAtK", () => {
  it("is the exact chance, for all small n and some large ones", () => {
    for (let n = 1; n <= 12; n++) {
      for (let c = 0; c <= n; c++) {
        for (let k = 1; k <= n; k++) expect(estimatePassAtK(n, c, k)).toBeCloseTo(countPassAtK(n, c, k), 12);
      }
    }
    for (const [n, c, k] of [
      [200, 3, 100],
      [2000, 1, 1000],
      [10_000, 5000, 10],
    ] as const) {
      expect(estimatePassAtK(n, c, k)).toBeCloseTo(countPassAtK(n, c, k), 12);
    }
  });

  it("is the share of passes at k = 1, and null without enough samples", () => {
    expect(estimatePassAtK(8, 3, 1)).toBeCloseTo(3 / 8, 15);
    expect(estimatePassAtK(5, 5, 6)).toBeNull();
    expect(estimatePassAtK(0, 0, 1)).toBeNull();
    expect(estimatePassAtK(5, 0, 5)).toBe(0);
  });

  it("refuses what is no count", () => {
    for (const [n, c, k] of [
      [2, 3, 1],
      [2, -1, 1],
      [2, 1, 0],
      [2.5, 1, 1],
      [Number.NaN, 1, 1],
    ] as const) {
      expect(() => estimatePassAtK(n, c, k)).toThrow(RangeError);
    }
  });
});

describe("Summary", () => {
  it("averages pass@k over the problems with enough samples and counts the others", () => {
    const summary = new Summary();
    for (const verdict of ["accepted", "wrong_answer"] as const) summary.add(makeRecord("a", verdict));
    for (const verdict of ["accepted", "accepted", "no_code"] as const) summary.add(makeRecord("b", verdict));
    summary.add(makeRecord("c", "time_limit"));
    expect(summary.passAtK(1)).toMatchObject({ problems: 3, leftOut: 0 });
    expect(summary.passAtK(1).mean).toBeCloseTo((1 / 2 + 2 / 3 + 0) / 3, 15);
    expect(summary.passAtK(2)).toEqual({ k: 2, mean: 1, problems: 2, leftOut: 1 });
    expect(summary.passAtK(100)).toEqual({ k: 100, mean: null, problems: 0, leftOut: 3 });
    expect(summary.problems()).toEqual([
      { taskId: "a", samples: 2, passed: 1 },
      { taskId: "b", samples: 3, passed: 2 },
      { taskId: "c", samples: 1, passed: 0 },
    ]);
  });

  it("never scores the grader's faults or the problem's, and counts them", () => {
    const summary = new Summary();
    summary.add(makeRecord("a", "accepted"), "easy");
    summary.add(makeRecord("a", "infrastructure_error", [4, 0, 0], 99), "easy");
    summary.add(makeRecord("b", "invalid_problem", [0, 0, 0], 99), "easy");
    expect(summary.counts).toEqual({
      problems: 2,
      samples: 3,
      scored: 1,
      passed: 1,
      cached: 0,
      infrastructureErrors: 1,
      invalidProblems: 1,
    });
    expect(summary.passAtK(1)).toEqual({ k: 1, mean: 1, problems: 1, leftOut: 1 });
    expect(summary.byDifficulty()).toMatchObject([{ difficulty: "easy", samples: 1, strictAccuracy: 1 }]);
    expect(summary.slowest()).toHaveLength(1);
  });

  it("gives each verdict's count and share, the most frequent first", () => {
    const summary = new Summary();
    for (const verdict of ["accepted", "wrong_answer", "wrong_answer", "infrastructure_error"] as const) {
      summary.add(makeRecord("a", verdict));
    }
    expect(summary.verdicts()).toEqual([
      { verdict: "wrong_answer", count: 2, share: 0.5 },
      { verdict: "accepted", count: 1, share: 0.25 },
      { verdict: "infrastructure_error", count: 1, share: 0.25 },
    ]);
    expect(new Summary().verdicts()).toEqual([]);
  });

  it("gives APPS's two numbers by difficulty and says where runs stopped early", () => {
    const summary = new Summary();
    summary.add(makeRecord("a", "accepted", [4, 4, 4]), "interview");
    summary.add(makeRecord("b", "wrong_answer", [4, 4, 1]), "interview");
    summary.add(makeRecord("c", "wrong_answer", [4, 3, 2]), "competition");
    summary.add(makeRecord("d", "no_code", [0, 0, 0]));
    expect(summary.byDifficulty()).toEqual([
      { difficulty: "interview", samples: 2, strictAccuracy: 0.5, testCaseAverage: 0.625, stopped: 0 },
      { difficulty: "competition", samples: 1, strictAccuracy: 0, testCaseAverage: 0.5, stopped: 1 },
      { difficulty: null, samples: 1, strictAccuracy: 0, testCaseAverage: 0, stopped: 0 },
    ]);
  });

  it("remembers the slowest samples, the earlier of equals first", () => {
    const summary = new Summary({ keepSlowest: 3 });
    [5, 9, 1, 9, 7].forEach((cpuMs, index) => summary.add(makeRecord(`t${index}`, "accepted", [1, 1, 1], cpuMs)));
    expect(summary.slowest().map(({ index, cpuMs }) => [index, cpuMs])).toEqual([
      [1, 9],
      [3, 9],
      [4, 7],
    ]);
    expect(summary.slowest()[0]).toEqual({ taskId: "t1", index: 1, verdict: "accepted", cpuMs: 9, wallMs: 18 });
  });
});
