import { html, type Html } from "../../report/html.js";
import { showPairs } from "../../report/parts.js";
import { SETS, type Report } from "../records.js";
import { nameSet } from "./names.js";

/** What the run was made of. */
export function showSetup({ config, problems }: Report): Html {
  const sets = SETS.flatMap((set) => {
    const facts = problems[set];
    return facts === undefined
      ? []
      : [[nameSet(set), `${facts.problems} problems, ${facts.path} (${facts.format})`] as const];
  });
  return html`${showPairs("Problems", sets)}
    <section>
      <h2>Configuration <small>with every default</small></h2>
      <details>
        <summary>all fields</summary>
        <dl>
          ${flatten(config).map(
            ([name, value]) =>
              html`<dt>${name}</dt>
                <dd>${value}</dd>`,
          )}
        </dl>
      </details>
    </section>`;
}

/** Every leaf of a tree with its path; texts without quotes. */
function flatten(value: unknown, path = ""): [string, string][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, item]) => flatten(item, path === "" ? name : `${path}.${name}`));
  }
  return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
}
