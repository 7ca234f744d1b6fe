// Turns 300 problems of CodeContests with a program each into a problems file in rllm's form and a samples file, with what
// others recorded of the programs.
import { join } from "node:path";
import { readRows, readText, takeArguments, writeRows } from "./files.js";

const [data, work] = takeArguments("scripts/agreement/codecontests-300.js <data> <work>");

const folder = join(data, "codecontests");
const recheck = JSON.parse(readText(join(folder, "codecontests300_solution_recheck.json")));
const rows = readRows(join(folder, "codecontests300_python_solution_tests.jsonl.gz"));

writeRows(
  join(work, "codecontests-300.problems.jsonl"),
  rows.map(({ id, statement_md: problem, tests }) => ({ id, problem, tests })),
);
writeRows(
  join(work, "codecontests-300.samples.jsonl"),
  rows.map(({ id, solution }, index) => {
    const recorded = { passed: recheck[id][0] === "pass", bench: "CodeContests", oracle: "recheck" };
    return { task_id: id, solution, row: index + 1, recorded };
  }),
);
