// Turns recorded answers to mathematical questions into a problems file and a samples file for each grader that
// recorded their correctness, and the reference solutions of GSM8K and MATH into samples files.
import { join } from "node:path";
import { readRows, takeArguments, writeRows } from "./files.js";

const [data, work] = takeArguments("scripts/agreement/recorded-mathematics.js <data> <work>");

/** The policy under which a source's record was made. */
const POLICIES = {
  "openai/grade-school-math": "gsm8k-strict",
  "mathllm/MathCoder": "mathcoder",
  "microsoft/rho": "tora",
};

const sets = new Map(Object.values(POLICIES).map((policy) => [policy, { problems: new Map(), samples: [] }]));
readRows(join(data, "recorded/mathematics.jsonl.gz")).forEach((row, index) => {
  const policy = POLICIES[row.src];
  const { problems, samples } = sets.get(policy);
  const answer = policy === "gsm8k-strict" ? /^A: (-?[0-9.,]+)/m.exec(row.gold)[1] : String(row.gold);
  // Some copies of a problem differ in their reference answer.
  const key = JSON.stringify([row.bench, row.idx, answer]);
  if (!problems.has(key)) problems.set(key, { id: `q${problems.size}`, question: row.problem, answer });
  // MathCoder's file holds the answers alone, the others whole texts.
  const response = policy === "mathcoder" ? { solution: row.response } : { completion: row.response };
  const recorded = { passed: row.correct, bench: row.bench, oracle: row.src };
  samples.push({ task_id: problems.get(key).id, ...response, row: index + 1, recorded });
});
for (const [policy, { problems, samples }] of sets) {
  writeRows(join(work, `${policy}.problems.jsonl`), [...problems.values()]);
  writeRows(join(work, `${policy}.samples.jsonl`), samples);
}

for (const split of ["test", "train"]) {
  writeRows(
    join(work, `gsm8k-${split}.samples.jsonl`),
    readRows(join(data, `gsm8k/${split}.jsonl.gz`)).map(({ answer }, index) => ({
      task_id: index,
      completion: answer,
    })),
  );
}
writeRows(
  join(work, "math.samples.jsonl"),
  readRows(join(data, "math/MATH_test_full_5000.jsonl.gz")).map(({ unique_id, solution }) => ({
    ...{ task_id: unique_id, completion: solution },
  })),
);
