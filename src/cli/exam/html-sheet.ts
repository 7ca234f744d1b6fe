import type { SheetQuestion } from "../../grading/exam/sheet.js";
import { html, type Html } from "../../report/html.js";
import { renderPage } from "../../report/page.js";

/** Plain, and fit for printing: a question is not torn from its answers where that can be had. */
const STYLE = `
:root { color-scheme: light dark; --line: #d8d8d4; --soft: #6b6e73; --panel: #f4f4f1; }
@media (prefers-color-scheme: dark) { :root { --line: #3a3e44; --soft: #989ca3; --panel: #1d2024; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 110rem; font: 14px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
h3 { font-size: .9rem; margin: 0 0 .4rem; overflow-wrap: anywhere; }
p, small { color: var(--soft); }
section { border-top: 1px solid var(--line); padding: 1.2rem 0; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 0 .75rem; }
.reference { background: var(--panel); padding: .6rem .8rem; margin-bottom: .75rem; }
.reference pre { margin: 0; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: .75rem; }
.answers article { border: 1px solid var(--line); border-radius: 6px; padding: .7rem .8rem; break-inside: avoid; }
.mark { color: var(--soft); text-align: right; margin: 0; }
`;

/** The sheet as one page that loads nothing and runs nothing; all texts are shown as they were written. */
export function renderHtmlSheet(title: string, sheet: readonly SheetQuestion[]): string {
  const main = html`<h1>${title}</h1>
    <p>${sheet.length} questions. Formulas are shown as they were written.</p>
    ${sheet.map(showQuestion)}`;
  return renderPage(`${title}: to be marked`, main, { style: STYLE });
}

function showQuestion({ id, text, points, reference, answers }: SheetQuestion): Html {
  return html`<section>
    <h2>Question ${id} <small>${describePoints(points)}</small></h2>
    <pre>${text}</pre>
    ${
      reference === null
        ? null
        : html`<div class="reference">
            <h3>Reference</h3>
            <pre>${reference}</pre>
          </div>`
    }
    <div class="answers">
      ${answers.map(
        ({ label, text: answer }) =>
          html`<article>
            <h3>${label}</h3>
            ${answer === null ? html`<p>No answer: 0 points.</p>` : html`<pre>${answer}</pre>`}
            ${answer === null ? null : html`<p class="mark">____ ${points === null ? "" : `of ${points}`}</p>`}
          </article>`,
      )}
    </div>
  </section>`;
}

export function describePoints(points: number | null): string {
  return points === null ? "points not stated" : points === 1 ? "1 point" : `${points} points`;
}
