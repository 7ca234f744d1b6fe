import { describe, expect, test } from "vitest";
import { Tally } from "../src/cli/grade/tally.js";
import { summariseRun } from "../src/cli/grade/summary.js";
import { escapeControls, escapeLine } from "../src/report/escape.js";
import { pickCurve } from "../src/cli/report/curve.js";
import { escapeHtml } from "../src/report/html.js";
import { renderReport } from "../src/cli/report/page.js";
import { joinRow } from "../src/cli/results/row.js";
import type { Problem, Verdict, VerdictRecord } from "../src/grading/types.js";
import { resolveLimits } from "../src/sandbox/index.js";
import { makeProblem, makeRecord } from "./cli-fakes.js";

const HOSTILE = `</pre><script>alert("x")</script><img src=x onerror='alert(1)'>\u001b[2J\u202e\ud800`;

function tallyUp(problems: readonly Problem[], records: readonly VerdictRecord[]): Tally {
  const tally = new Tally({ find: (id) => problems.find((problem) => problem.id === id) });
  for (const record of records) tally.add(joinRow({ task_id: record.task_id }, record));
  return tally;
}

function render(problems: readonly Problem[], records: readonly VerdictRecord[], format = "humaneval"): string {
  const tally = tallyUp(problems, records);
  const set = { name: HOSTILE, format, path: HOSTILE, problems };
  const counts = { samples: records.length, graded: records.length };
  const summary = summariseRun({
    ...{ summary: tally.summary, k: [1, 2], set, counts, seconds: 2, isolation: "namespaces", allTests: true },
  });
  return renderReport({
    ...{ set, summary, figures: tally.figures, date: new Date(0), grader: HOSTILE, limits: resolveLimits({}) },
    curve: pickCurve(tally.summary, [1, 2]),
    slowest: tally.summary.slowest(),
    enforcement: { isolation: "namespaces", runtime: HOSTILE, walls: [{ name: HOSTILE, means: HOSTILE }] },
    settings: [["samples", HOSTILE]],
  });
}

describe("the report", () => {
  test("takes hostile text as text, wherever it stands", () => {
    const failure = { index: 0, verdict: "wrong_answer" as const, input: HOSTILE, expected: HOSTILE, actual: HOSTILE };
    const page = render(
      [makeProblem(HOSTILE, { difficulty: HOSTILE })],
      [makeRecord(HOSTILE, "wrong_answer", { first_failure: { ...failure, stderr: HOSTILE } })],
      "apps",
    );
    // The page's own script is the only one, and nothing of the text is left as markup or control characters.
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toContain("<img");
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(page).not.toMatch(/[\u001b\u202e]|\p{Cs}/u);
    expect(page).toContain("&lt;/pre&gt;&lt;script&gt;");
    expect(page).toContain("\\x1b[2J\\u202e\\ud800");
  });

  test("loads nothing", () => {
    const page = render([makeProblem("a")], [makeRecord("a")]);
    expect(page).not.toMatch(/https?:|<(?:link|img|iframe|object)|<script[^>]*src|@import|url\(/);
    expect(page).toContain("default-src 'none'");
  });

  test("shows figures by problem and the curve as far as every problem has samples", () => {
    const verdicts: [string, Verdict][] = [
      ["a", "accepted"],
      ["a", "wrong_answer"],
      ["a", "accepted"],
      ["b", "time_limit"],
      ["b", "time_limit"],
    ];
    const records = verdicts.map(([id, verdict]) => makeRecord(id, verdict));
    const problems = [makeProblem("a"), makeProblem("b")];
    expect(pickCurve(tallyUp(problems, records).summary, [1, 3])).toEqual([
      { k: 1, value: expect.closeTo(1 / 3) as number },
      { k: 2, value: 0.5 },
    ]);
    const page = render(problems, records);
    expect(page).toContain("66.7%");
    expect(page.match(/<tr data-verdicts=/g)).toHaveLength(2);
    expect(page).toContain('data-verdicts="accepted wrong_answer"');
  });

  test("is a page also where nothing was graded", () => {
    expect(render([makeProblem("a")], [])).toContain("Nothing was graded");
  });
});

describe("text for a terminal", () => {
  test("holds nothing that a terminal obeys", () => {
    expect(escapeControls("a\u001b[31m\u009b\r\n\tb\u202e\ud800\u{1f600}")).toBe(
      "a\\x1b[31m\\x9b\\x0d\n\tb\\u202e\\ud800\u{1f600}",
    );
    expect(escapeLine("a\n\tb")).toBe("a\\n\\tb");
    expect(escapeHtml(`<a href="x">'&`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  });
});

describe("the numbers of APPS", () => {
  const problems = [makeProblem("a", { difficulty: "interview" }), makeProblem("b", { difficulty: null })];
  const records = [makeRecord("a"), makeRecord("a", "wrong_answer"), makeRecord("b", "wrong_answer")];
  const sum = (allTests: boolean, format = "apps") =>
    summariseRun({
      ...{ summary: tallyUp(problems, records).summary, k: [1], set: { format, problems } },
      ...{ counts: { samples: 3, graded: 3 }, seconds: 1, isolation: "namespaces", allTests },
    });

  test("are given by difficulty and for all samples", () => {
    expect(sum(true).apps).toEqual({
      ...{ samples: 3, strict_accuracy: expect.closeTo(1 / 3) as number },
      test_case_average: expect.closeTo((1 + 0.5 + 0.5) / 3) as number,
      by_difficulty: {
        interview: { samples: 2, strict_accuracy: 0.5, test_case_average: 0.75 },
        "not stated": { samples: 1, strict_accuracy: 0, test_case_average: 0.5 },
      },
    });
    expect(sum(true, "humaneval")).not.toHaveProperty("apps");
  });

  test("leave out the test-case average where runs stopped at the first failure", () => {
    expect(sum(false).apps).toMatchObject({ test_case_average: null });
  });
});
