import { VERDICTS } from "../../grading/types.js";
import { formatCount, formatMs, formatShare } from "../../report/format.js";
import { html, Html } from "../../report/html.js";
import { dot, nameVerdict } from "../../report/parts.js";
import { findMedian, type ProblemFigures } from "./collect.js";

/** A row for each problem, in a frame that scrolls; the page's script sorts and filters it. */
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
      ${share === null ? "–" : html`<span class="share"><i style="width:${formatShare(share)}"></i></span>${formatShare(share)}`}
    </td>
    <td>${most === undefined ? null : html`${dot(most[0])}${nameVerdict(most[0])}`}</td>
    <td class="number" data-value="${median ?? -1}">${median === null ? "–" : formatMs(median)}</td>
  </tr> `;
}
