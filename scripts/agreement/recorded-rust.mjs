// Grades the recorded Rust samples by MultiPL-E's tests and compares with the verdicts that their authors recorded. Needs a
// build. Usage: node scripts/agreement/recorded-rust.mjs <data> [--mbpp mbpp-rs.jsonl] [--first N] [--out rows.jsonl]
// <data> has no tests of MBPP in Rust: --mbpp names a file of MultiPL-E's that has.
import console from "node:console";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";

import { createGrader } from "../../dist/grading/grader.js";
import { readProblems } from "../../dist/grading/problems/index.js";
import { createSandbox } from "../../dist/sandbox/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { mbpp: { type: "string" }, first: { type: "string" }, out: { type: "string" } },
});
const [data] = positionals;
if (data === undefined) {
  console.error("usage: node scripts/agreement/recorded-rust.mjs <folder with recorded/ and multipl-e/>");
  process.exit(1);
}
const rows = gunzipSync(readFileSync(join(data, "recorded/rust.jsonl.gz")))
  .toString()
  .trim()
  .split("\n")
  .slice(0, Number(values.first ?? Infinity))
  .map((line) => JSON.parse(line));
const files = [join(data, "multipl-e/humaneval-rs.jsonl.gz"), ...(values.mbpp === undefined ? [] : [values.mbpp])];
const sets = await Promise.all(files.map((file) => readProblems(file)));
const sandbox = await createSandbox();
const grader = createGrader(sandbox, { comparator: "strict", extraction: "auto", allTests: false, limits: {} });
// The same program comes again and again, from one round of a method to the next.
const graded = new Map();
const results = await Promise.all(
  rows.map(async ({ task_id, code, passed }) => {
    const problem = sets.map((set) => set.find(task_id)).find((found) => found !== undefined);
    if (problem === undefined) return { task_id, passed, verdict: "no such problem" };
    const key = `${task_id}\n${code}`;
    if (!graded.has(key))
      graded.set(key, grader.grade(problem, { taskId: problem.id, row: {}, completion: null, solution: code }));
    const { verdict, first_failure } = await graded.get(key);
    return { task_id, passed, verdict, stderr: first_failure?.stderr?.slice(0, 600) };
  }),
);
await sandbox.dispose();
const known = results.filter(({ verdict }) => verdict !== "no such problem");
const agrees = ({ passed, verdict }) => passed === (verdict === "accepted");
const differing = known.filter((one) => !agrees(one));
const share = ((100 * (known.length - differing.length)) / known.length).toFixed(2);
console.log(
  `${rows.length} rows, ${graded.size} different programs, ${rows.length - known.length} of unknown problems`,
);
console.log(`${known.length - differing.length} of ${known.length} agree: ${share} %`);
for (const { task_id, passed, verdict, stderr } of differing)
  console.log(
    `  ${task_id}: recorded ${passed}, got ${verdict}: ${(stderr ?? "").slice(0, 200).replaceAll("\n", " | ")}`,
  );
if (values.out !== undefined) writeFileSync(values.out, results.map((one) => `${JSON.stringify(one)}\n`).join(""));
