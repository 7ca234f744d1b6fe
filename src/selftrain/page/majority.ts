import { formatShare } from "../../report/format.js";
import { html, type Html } from "../../report/html.js";
import { SETS, type Report } from "../records.js";
import { nameIteration, nameSet, orMissing } from "./names.js";

/** Majority votes where there were any, beside greedy pass@1. */
export function showMajority({ iterations }: Report): Html | null {
  const rows = iterations.flatMap((one) =>
    SETS.flatMap((set) => {
      const metrics = one[set];
      return metrics === undefined || metrics.majority_samples === null ? [] : [{ one, set, metrics }];
    }),
  );
  if (rows.length === 0) return null;
  return html`<section>
    <h2>Majority vote <small>problems whose most frequent answer, or output, is right</small></h2>
    <table>
      <thead>
        <tr>
          <th>iteration</th>
          <th>set</th>
          <th class="number">samples</th>
          <th class="number">majority</th>
          <th class="number">pass@1</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ one, set, metrics }) =>
            html`<tr>
              <td>${nameIteration(one.iteration)}</td>
              <td>${nameSet(set)}</td>
              <td class="number">${metrics.majority_samples}</td>
              <td class="number">${orMissing(metrics.majority, formatShare)}</td>
              <td class="number">${formatShare(metrics.pass_at_1)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
