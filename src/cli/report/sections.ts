import { VERDICTS, type Verdict } from "../../grading/types.js";
import type { SlowSample } from "../../grading/metrics.js";
import type { AppsScore, AppsScores } from "../grade/summary.js";
import type { Example, ProblemFigures, ReportCollector } from "./collect.js";
import { findMedian } from "./collect.js";
import { percent } from "./curve.js";
import { html, Html } from "./html.js";

export function nameVerdict(verdict: Verdict): string {
  return verdict.replaceAll("_", " ");
}

function dot(verdict: Verdict): Html {
  return html`<i class="dot" style="background:var(--${verdict})"></i>`;
}

export interface Tile {
  readonly value: string;
  readonly label: string;
  readonly lead?: boolean;
}

export function showTiles(tiles: readonly Tile[]): Html {
  const cells = tiles.map(
    ({ value, label, lead }) =>
      html`<div class="${lead === true ? "lead" : ""}"><b>${value}</b><span>${label}</span></div>`,
  );
  return html`<section class="tiles">${cells}</section>`;
}

/** One bar of all verdicts in the order of `VERDICTS`, with a legend of counts and shares. */
export function showVerdicts(counts: Readonly<Partial<Record<Verdict, number>>>): Html {
  const present = VERDICTS.map((verdict) => ({ verdict, count: counts[verdict] ?? 0 })).filter(
    ({ count }) => count > 0,
  );
  const total = present.reduce((sum, { count }) => sum + count, 0);
  const label = present.map(({ verdict, count }) => `${nameVerdict(verdict)} ${percent(count / total)}`).join(", ");
  return html`<section>
    <h2>Verdicts</h2>
    <div class="bar" role="img" aria-label="${label}">
      ${present.map(
        ({ verdict, count }) =>
          html`<i style="flex:${count};background:var(--${verdict})" title="${nameVerdict(verdict)}: ${count}"></i>`,
      )}
    </div>
    <ul class="legend">
      ${present.map(
        ({ verdict, count }) =>
          html`<li>
            ${dot(verdict)}${nameVerdict(verdict)}<b>${formatCount(count)}</b>
            <span class="soft">${percent(count / total)}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}

