/** The page's style sheet: quiet, compact, light or dark as the reader's system says. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --panel: #fff; --line: #e4e4e0; --text: #1d1e20; --soft: #6b6e73; --accent: #2563a8; --track: #ececea;
  --accepted: #2f8f5b; --wrong_answer: #cf4a3f; --time_limit: #e0a030; --memory_limit: #8a63c4; --output_limit: #3f9ec0;
  --runtime_error: #e27a37; --compile_error: #c5568f; --no_code: #9a9c9f; --invalid_problem: #5d6066;
  --infrastructure_error: #1d1e20;
  --tone-0: #2563a8; --tone-1: #c2571a; --tone-2: #2b7f52; --tone-3: #8a4fb0; --tone-4: #a8324a; --tone-5: #5f6b2d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --panel: #1d2024; --line: #2f3338; --text: #e6e7e9; --soft: #989ca3; --accent: #74aef0; --track: #2a2e33;
    --accepted: #4cb67c; --wrong_answer: #e36a5f; --time_limit: #e8b44d; --memory_limit: #a98be0; --output_limit: #5bb7d8;
    --runtime_error: #ee9453; --compile_error: #dc78ab; --no_code: #7f8389; --invalid_problem: #b5b8bd;
    --infrastructure_error: #f5f5f5;
    --tone-0: #74aef0; --tone-1: #ee9453; --tone-2: #4cb67c; --tone-3: #c39be8; --tone-4: #f0808f; --tone-5: #b5c46a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: .25rem 1rem; margin-bottom: 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: .95rem; margin: 0 0 .75rem; font-weight: 650; }
h2 small { font-weight: 400; color: var(--soft); margin-left: .4rem; }
p { margin: 0 0 .75rem; }
.soft { color: var(--soft); }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem; margin-bottom: 1rem; overflow-x: auto; }
.notice { border-left: 4px solid var(--time_limit); }
.notice p:last-child { margin: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); padding: 0; overflow: hidden; }
.tiles div { padding: .9rem 1.1rem; box-shadow: 1px 1px var(--line); }
.tiles b { display: block; font-size: 1.55rem; line-height: 1.25; font-weight: 620; letter-spacing: -.015em; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: .82rem; }
.tiles .lead b { color: var(--accent); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1rem; }
.pair section { margin: 0; }
.pair { margin-bottom: 1rem; }
.bar { display: flex; gap: 2px; height: 1.4rem; border-radius: 5px; overflow: hidden; margin-bottom: .8rem; }
.bar i { min-width: 3px; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.4rem; margin: 0; padding: 0; list-style: none; font-variant-numeric: tabular-nums; }
.legend b { font-weight: 600; margin-left: .3rem; }
.mixes { display: grid; grid-template-columns: max-content minmax(4rem, 1fr) max-content; gap: .35rem .9rem; align-items: center; margin-bottom: .9rem; }
.mixes .bar { margin: 0; height: 1.1rem; }
@media (max-width: 34rem) { .mixes { grid-template-columns: 1fr max-content; } .mixes span:first-child, .mixes .number + span { grid-column: 1 / -1; margin-bottom: -.3rem; } }
.under { margin: .6rem 0 0; color: var(--soft); font-size: .85rem; }
.what { min-width: 12rem; }
svg + .legend { margin-top: .6rem; font-size: .85rem; }
.dot { display: inline-block; width: .62rem; height: .62rem; border-radius: 2px; margin-right: .4rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
svg text.value { fill: var(--text); font-weight: 600; }
svg .grid { stroke: var(--line); }
svg .curve { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
svg .area { fill: var(--accent); opacity: .1; }
svg .line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
svg .dashed { stroke-dasharray: 5 4; }
svg .whisker { stroke: currentColor; stroke-width: 1.2; opacity: .6; }
svg .count { fill: var(--tone-0); opacity: .75; }
.stroke { display: inline-block; width: 1.2rem; border-top: 2.5px solid currentColor; vertical-align: middle; margin-right: .4rem; }
.stroke.dashed { border-top-style: dashed; }
svg circle { fill: var(--panel); stroke: var(--accent); stroke-width: 2; }
svg g circle { stroke: currentColor; }
.scroll { overflow: auto; max-height: 36rem; margin: 0 -1.25rem -1.1rem; border-top: 1px solid var(--line); border-radius: 0 0 10px 10px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .32rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 500; color: var(--soft); font-size: .82rem; }
th:first-child, td:first-child { padding-left: 1.25rem; }
section > table th:first-child, section > table td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 1.25rem; }
section > table th:last-child, section > table td:last-child { padding-right: 0; }
tbody tr:last-child td { border-bottom: 0; }
.scroll thead th { position: sticky; top: 0; background: var(--panel); box-shadow: 0 1px var(--line); z-index: 1; }
.number { text-align: right; }
.id { white-space: normal; overflow-wrap: anywhere; }
.share { display: inline-block; width: 5rem; height: .5rem; border-radius: 3px; background: var(--track); overflow: hidden; vertical-align: middle; margin-right: .6rem; }
.share i { display: block; height: 100%; background: var(--accepted); }
th button { all: unset; cursor: pointer; }
th button:hover, th button:focus-visible { color: var(--text); text-decoration: underline; }
th[aria-sort] button { color: var(--text); font-weight: 600; }
th button::after { content: " ↕"; opacity: .4; }
th[aria-sort] button::after { opacity: 1; }
th[aria-sort=ascending] button::after { content: " ↑"; }
th[aria-sort=descending] button::after { content: " ↓"; }
.tools { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin-bottom: .75rem; }
.tools[hidden] { display: none; }
input, select { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: .25rem .6rem; }
input { flex: 1 1 14rem; max-width: 22rem; }
details { border-top: 1px solid var(--line); padding: .5rem 0; }
details:last-child { padding-bottom: 0; }
summary { cursor: pointer; font-weight: 550; }
.example { margin: .6rem 0 1rem; }
.example:last-child { margin-bottom: .25rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem 1rem; margin: .4rem 0 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: .4rem .6rem; background: var(--page); border: 1px solid var(--line); border-radius: 6px; font: 12px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 14rem; overflow: auto; }
code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
code.name { overflow-wrap: normal; white-space: nowrap; }
@media (max-width: 34rem) { dl { grid-template-columns: minmax(0, 1fr); } dd + dt { margin-top: .4rem; } }
footer { color: var(--soft); font-size: .82rem; }
@media print { .scroll { max-height: none; } .tools { display: none; } section { break-inside: avoid; } }
`;
