import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { renderReport } from "../src/selftrain/page/page.js";
import type { Cost, IterationReport, Report, SetMetrics } from "../src/selftrain/records.js";
import { CHROMIUM, useBrowser, WITHOUT } from "./browser.js";
import { findFaintTexts, measureOverflow } from "./page-looks.js";
import { FakeEndpoint } from "./selftrain-endpoint.js";
import { runSelftrain } from "./selftrain-run.js";
import { readJson, writeRun } from "./selftrain-world.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const HOSTILE = `</title><script>alert("x")</script><img src=x onerror='alert(1)'>\u001b[2J\u202e`;
const folder = useTemporaryFolder();
const browser = useBrowser();

function makeMetrics(share: number, changes: Partial<SetMetrics> = {}): SetMetrics {
  return {
    ...{ problems: 50, scored: 50, pass_at_1: share, ci95: [share - 0.05, share + 0.05], gain: null },
    ...{ majority: null, majority_samples: null, verdicts: { accepted: 20, wrong_answer: 30 } },
    ...{ newly_solved: [], newly_lost: [], by_difficulty: {} },
    ...changes,
  };
}

const COST: Cost = {
  ...{ requests: 10, prompt_tokens: 1234, completion_tokens: 5678, graded: 40 },
  ...{ grading_cpu_seconds: 90, job_seconds: 0 },
};

function makeIteration(iteration: number, changes: Partial<IterationReport> = {}): IterationReport {
  return {
    ...{ iteration, model: `model ${iteration}`, generation: null, job: null, cost: { evaluate: COST } },
    ...{ test: makeMetrics(0.4), train: makeMetrics(0.45) },
    ...changes,
  };
}

const GENERATION: IterationReport["generation"] = {
  ...{ seed: 1, rule: "random", reward: "correct", model: "base", problems: 50, samples: 400, unscored: 3 },
  ...{ accepted: 120, sampled_pass_at_1: 0.3, verdicts: { accepted: 120, wrong_answer: 280 } },
  ...{ problems_by_accepted: { 0: 17, 3: 33 }, distinct: 90, selected: 77, problems_selected: 33 },
  dataset_sha256: "",
};

function makeReport(iterations: readonly IterationReport[], changes: Partial<Report> = {}): Report {
  const last = iterations.at(-1);
  return {
    ...{
      schema: "assay-selftrain-report/1",
      name: "a run",
      run_id: "12345678",
      written_at: "2026-01-01T00:00:00.000Z",
    },
    ...{ state: "finished", stopped_early: null, config: { seed: 1 }, grader: "assay", iterations: [...iterations] },
    best: last === undefined ? null : { iteration: last.iteration, model: last.model, weights: "w" },
    problems: { test: { path: "test.jsonl", format: "custom", problems: 50, sha256: "" } },
    ...{ compared: [], ...changes },
  };
}

