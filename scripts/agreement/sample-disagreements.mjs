// Picks disagreements about mathematical answers to be read by hand: all those between the default policy and the
// recorded correctness, and as many between the default policy and others, drawn from a seed, as make the number full.
// Writes JSON rows. Needs a build: answers are compared by what users run, the symbolic check included.
import console from "node:console";
import { join } from "node:path";
import { decideSame } from "../../dist/grading/mathematics/decide.js";
import { SymbolicCheck } from "../../dist/grading/mathematics/symbolic.js";
import { createSandbox } from "../../dist/sandbox/index.js";
import { readRows, takeArguments, writeRows } from "./files.js";

const [data, out, ...results] = takeArguments(
  "scripts/agreement/sample-disagreements.mjs <data> <out> <results under default> …",
);

const WANTED = 200;
const SEED = 6;
/** The other policies, each for the sets that it is for. */
const POLICIES = {
  hendrycks: /^MATH/,
  minerva: /^MATH/,
  prm800k: /^MATH/,
  "gsm8k-strict": /^(?:GSM8K|SVAMP)$/,
  "gsm8k-flexible": /^(?:GSM8K|SVAMP)$/,
};

const recorded = readRows(join(data, "recorded/mathematics.jsonl.gz"));
const rows = results
  .flatMap(readRows)
  .map((graded) => describe(graded, recorded[graded.row - 1]))
  .sort((a, b) => a.row - b.row);

const againstRecord = rows
  .filter(({ here, recorded: record }) => here !== record)
  .map((row) => ({ ...row, against: "recorded" }));
const others = await findOthers(
  rows.filter((row) => row.here === row.recorded && row.answer !== null && row.reference !== ""),
);
const room = Math.max(0, WANTED - againstRecord.length);
const sample = [...shuffle(againstRecord).slice(0, WANTED), ...drawInTurn(others, room)];
console.error(`${againstRecord.length} against the record; distinct ones against other policies:`);
for (const [policy, members] of others) console.error(`  ${policy}: ${members.length}`);
writeRows(
  out,
  sample.sort((a, b) => a.row - b.row),
);
console.error(`${sample.length} written to ${out}`);

function describe({ row, passed, verdict, equivalence, extraction }, { problem, gold, bench, src, response }) {
  return {
    ...{ row, bench, oracle: src, here: passed, verdict, recorded: recorded[row - 1].correct },
    ...{ reference: src.startsWith("openai") ? (/^A: (.*)/m.exec(gold)?.[1] ?? "") : String(gold) },
    ...{ answer: equivalence?.answer ?? null, rule: extraction.rule, problem, response },
  };
}

/** By policy, one row for each pair of reference and answer that it and the default policy do not agree about. */
async function findOthers(candidates) {
  const sandbox = await createSandbox({ cells: 2 });
  try {
    const check = SymbolicCheck.over(sandbox);
    const found = new Map(Object.keys(POLICIES).map((policy) => [policy, []]));
    const seen = new Set();
    for (const row of candidates) {
      const pair = JSON.stringify([row.reference, row.answer]);
      if (seen.has(pair)) continue;
      seen.add(pair);
      for (const [policy, sets] of Object.entries(POLICIES)) {
        if (!sets.test(row.bench)) continue;
        const { same } = await decideSame(policy, row.reference, row.answer, check);
        if (same !== row.here) found.get(policy).push({ ...row, against: policy });
      }
    }
    return new Map([...found].map(([policy, members]) => [policy, shuffle(members)]));
  } finally {
    await sandbox.dispose();
  }
}

/** One of each list in turn, no answer twice, until there are `wanted` or no more. */
function drawInTurn(lists, wanted) {
  const drawn = new Map();
  const left = new Map([...lists].map(([name, members]) => [name, [...members]]));
  while (drawn.size < wanted && [...left.values()].some(({ length }) => length > 0)) {
    for (const members of left.values()) {
      const row = members.shift();
      if (row !== undefined && drawn.size < wanted && !drawn.has(row.row)) drawn.set(row.row, row);
    }
  }
  return [...drawn.values()];
}

/** In an order that only the seed and the rows decide. */
function shuffle(items) {
  const shuffled = [...items];
  let state = SEED;
  for (let last = shuffled.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
  }
  return shuffled;
}
