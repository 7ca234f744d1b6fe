// Compares two results files of the same samples: says how many verdicts are the same and lists the others.
import { readRows, takeArguments } from "./files.js";

const [first, second, key] = takeArguments("scripts/agreement/compare-runs.js <results> <results> <key>");

const others = new Map(readRows(second).map((row) => [row[key], row]));
const rows = readRows(first).sort((a, b) => a[key] - b[key]);
const differing = rows.filter((row) => others.get(row[key])?.verdict !== row.verdict);
console.error(
  `${rows.length - differing.length} of ${rows.length} verdicts are the same (${others.size} in the other)`,
);
for (const row of differing) {
  const other = others.get(row[key]);
  console.log(
    JSON.stringify({ [key]: row[key], task_id: row.task_id, first: brief(row), second: other && brief(other) }),
  );
}

function brief({ verdict, usage: { cpu_ms, wall_ms }, first_failure }) {
  return { verdict, cpu_ms, wall_ms, stderr: first_failure?.stderr.slice(-200) };
}
