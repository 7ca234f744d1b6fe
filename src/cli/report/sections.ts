import { VERDICTS } from "../../grading/types.js";
import type { SlowSample } from "../../grading/metrics.js";
import { formatMs, formatShare } from "../../report/format.js";
import { html, Html } from "../../report/html.js";
import { dot, nameVerdict } from "../../report/parts.js";
import type { AppsScore, AppsScores } from "../grade/summary.js";
import type { Example, ReportCollector } from "./collect.js";

/** The samples that took most CPU time. */
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

/** A few failures of each verdict, to be unfolded. */
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

/** The line break after `<pre>` is one that browsers drop; without it they would drop one of the text's. */
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
            <dd><pre>${"\n" + texts[name]}</pre></dd>`,
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
        <span class="share"><i style="width:${formatShare(strict)}"></i></span>${formatShare(strict)}
      </td>
      <td>
        ${average === null ? html`<span class="soft">needs --all-tests</span>` : html`<span class="share"><i style="width:${formatShare(average)}"></i></span>${formatShare(average)}`}
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
