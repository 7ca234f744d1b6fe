// Turns recorded model outputs into samples files, one per set of tests, and MBPP+ assertions into a problems file.
// Each sample carries its row number in the recorded file and the recorded verdict.
import { join } from "node:path";
import { readRows, takeArguments, writeRows } from "./files.js";

const [data, work] = takeArguments("scripts/agreement/recorded-samples.js <data> <work>");

const mbppPlus = readRows(join(data, "mbppplus/MbppPlus.jsonl.gz"));
const inMbppPlus = new Set(mbppPlus.map(({ task_id }) => task_id));

for (const [name, prefix] of [
  ["python", "recorded"],
  ["python-doubtful", "doubtful"],
]) {
  const groups = new Map();
  readRows(join(data, `recorded/${name}.jsonl.gz`)).forEach((row, index) => {
    const group = chooseTests(row);
    const { passed, bench, oracle, recheck } = row;
    const about = { row: index + 1, recorded: { passed, bench, oracle, recheck } };
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push({ task_id: nameTask(row), ...makeProgram(row), ...about });
  });
  // APPS has its own way, see apps-pairs.js.
  groups.delete("apps");
  for (const [group, samples] of groups) writeRows(join(work, `${prefix}-${group}.samples.jsonl`), samples);
}

writeRows(
  join(work, "mbppplus.problems.jsonl"),
  mbppPlus.map(({ task_id, prompt, canonical_solution, assertion }) => ({
    ...{ task_id, prompt, code: canonical_solution, test_list: [assertion] },
  })),
);

/** Which tests the verdict was recorded against. MapCoder's MBPP is the sanitized one, Reflexion's the full one. */
function chooseTests({ bench, kind, oracle, task_id }) {
  if (bench === "HumanEval") return kind === "completion" ? "humaneval-completion" : "humaneval-full";
  // Tasks that later versions of MBPP+ dropped still have MBPP's tests, which are EvalPlus's base tests.
  if (bench === "MBPP+") return inMbppPlus.has(task_id) ? "mbppplus" : "mbppplus-dropped";
  if (bench === "APPS") return "apps";
  return oracle === "mapcoder" ? "mbpp-sanitized" : "mbpp";
}

/** MapCoder's names (`mbpp_3_is_not_prime`) become the data set's. */
function nameTask({ task_id }) {
  return String(task_id).replace(/^mbpp_(\d+)_.*$/, "MBPP/$1");
}

/** The recorders put `from typing import *` before whole programs, except in EvalPlus. MBPP's grading does the same. */
function makeProgram({ bench, kind, oracle, code }) {
  if (kind === "completion") return { completion: code };
  const typed = bench === "HumanEval" && oracle !== "evalplus-base";
  return { solution: typed ? `from typing import *\n${code}` : code };
}
