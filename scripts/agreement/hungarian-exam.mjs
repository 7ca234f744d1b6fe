// Turns the published, hand-marked answers to the Hungarian exam into files of answers and a file of marks, as
// `assay exam` takes them. Needs a build.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCsv, writeCsvRow } from "../../dist/grading/input/csv.js";
import { readText, takeArguments, writeRows } from "./files.js";

const [data, work] = takeArguments("scripts/agreement/hungarian-exam.mjs <data> <work>");

const folder = join(data, "hungarian");
const marks = [["question", "answer", "mark"]];
for (const file of readdirSync(folder).filter((name) => /^exam_.*\.csv$/.test(name))) {
  const model = /^exam_(.*)\.csv$/.exec(file)[1];
  // The rows are in the order of the questions, which are numbered from 0.
  const rows = readCsv(readText(join(folder, file)), file).map(({ fields }) => fields);
  writeRows(
    join(work, `${model}.answers.jsonl`),
    rows.map((row, index) => ({ task_id: index, completion: row.get("answer"), model })),
  );
  marks.push(...rows.map((row, index) => [String(index), model, row.get("points")]));
}
writeFileSync(join(work, "hungarian.marks.csv"), marks.map((row) => `${writeCsvRow(row)}\n`).join(""));
