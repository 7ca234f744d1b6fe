#!/bin/sh
# Grades the samples that come with assay and shows where verdicts and report are. Takes a few seconds.
set -eu
cd "$(dirname "$0")/.."

sh scripts/setup.sh
npm run --silent build

out=demo-results
mkdir -p "$out"
# What stands in the way of grading is better told by the verb that is made for it.
if ! node dist/cli/main.js doctor >"$out/doctor.txt"; then
  cat "$out/doctor.txt"
  exit 1
fi
node dist/cli/main.js grade --problems humaneval --samples fixtures/humaneval/samples.jsonl --force \
  --k 1,2 --out "$out/results.jsonl" --report "$out/report.html"

cat <<END

Written: $out/results.jsonl   one row per sample: the sample and its verdict
         $out/report.html     the same for people: open it in a browser
         $out/doctor.txt      what the sandbox enforces on this machine

To grade samples of your own, one JSON object a line such as {"task_id": "HumanEval/0", "completion": "    return ..."}:

  node dist/cli/main.js grade --problems HumanEval.jsonl.gz --samples samples.jsonl --report report.html

--problems takes HumanEval, EvalPlus, MBPP and APPS files or folders as they are published.
END
