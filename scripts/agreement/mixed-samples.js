// Picks samples of one problem set for a comparison of two ways to grade them: the slowest programs of earlier results
// and, evenly spread, as many others as it takes.
import { readRows, takeArguments, writeRows } from "./files.js";

const [out, ...files] = takeArguments("scripts/agreement/mixed-samples.js <out> <results> …");

const SLOWEST = 60;
const ALL = 600;

const results = files.flatMap((file) => readRows(file)).sort((a, b) => b.usage.cpu_ms - a.usage.cpu_ms);
const step = (results.length - SLOWEST) / (ALL - SLOWEST);
const picked = [
  ...results.slice(0, SLOWEST),
  ...Array.from({ length: ALL - SLOWEST }, (_, index) => results[SLOWEST + Math.floor(index * step)]),
];
// Slow and quick ones in turn, in an order that is the same every time.
const spread = picked.map((row, index) => ({ row, place: (index * 7919) % ALL })).sort((a, b) => a.place - b.place);
writeRows(
  out,
  spread.map(({ row: { task_id, completion, solution } }, index) => ({
    ...{ task_id, number: index + 1, ...(solution === undefined ? { completion } : { solution }) },
  })),
);
