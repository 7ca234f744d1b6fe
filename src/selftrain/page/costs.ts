import { formatCount, formatDuration } from "../../report/format.js";
import { html, type Html } from "../../report/html.js";
import { addCosts } from "../context.js";
import { STEPS, type Cost, type Report } from "../records.js";
import { MISSING, nameIteration, orMissing } from "./names.js";

/** What each step used, and all together. */
export function showCosts({ iterations }: Report): Html | null {
  const rows = iterations.flatMap(({ iteration, cost }) =>
    STEPS.flatMap((step) => {
      const used = cost[step];
      return used === undefined ? [] : [{ name: nameIteration(iteration), step, used }];
    }),
  );
  if (rows.length === 0) return null;
  const total = addCosts(rows.map(({ used }) => used));
  return html`<section>
    <h2>Cost <small>tokens as the server counted them; a job's time is from its submission to its end</small></h2>
    <table>
      <thead>
        <tr>
          <th>iteration</th>
          <th>step</th>
          <th class="number">requests</th>
          <th class="number">prompt tokens</th>
          <th class="number">completion tokens</th>
          <th class="number">graded</th>
          <th class="number">grading, CPU time</th>
          <th class="number">fine-tuning job, elapsed</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(({ name, step, used }) => showRow(name, step, used))} ${showRow("all", "", total)}
      </tbody>
    </table>
  </section>`;
}

function showRow(name: string, step: string, used: Cost): Html {
  const asked = used.requests > 0;
  return html`<tr>
    <td>${name}</td>
    <td>${step}</td>
    <td class="number">${asked ? formatCount(used.requests) : MISSING}</td>
    <td class="number">${asked ? orMissing(used.prompt_tokens, formatCount) : MISSING}</td>
    <td class="number">${asked ? orMissing(used.completion_tokens, formatCount) : MISSING}</td>
    <td class="number">${asked ? formatCount(used.graded) : MISSING}</td>
    <td class="number">${asked ? formatDuration(used.grading_cpu_seconds) : MISSING}</td>
    <td class="number">${used.job_seconds > 0 ? formatDuration(used.job_seconds) : MISSING}</td>
  </tr>`;
}
