// Compares results with the verdicts that were recorded for the same programs: a table of agreement for each kind of
// row, then every difference as one JSON row.
import { readRows, takeArguments } from "./files.js";

const files = takeArguments("scripts/agreement/compare-recorded.js <results> …");

const rows = files.flatMap((file) => readRows(file).map((row) => ({ ...row, file })));
const kinds = group(rows);
for (const [kind, members] of [...kinds, ["all", rows]]) {
  const agreeing = members.filter(agrees).length;
  console.error(`${kind}: ${agreeing} of ${members.length}, ${((100 * agreeing) / members.length).toFixed(3)} %`);
}
for (const row of rows.filter((row) => !agrees(row)).sort((a, b) => a.row - b.row)) {
  const { task_id, recorded, verdict, first_failure, usage } = row;
  console.log(JSON.stringify({ row: row.row, task_id, recorded, verdict, first_failure, cpu_ms: usage.cpu_ms }));
}

function agrees({ passed, recorded }) {
  return passed === recorded.passed;
}

function nameKind({ recorded: { bench, oracle }, extraction }) {
  return `${bench}, ${oracle}, ${extraction.rule === "solution" ? "program" : "completion"}`;
}

function group(all) {
  const groups = new Map();
  for (const row of all) {
    const kind = nameKind(row);
    if (!groups.has(kind)) groups.set(kind, []);
    groups.get(kind).push(row);
  }
  return groups;
}
