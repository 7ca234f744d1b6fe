import { html, type Html } from "../../report/html.js";
import { SETS, type Metrics, type Report } from "../records.js";
import { describePoints, describeShare, nameSet, orMissing } from "./names.js";

/** Longest difference that is written out, in characters. */
const MOST_SHOWN = 60;

interface Row {
  readonly name: string;
  readonly what: string;
  readonly best: number | null;
  readonly iterations: readonly Metrics[];
}

/** Other runs beside this one: a control, ablations. */
export function showCompared({ name, best, iterations, compared }: Report): Html | null {
  if (compared.length === 0) return null;
  const set = iterations.some(({ test }) => test !== undefined) ? "test" : SETS.find((one) => iterations[0]?.[one]);
  if (set === undefined) return null;
  const rows: Row[] = [
    { name, what: "this run", best: best?.iteration ?? null, iterations },
    ...compared.map((run) => ({
      ...{ name: run.name, best: run.best, iterations: run.iterations },
      what: describeDifferences(run) + (run.state === "going_on" ? " (not at its end)" : ""),
    })),
  ];
  return html`<section>
    <h2>Beside other runs <small>pass@1 on the ${nameSet(set)}; gains in points above each run's base model</small></h2>
    <table>
      <thead>
        <tr>
          <th>run</th>
          <th>what differs</th>
          <th class="number">base model</th>
          <th class="number">best iteration</th>
          <th class="number">gain</th>
          <th class="number">last iteration</th>
          <th class="number">gain</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => {
          const [base, last] = [row.iterations[0]?.[set], row.iterations.at(-1)?.[set]];
          const tuned = row.best === null ? undefined : row.iterations[row.best]?.[set];
          return html`<tr>
            <td class="id">${row.name}</td>
            <td class="id what">${row.what}</td>
            <td class="number">${orMissing(base, describeShare)}</td>
            <td class="number">${orMissing(tuned, describeShare)}</td>
            <td class="number">${row.best === 0 ? "the base model" : orMissing(tuned?.gain, describePoints)}</td>
            <td class="number">${orMissing(last, describeShare)}</td>
            <td class="number">${orMissing(last?.gain, describePoints)}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </section>`;
}

/** What a chart calls another run: its name, and what differs where two runs have the same name. */
export function nameCompared(run: Report["compared"][number], { name, compared }: Report): string {
  const same = [{ name }, ...compared].filter((one) => one.name === run.name).length > 1;
  return same ? `${run.name} (${describeDifferences(run)})` : run.name;
}

function describeDifferences({ differences }: Report["compared"][number]): string {
  if (differences.length === 0) return "nothing";
  const cut = (text: string): string => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);
  return differences
    .map(({ field, there }) => (field.startsWith("contents of") ? field : `${field}: ${cut(there)}`))
    .join(", ");
}