/** The page's texts, one blank between two. */
function readTexts(page: string): string {
  const body = page.slice(page.indexOf("<body>"));
  return body
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&quot;", `"`)
    .replace(/\s+/g, " ");
}

/** Lines drawn in the chart with this title. */
function countPaths(page: string, title: string): number {
  const from = page.indexOf(`<h2>${title} `);
  expect(from, title).toBeGreaterThan(0);
  return page.slice(from, page.indexOf("</section>", from)).match(/class="line/g)?.length ?? 0;
}

const full = makeReport([
  makeIteration(0, {
    transfer: makeMetrics(0.2, { pass_at_k: { 1: 0.2, 8: 0.55 }, majority: 0.31, majority_samples: 64 }),
  }),
  makeIteration(1, {
    test: makeMetrics(0.61, {
      gain: { difference: 0.21, ci95: [0.11, 0.3] },
      ...{ newly_solved: ["test/7"], newly_lost: ["test/9", "test/11"] },
      by_difficulty: { introductory: { problems: 50, pass_at_1: 0.612 } },
    }),
    transfer: makeMetrics(0.33, { pass_at_k: { 1: 0.33, 8: 0.66 }, majority: 0.44, majority_samples: 64 }),
    generation: GENERATION,
    cost: { generate: COST, improve: { ...COST, requests: 0, job_seconds: 7200 } },
  }),
]);

describe("the page of a run", () => {
  it("loads nothing, runs nothing and takes all text as text", () => {
    const hostile = makeMetrics(0.5, {
      ...{ newly_solved: [HOSTILE], by_difficulty: { [HOSTILE]: { problems: 1, pass_at_1: 1 } } },
    });
    const compared = {
      ...{ name: HOSTILE, run_id: "", state: "finished" as const, best: 0, iterations: [{ iteration: 0, model: "" }] },
      differences: [{ field: HOSTILE, here: "", there: HOSTILE }],
    };
    const page = renderReport(
      makeReport([makeIteration(0), makeIteration(1, { model: HOSTILE, test: hostile })], {
        ...{ name: HOSTILE, config: { [HOSTILE]: HOSTILE }, grader: HOSTILE, stopped_early: HOSTILE },
        compared: [compared],
      }),
    );
    expect(page).not.toMatch(/<script|<img|https?:|<link|<iframe|@import|url\(/);
    expect(page).toContain("default-src 'none'");
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(page).not.toMatch(/[\u001b\u202e]/);
  });

  it("shows the gain over the base model, curves, votes, changes, acceptance and cost", () => {
    const page = renderReport(full);
    const texts = readTexts(page);
    for (const text of [
      ...["61.0% pass@1 on test set, iteration 1 (best)", "+21.0 points above the base model (11.0 to 30.0)"],
      ...["iteration 1, test set: 1 newly solved, 2 newly lost", "test/9, test/11"],
      ...["transfer set 64 31.0% 20.0%", "introductory 50"],
      "120 of 400 samples accepted, 90 of them distinct, 77 learnt from, of 33 of 50 problems",
      ...["grading, CPU time", "fine-tuning job, elapsed", "2h 00m", "4m 30s"],
      "3 generated samples could not be graded",
    ]) {
      expect(texts).toContain(text);
    }
    expect(countPaths(page, "pass@k on the transfer set")).toBe(2);
    expect(countPaths(page, "Training and test set")).toBe(2);
  });

  it("leaves a gap where something was not measured", () => {
    const shares = [0.3, 0.4, null, 0.5, 0.6];
    const iterations = shares.map((share, at) => {
      const { test, ...rest } = makeIteration(at);
      return share === null ? rest : { ...rest, test: { ...test, ...makeMetrics(share) } };
    });
    const page = renderReport(makeReport(iterations));
    expect(countPaths(page, "pass@1 on the test set")).toBe(2);
    expect(countPaths(page, "pass@1 on the training set")).toBe(1);
    for (const absent of ["transfer", "pass@k", "Majority vote", "Accepted samples"])
      expect(page).not.toContain(absent);
  });

  it("does not say 0 tokens where the server counted none", () => {
    const cost = { evaluate: { ...COST, prompt_tokens: null, completion_tokens: null } };
    const texts = readTexts(renderReport(makeReport([makeIteration(0, { cost })])));
    expect(texts).toContain("evaluate 10 – – 40 1m 30s");
    expect(texts).not.toContain("tokens generated");
  });

  it("is a page also where nothing was measured yet", () => {
    const texts = readTexts(renderReport(makeReport([], { state: "going_on" })));
    expect(texts).toContain("Nothing has been measured yet.");
    expect(texts).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe.skipIf(CHROMIUM === null)(`the page in Chromium${WITHOUT}`, () => {
  it.each(["light", "dark"] as const)("can be read on a narrow screen, %s", async (colorScheme) => {
    const path = join(folder.path, `${colorScheme}.html`);
    await writeFile(path, renderReport(full));
    const viewport = { width: 360, height: 740 };
    const { page, complaints } = await browser.open(pathToFileURL(path).href, { viewport, colorScheme });
    expect(await page.evaluate(measureOverflow)).toBeLessThanOrEqual(0);
    expect(await page.evaluate(findFaintTexts)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

it("a report shows a control beside the run, on the page and in report.json", async () => {
  const endpoint = new FakeEndpoint();
  const url = await endpoint.start();
  const path = await writeRun(join(folder.path, "main"), url);
  const control = await writeRun(join(folder.path, "control"), url, {
    name: "control",
    select: { reward: "shuffled" },
  });
  const [out, other] = [join(folder.path, "main", "out"), join(folder.path, "control", "out")];
  expect((await runSelftrain("run", path, "--out", out)).code).toBe(0);
  expect(await readFile(join(out, "report.html"), "utf8")).toContain("pass@1 on the test set");
  expect((await runSelftrain("run", control, "--out", other)).code).toBe(0);

  const { code, stdout } = await runSelftrain("report", path, "--out", out, "--compare", other);
  expect(code).toBe(0);
  expect(stdout).toContain("select.reward");
  const report = await readJson<Report>(out, "report.json");
  const apart = await readJson<Report>(other, "report.json");
  expect(report.compared).toMatchObject([
    { name: "control", differences: [{ field: "select.reward", here: '"correct"', there: '"shuffled"' }] },
  ]);
  expect(report.compared[0]?.iterations.map(({ test }) => test)).toEqual(apart.iterations.map(({ test }) => test));
  const texts = readTexts(await readFile(join(out, "report.html"), "utf8"));
  expect(texts).toContain('control select.reward: "shuffled"');
  expect(await readFile(join(other, "report.html"), "utf8")).toContain("rewards were dealt out at random");

  const refused = await runSelftrain("report", path, "--out", out, "--compare", join(folder.path, "none"));
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain("no run was begun here");
  await endpoint.stop();
});