export function showProblems(problems: readonly ProblemFigures[]): Html {
  const present = VERDICTS.filter((verdict) => problems.some(({ verdicts }) => verdicts.has(verdict)));
  const hasDifficulty = problems.some(({ difficulty }) => difficulty !== null);
  return html`<section>
    <h2>Problems <small>${formatCount(problems.length)} with samples</small></h2>
    <div class="tools" id="tools" hidden>
      <input type="search" placeholder="Filter by id" aria-label="Filter by id" />
      <select aria-label="Filter by verdict">
        <option value="">any verdict</option>
        ${present.map((verdict) => html`<option value="${verdict}">${nameVerdict(verdict)}</option>`)}
      </select>
      <span class="soft" id="shown" role="status"></span>
    </div>
    <div class="scroll" tabindex="0">
      <table id="problems">
        <thead>
          <tr>
            <th>problem</th>
            ${hasDifficulty ? html`<th>difficulty</th>` : null}
            <th class="number">samples</th>
            <th class="number">accepted</th>
            <th>pass@1</th>
            <th>most frequent verdict</th>
            <th class="number">median CPU</th>
          </tr>
        </thead>
        <tbody>
          ${problems.map((problem) => showProblem(problem, hasDifficulty))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function showProblem(
  { id, difficulty, samples, accepted, verdicts, cpuMs }: ProblemFigures,
  hasDifficulty: boolean,
): Html {
  const share = samples === 0 ? null : accepted / samples;
  const [most] = [...verdicts].sort(([, a], [, b]) => b - a);
  const median = findMedian(cpuMs);
  return html`<tr data-verdicts="${[...verdicts.keys()].join(" ")}">
    <td class="id">${id}</td>
    ${hasDifficulty ? html`<td>${difficulty ?? "–"}</td>` : null}
    <td class="number" data-value="${samples}">${samples}</td>
    <td class="number" data-value="${accepted}">${accepted}</td>
    <td data-value="${share ?? -1}">
      ${share === null ? "–" : html`<span class="share"><i style="width:${percent(share)}"></i></span>${percent(share)}`}
    </td>
    <td>${most === undefined ? null : html`${dot(most[0])}${nameVerdict(most[0])}`}</td>
    <td class="number" data-value="${median ?? -1}">${median === null ? "–" : formatMs(median)}</td>
  </tr> `;
}

export function showSlowest(samples: readonly SlowSample[]): Html | null {
  if (samples.length === 0) return null;
  return html`<section>
    <h2>Slowest samples <small>by CPU time over all their tests</small></h2>
    <table>
      <thead>
        <tr>
          <th>problem</th>
          <th>row of the results</th>
          <th>verdict</th>
          <th class="number">CPU</th>
          <th class="number">elapsed</th>
        </tr>
      </thead>
      <tbody>
        ${samples.map(
          ({ taskId, index, verdict, cpuMs, wallMs }) =>
            html`<tr>
              <td class="id">${taskId}</td>
              <td>${index + 1}</td>
              <td>${dot(verdict)}${nameVerdict(verdict)}</td>
              <td class="number">${formatMs(cpuMs)}</td>
              <td class="number">${formatMs(wallMs)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

export function showExamples(examples: ReportCollector["examples"]): Html | null {
  const groups = VERDICTS.flatMap((verdict) => {
    const group = examples.get(verdict);
    return group === undefined ? [] : [{ verdict, group }];
  });
  if (groups.length === 0) return null;
  return html`<section>
    <h2>First failures <small>a few of each verdict, texts cut</small></h2>
    ${groups.map(
      ({ verdict, group }, at) => html`<details${at === 0 ? new Html(" open") : null}>
        <summary>${dot(verdict)}${nameVerdict(verdict)}</summary>${group.map(showExample)}
      </details>`,
    )}
  </section>`;
}

function showExample({ taskId, verdict, test, ...texts }: Example): Html {
  const where =
    test === null
      ? null
      : html` <span class="soft"
          >test ${test + 1}${verdict === "wrong_answer" ? "" : `, ${nameVerdict(verdict)}`}</span
        >`;
  const shown = (["input", "expected", "actual", "stderr"] as const).filter((name) => texts[name] !== "");
  return html`<div class="example">
    <code>${taskId}</code>${where}
    <dl>
      ${shown.map(
        (name) =>
          html`<dt>${name}</dt>
            <dd><pre>${texts[name]}</pre></dd>`,
      )}
    </dl>
  </div>`;
}

/** The two numbers of APPS by difficulty. */
export function showApps(apps: AppsScores): Html {
  const row = (name: string, { samples, strict_accuracy: strict, test_case_average: average }: AppsScore): Html =>
    html`<tr>
      <td>${name}</td>
      <td class="number">${samples}</td>
      <td>
        <span class="share"><i style="width:${percent(strict)}"></i></span>${percent(strict)}
      </td>
      <td>
        ${average === null ? html`<span class="soft">needs --all-tests</span>` : html`<span class="share"><i style="width:${percent(average)}"></i></span>${percent(average)}`}
      </td>
    </tr>`;
  return html`<section>
    <h2>By difficulty <small>as APPS counts: all tests passed, and mean share of tests passed</small></h2>
    <table>
      <thead>
        <tr>
          <th>difficulty</th>
          <th class="number">samples</th>
          <th>strict accuracy</th>
          <th>test case average</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(apps.by_difficulty).map(([name, score]) => row(name, score))}${row("all", apps)}
      </tbody>
    </table>
  </section>`;
}

/** Terms and what they are, for instance limits or settings. */
export function showPairs(title: string, pairs: readonly (readonly [string, string])[]): Html {
  return html`<section>
    <h2>${title}</h2>
    <dl>
      ${pairs.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </section>`;
}

export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms >= 100 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}

/** A whole number with its thousands apart: `10,496`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
