import { html, type Html } from "../../report/html.js";
import { SETS, type Report } from "../records.js";
import { nameIteration, nameSet } from "./names.js";

/** Names of problems that are written out, of each kind. */
const MOST_NAMED = 200;

/** Problems that an iteration solves and the one before did not, and the other way round. */
export function showChanges({ iterations }: Report): Html | null {
  const rows = iterations.slice(1).flatMap((one) =>
    SETS.flatMap((set) => {
      const metrics = one[set];
      return metrics === undefined ? [] : [{ iteration: one.iteration, set, metrics }];
    }),
  );
  if (rows.length === 0) return null;
  return html`<section>
    <h2>What changed <small>greedy samples, against the iteration before</small></h2>
    ${rows.map(
      ({ iteration, set, metrics: { newly_solved: solved, newly_lost: lost } }) =>
        html`<details>
          <summary>
            ${nameIteration(iteration)}, ${nameSet(set)}: ${solved.length} newly solved, ${lost.length} newly lost
          </summary>
          <dl>
            <dt>solved</dt>
            <dd>${listNames(solved)}</dd>
            <dt>lost</dt>
            <dd>${listNames(lost)}</dd>
          </dl>
        </details>`,
    )}
  </section>`;
}

function listNames(names: readonly string[]): Html {
  if (names.length === 0) return html`<span class="soft">none</span>`;
  const rest = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more, see report.json` : "";
  return html`<code>${names.slice(0, MOST_NAMED).join(", ")}</code>${rest}`;
}
