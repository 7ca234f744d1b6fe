// Compares results with what the official APPS harness says of the same pairs: counts by how the harness rejects, then
// every difference as one JSON row.
import { readRows, takeArguments } from "./files.js";

const [officialPath, resultsPath] = takeArguments("scripts/agreement/compare-apps.js <official> <results>");

const official = new Map(readRows(officialPath).map((row) => [row.pair, row]));
const rows = readRows(resultsPath)
  .map((row) => ({ ...row, official: describe(official.get(row.pair).outcomes) }))
  .sort((a, b) => a.pair - b.pair);

const agreeing = rows.filter((row) => row.passed === (row.official === "accepts"));
console.error(`${agreeing.length} of ${rows.length} agree, ${((100 * agreeing.length) / rows.length).toFixed(2)} %`);
const table = {};
for (const { official, passed } of rows) {
  table[official] ??= { accepted: 0, rejected: 0 };
  table[official][passed ? "accepted" : "rejected"] += 1;
}
console.error(table);
for (const row of rows.filter((row) => !agreeing.includes(row))) {
  const { pair, task_id, from, official: said, verdict, tests, first_failure, usage } = row;
  const counts = count(official.get(pair).outcomes);
  console.log(
    JSON.stringify({
      pair,
      task_id,
      from,
      official: said,
      counts,
      verdict,
      tests,
      first_failure,
      cpu_ms: usage.cpu_ms,
    }),
  );
}

/** In words: a program that the harness rejects for its output on some tests and otherwise on others counts as both. */
function describe(outcomes) {
  if (outcomes.length > 0 && outcomes.every((outcome) => outcome > 0)) return "accepts";
  const kinds = [
    ["output", 0],
    ["error or time", -1],
    ["does not compile", -2],
  ];
  const found = kinds.filter(([, outcome]) => outcomes.includes(outcome)).map(([kind]) => kind);
  return `rejects: ${found.join(" and ") || "the harness ended"}`;
}

function count(outcomes) {
  const counts = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
