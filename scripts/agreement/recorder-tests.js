// MapCoder judged MBPP programs by tests of its own: MultiPL-E's, with lists for tuples, less the assertion that its
// prompt shows. Writes them as problems in HumanEval's shape, with the samples that `recorded-samples.js` made of its
// rows.
//
// <mapcoder> is a results file of Md-Ashraful-Pramanik/MapCoder, which has the tests in its rows:
// final-results/ChatGPT/MBPP/ChatGPT-Analogical-MBPP-Python3-0-1.jsonl. All its MBPP results have the same ones.
import { join } from "node:path";
import { readRows, takeArguments, writeRows } from "./files.js";

const [mapcoder, work] = takeArguments("scripts/agreement/recorder-tests.js <mapcoder> <work>");

writeRows(
  join(work, "recorder-tests.problems.jsonl"),
  readRows(mapcoder).map(({ name, prompt, entry_point, test }) => ({
    task_id: name.replace(/^mbpp_(\d+)_.*$/, "MBPP/$1"),
    ...{ prompt, entry_point },
    // The last lines call the test on the function, which graders of this shape do themselves.
    test: test.replace(/\ndef test_check\(\):[^]*$/, "\n"),
  })),
);
writeRows(
  join(work, "recorder-tests.samples.jsonl"),
  readRows(join(work, "recorded-mbpp-sanitized.samples.jsonl")).map((sample) => ({
    ...sample,
    solution: `from typing import *\n${sample.solution}`,
  })),
);
