// Pairs APPS stdin problems with programs: their own solutions and recorded model outputs. Writes a problems file whose
// ids are line numbers of the source (the two copies in it share ids), the samples, and the same few problems as rows
// and as folders in the layout of the original.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRows, takeArguments, writeRows } from "./files.js";

const [data, work] = takeArguments("scripts/agreement/apps-pairs.js <data> <work>");

const problems = readRows(join(data, "apps/apps_std.jsonl.gz"))
  .map((problem, index) => ({ ...problem, problem_id: index + 1, original_id: String(problem.problem_id) }))
  .filter(({ input_output }) => input_output.fn_name === undefined || input_output.fn_name === null);
writeRows(join(work, "apps.problems.jsonl"), problems);

// MapCoder's outputs belong to MapCoder's copy of a problem.
const byOriginalId = new Map(
  problems.filter(({ source }) => source.includes("MapCoder")).map((problem) => [problem.original_id, problem]),
);
const solutions = problems.flatMap(({ problem_id, solutions }) =>
  solutions.map((solution, index) => ({ task_id: String(problem_id), solution, from: `solution ${index + 1}` })),
);
const recorded = findRecorded("apps-python").map(({ row, task_id, solution }) => ({
  ...{ task_id, solution, from: `recorded row ${row}` },
}));
writeRows(
  join(work, "apps.samples.jsonl"),
  [...solutions, ...recorded].map((sample, index) => ({ ...sample, pair: index + 1 })),
);
writeRows(join(work, "doubtful-apps.samples.jsonl"), findRecorded("python-doubtful"));

/** Recorded APPS programs whose problem is among MapCoder's stdin problems. */
function findRecorded(name) {
  return readRows(join(data, `recorded/${name}.jsonl.gz`)).flatMap((row, index) => {
    const { bench, oracle, passed, recheck, code } = row;
    const problem = bench === "APPS" ? byOriginalId.get(String(row.task_id)) : undefined;
    if (problem === undefined) return [];
    const about = { row: index + 1, recorded: { passed, bench, oracle, recheck } };
    return [{ task_id: String(problem.problem_id), solution: code, ...about }];
  });
}

const full = readRows(join(data, "apps/coderl_train5_full_layout.jsonl.gz"));
for (const { problem_id, split, files } of full) {
  const folder = join(work, "apps-full", split, problem_id);
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
}
writeRows(
  join(work, "apps-full.problems.jsonl"),
  full.map(({ problem_id, split, files }) => ({
    ...{ problem_id, split, question: files["question.txt"], starter_code: files["starter_code.py"] ?? "" },
    ...{ input_output: files["input_output.json"], solutions: files["solutions.json"] },
  })),
);
writeRows(
  join(work, "apps-full.samples.jsonl"),
  full
    .flatMap(({ problem_id, files }) => [
      ...files["solutions.json"].map((solution) => ({ task_id: problem_id, solution, from: "solution" })),
      ...files["gen_solutions.json"].map(({ code, result }) => ({
        ...{ task_id: problem_id, solution: code, from: "generated", recorded: result },
      })),
    ])
    .map((sample, index) => ({ ...sample, pair: index + 1 })),
);
