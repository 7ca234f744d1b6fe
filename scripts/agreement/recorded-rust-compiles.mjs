// Which recorded Rust samples compile, asked of rustc alone: nothing of assay is in it, and nothing is run. A program is put
// together as the recorder's harness did, `func + test`, with the tests in the rows of the recorder's own runs.
// Usage: node scripts/agreement/recorded-rust-compiles.mjs <data> <clone of reflexion> <rows> [--differing] [--rustc path]…
// <rows> is what recorded-rust.mjs --out wrote; --differing leaves out what agrees with the record.
import { execFile, execFileSync } from "node:child_process";
import console from "node:console";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

import { readRows } from "./files.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { differing: { type: "boolean" }, rustc: { type: "string", multiple: true, default: ["rustc"] } },
});
const [data, reflexion, rows] = positionals;
if (rows === undefined) {
  console.error("usage: node scripts/agreement/recorded-rust-compiles.mjs <data> <clone of reflexion> <rows>");
  process.exit(1);
}
const recorded = readRows(join(data, "recorded/rust.jsonl.gz"));
const graded = readRows(rows);
if (recorded.some(({ task_id }, index) => graded[index]?.task_id !== task_id)) {
  throw new Error(`${rows} is not of these samples`);
}
const runs = new Map();
const testOf = ({ file, task_id }) => {
  if (!runs.has(file)) runs.set(file, new Map(readRows(join(reflexion, file)).map(({ name, test }) => [name, test])));
  return runs.get(file).get(task_id);
};
const samples = recorded
  .map((row, index) => ({ ...row, index, verdict: graded[index].verdict, text: row.code + testOf(row) }))
  .map((row) => ({ ...row, differs: row.passed !== (row.verdict === "accepted") }))
  .filter(({ differs }) => differs || values.differing !== true);

const folder = mkdtempSync(join(tmpdir(), "compiles-"));
try {
  for (const rustc of values.rustc) report(execFileSync(rustc, ["-V"]).toString().trim(), await faultsBy(rustc));
} finally {
  rmSync(folder, { recursive: true });
}

/** What is wrong with each text, null where it compiles. */
async function faultsBy(rustc) {
  const faults = new Map();
  const left = [...new Set(samples.map(({ text }) => text))].entries();
  const work = async () => {
    for (const [number, text] of left) faults.set(text, await compile(rustc, join(folder, `p${number}.rs`), text));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return faults;
}

/** The harness's edition, and `metadata` as `cargo check` asks for it: no program is made, so none can be run. */
function compile(rustc, source, text) {
  writeFileSync(source, text);
  const words = ["--edition", "2021", "--emit=metadata", "-A", "warnings", "--out-dir", folder, source];
  return new Promise((resolve, reject) => {
    execFile(rustc, words, { timeout: 60_000, maxBuffer: 1 << 26 }, (error, _stdout, stderr) => {
      if (error === null) return resolve(null);
      const [fault] = /^error.*$/m.exec(stderr) ?? [];
      if (error.code === 1 && fault !== undefined) resolve(fault);
      else reject(error); // not the program's fault: the count would be wrong
    });
  });
}

function report(version, faults) {
  const failing = samples.filter(({ text }) => faults.get(text) !== null);
  console.log(`${version}: ${failing.length} of ${samples.length} do not compile`);
  const counts = new Map();
  for (const { passed, verdict, differs, text } of samples) {
    const words = `${differs ? "differs" : "agrees"}: recorded ${passed ? "pass" : "fail"}, here ${verdict}`;
    const [yes, no] = counts.get(words) ?? [0, 0];
    counts.set(words, faults.get(text) === null ? [yes + 1, no] : [yes, no + 1]);
  }
  for (const [words, [yes, no]] of [...counts].sort()) console.log(`  ${words}: ${yes} compile, ${no} do not`);
  for (const { index, task_id, differs, text } of failing) {
    if (differs) console.log(`  row ${index + 1}, ${task_id}: ${faults.get(text)}`);
  }
}
