// Writes samples made of the data sets' own solutions: all of HumanEval's and MBPP's, and HumanEval's with every body
// replaced by one that cannot be right.
import { join } from "node:path";
import { readRows, takeArguments, writeRows } from "./files.js";

const [data, work] = takeArguments("scripts/agreement/reference-samples.js <data> <work>");

const WRONG_BODIES = ["pass", "return None", "return 0", "return True", `return ""`, "return []"];

const humanEval = readRows(join(data, "humaneval/HumanEval.jsonl.gz"));
writeRows(
  join(work, "humaneval-canonical.samples.jsonl"),
  humanEval.map(({ task_id, canonical_solution }) => ({ task_id, completion: canonical_solution })),
);
writeRows(
  join(work, "humaneval-wrong.samples.jsonl"),
  WRONG_BODIES.flatMap((body) => humanEval.map(({ task_id }) => ({ task_id, completion: `    ${body}\n`, body }))),
);

const mbpp = readRows(join(data, "mbpp/mbpp.jsonl.gz"));
writeRows(
  join(work, "mbpp-reference.samples.jsonl"),
  mbpp.map(({ task_id, code }) => ({ task_id, solution: code })),
);
