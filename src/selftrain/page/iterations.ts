import { formatCount, formatShare } from "../../report/format.js";
import { html, type Html } from "../../report/html.js";
import { SETS, type IterationReport, type Report, type SetMetrics, type SetName } from "../records.js";
import { describePoints, describeShare, MISSING, nameIteration, nameSet, orMissing, signed } from "./names.js";

/** The figures of the charts, a row for each iteration. */
export function showIterations({ iterations, best }: Report): Html | null {
  const sets = SETS.filter((set) => iterations.some((one) => one[set] !== undefined));
  if (iterations.length === 0) return null;
  const lead: SetName | undefined = sets.includes("test") ? "test" : sets.at(-1);
  return html`<section>
    <h2>By iteration <small>pass@1 with its interval; gain and gap in points</small></h2>
    <table>
      <thead>
        <tr>
          <th>iteration</th>
          ${sets.map((set) => html`<th class="number">${nameSet(set)}</th>`)}
          ${lead === undefined ? null : html`<th class="number">gain on the ${nameSet(lead)}</th>`}
          <th class="number">gap train to test</th>
          <th class="number">rows learnt from</th>
          <th>model</th>
        </tr>
      </thead>
      <tbody>
        ${iterations.map(
          (one) =>
            html`<tr>
              <td>${nameIteration(one.iteration)}${best?.iteration === one.iteration ? " (best)" : ""}</td>
              ${sets.map((set) => html`<td class="number">${orMissing(one[set], describeShare)}</td>`)}
              ${lead === undefined ? null : html`<td class="number">${showGain(one[lead])}</td>`}
              <td class="number">${showGap(one)}</td>
              <td class="number">${orMissing(one.generation?.selected ?? one.job?.rows, formatCount)}</td>
              <td><code class="name">${one.model}</code></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function showGain(metrics: SetMetrics | undefined): Html | string {
  return orMissing(metrics?.gain, describePoints);
}

function showGap({ train, test }: IterationReport): Html | string {
  if (train === undefined || test === undefined) return MISSING;
  return signed(100 * (train.pass_at_1 - test.pass_at_1));
}

/** pass@1 of base model and best by the groups of problems that are known. */
export function showGroups({ iterations, best }: Report): Html | null {
  const [base, tuned] = [iterations[0], iterations[best?.iteration ?? 0]];
  if (base === undefined || tuned === undefined) return null;
  const sections = SETS.flatMap((set) => [
    showGroup(`By difficulty: ${nameSet(set)}`, "as the problems state it", {
      base: base[set]?.by_difficulty,
      tuned: tuned[set]?.by_difficulty,
      iteration: tuned.iteration,
    }),
    showGroup(`By the base model's success: ${nameSet(set)}`, "its samples at temperature 1", {
      base: base[set]?.by_base_success,
      tuned: tuned[set]?.by_base_success,
      iteration: tuned.iteration,
    }),
  ]).filter((section) => section !== null);
  return sections.length === 0 ? null : html`<div class="pair">${sections}</div>`;
}

type Groups = SetMetrics["by_difficulty"] | undefined;

function showGroup(
  title: string,
  small: string,
  { base, tuned, iteration }: { base: Groups; tuned: Groups; iteration: number },
): Html | null {
  const names = [...new Set([...Object.keys(base ?? {}), ...Object.keys(tuned ?? {})])];
  if (names.length === 0) return null;
  return html`<section>
    <h2>${title} <small>${small}</small></h2>
    <table>
      <thead>
        <tr>
          <th>problems</th>
          <th class="number">how many</th>
          <th class="number">base model</th>
          ${iteration === 0 ? null : html`<th class="number">${nameIteration(iteration)}</th>`}
        </tr>
      </thead>
      <tbody>
        ${names.map(
          (name) =>
            html`<tr>
              <td class="id">${name.replaceAll("_", " ")}</td>
              <td class="number">${(base?.[name] ?? tuned?.[name])?.problems ?? 0}</td>
              <td class="number">${orMissing(base?.[name]?.pass_at_1, formatShare)}</td>
              ${iteration === 0 ? null : html`<td class="number">${orMissing(tuned?.[name]?.pass_at_1, formatShare)}</td>`}
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
