import { VERDICTS, type Verdict } from "../grading/types.js";
import { formatCount, formatShare } from "./format.js";
import { html, Html } from "./html.js";

/** `wrong answer` for `wrong_answer`. */
export function nameVerdict(verdict: Verdict): string {
  return verdict.replaceAll("_", " ");
}

/** A square in the colour of a verdict. */
export function dot(verdict: Verdict): Html {
  return html`<i class="dot" style="background:var(--${verdict})"></i>`;
}

export interface Tile {
  readonly value: string;
  readonly label: string;
  readonly lead?: boolean;
}

/** The headline numbers. */
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
  const label = present.map(({ verdict, count }) => `${nameVerdict(verdict)} ${formatShare(count / total)}`).join(", ");
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
            <span class="soft">${formatShare(count / total)}</span>
          </li>`,
      )}
    </ul>
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
