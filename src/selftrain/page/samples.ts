import { VERDICTS, type Verdict } from "../../grading/types.js";
import { drawBars } from "../../report/chart.js";
import { formatCount, formatShare } from "../../report/format.js";
import { html, type Html } from "../../report/html.js";
import { dot, nameVerdict } from "../../report/parts.js";
import { SETS, type Report } from "../records.js";
import { nameSet } from "./names.js";

/** How many training problems have 0, 1, 2 … accepted samples, in each iteration. */
export function showAccepted({ iterations }: Report): Html | null {
  const generated = iterations.flatMap(({ iteration, generation }) =>
    generation === null ? [] : [{ iteration, generation }],
  );
  if (generated.length === 0) return null;
  return html`<div class="pair">
    ${generated.map(({ iteration, generation }) => {
      const counts = new Map(
        Object.entries(generation.problems_by_accepted).map(([count, problems]) => [Number(count), problems]),
      );
      const { accepted, samples, distinct, selected, problems, problems_selected: learnt } = generation;
      return html`<section>
        <h2>Accepted samples of each problem <small>generated in iteration ${iteration}</small></h2>
        ${drawBars(counts, { label: `problems by accepted samples in iteration ${iteration}`, xName: "accepted samples; height: problems" })}
        <p class="under">
          ${formatCount(accepted)} of ${formatCount(samples)} samples accepted, ${formatCount(distinct)} of them
          distinct, ${formatCount(selected)} learnt from, of ${formatCount(learnt)} of ${formatCount(problems)}
          problems.
        </p>
      </section>`;
    })}
  </div>`;
}

type Mix = Readonly<Partial<Record<Verdict, number>>>;

/** The verdicts of generated and of greedy samples, a bar for each iteration. */
export function showVerdictMix({ iterations }: Report): Html | null {
  const rows = iterations.flatMap((one) => [
    ...(one.generation === null
      ? []
      : [{ name: `generated in iteration ${one.iteration}`, mix: one.generation.verdicts satisfies Mix }]),
    ...SETS.flatMap((set) => {
      const metrics = set === "test" || one.test === undefined ? one[set] : undefined;
      if (metrics === undefined) return [];
      return [{ name: `${nameSet(set)} after iteration ${one.iteration}`, mix: metrics.verdicts satisfies Mix }];
    }),
  ]);
  const present = VERDICTS.filter((verdict) => rows.some(({ mix }) => (mix[verdict] ?? 0) > 0));
  if (present.length === 0) return null;
  return html`<section>
    <h2>Verdicts <small>of generated samples and of greedy ones; iteration 0 is the base model</small></h2>
    <div class="mixes">
      ${rows.map(({ name, mix }) => {
        const total = present.reduce((sum, verdict) => sum + (mix[verdict] ?? 0), 0);
        const said = present
          .filter((verdict) => (mix[verdict] ?? 0) > 0)
          .map((verdict) => `${nameVerdict(verdict)} ${formatShare((mix[verdict] ?? 0) / total)}`)
          .join(", ");
        return html`<span>${name}</span>
          <div class="bar" role="img" aria-label="${name}: ${said}" title="${said}">
            ${present.map((verdict) =>
              (mix[verdict] ?? 0) === 0
                ? null
                : html`<i style="flex:${mix[verdict] ?? 0};background:var(--${verdict})"></i>`,
            )}
          </div>
          <span class="number">${formatShare((mix.accepted ?? 0) / Math.max(1, total))}</span>`;
      })}
    </div>
    <ul class="legend">
      ${present.map((verdict) => html`<li>${dot(verdict)}${nameVerdict(verdict)}</li>`)}
    </ul>
  </section>`;
}
