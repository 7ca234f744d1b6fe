// Writes fixtures/selftrain/{train,validation,test,transfer}.jsonl: problems whose descriptions are made of the sentences
// in fixtures/selftrain/language.json, with tests computed here. The same seed gives the same files.
// Usage: npm run build && node scripts/selftrain-problems.mjs [seed]
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { URL } from "node:url";
import { Random } from "../dist/modelhost/tiny/random.js";

const folder = new URL("../fixtures/selftrain/", import.meta.url);
const language = JSON.parse(readFileSync(new URL("language.json", folder), "utf8"));
const random = new Random(Number(process.argv[2] ?? 1));

const mod = (x, k) => ((x % k) + k) % k;
const sum = (xs) => xs.reduce((total, x) => total + x, 0);

/** What the sentences mean: each step in JavaScript, and in Python for the problems' own solutions. */
const MEANING = {
  evens: [(xs) => xs.filter((x) => mod(x, 2) === 0), "[x for x in {a} if x % 2 == 0]"],
  odds: [(xs) => xs.filter((x) => mod(x, 2) === 1), "[x for x in {a} if x % 2 == 1]"],
  multiples: [(xs, k) => xs.filter((x) => mod(x, k) === 0), "[x for x in {a} if x % {k} == 0]"],
  add: [(xs, k) => xs.map((x) => x + k), "[x + {k} for x in {a}]"],
  subtract: [(xs, k) => xs.map((x) => x - k), "[x - {k} for x in {a}]"],
  times: [(xs, k) => xs.map((x) => x * k), "[x * {k} for x in {a}]"],
  square: [(xs) => xs.map((x) => x * x), "[x * x for x in {a}]"],
  negate: [(xs) => xs.map((x) => 0 - x), "[-x for x in {a}]"],
  absolute: [(xs) => xs.map(Math.abs), "[abs(x) for x in {a}]"],
  reverse: [(xs) => xs.toReversed(), "{a}[::-1]"],
  sort: [(xs) => xs.toSorted((a, b) => a - b), "sorted({a})"],
  unique: [(xs) => [...new Set(xs)], "list(dict.fromkeys({a}))"],
  first: [(xs, k) => xs.slice(0, k), "{a}[:{k}]"],
  drop: [(xs, k) => xs.slice(k), "{a}[{k}:]"],
  last: [(xs, k) => xs.slice(-k), "{a}[-{k}:]"],
  above: [(xs, k) => xs.filter((x) => x > k), "[x for x in {a} if x > {k}]"],
  below: [(xs, k) => xs.filter((x) => x < k), "[x for x in {a} if x < {k}]"],
  cap: [(xs, k) => xs.map((x) => Math.min(x, k)), "[min(x, {k}) for x in {a}]"],
  running: [(xs) => xs.map((_, i) => sum(xs.slice(0, i + 1))), "[sum({a}[:i + 1]) for i in range(len({a}))]"],
  gaps: [(xs) => xs.slice(1).map((x, i) => x - xs[i]), "[y - x for x, y in zip({a}, {a}[1:])]"],
  halve: [(xs) => xs.map((x) => Math.floor(x / 2)), "[x // 2 for x in {a}]"],
  rest: [(xs, k) => xs.map((x) => mod(x, k)), "[x % {k} for x in {a}]"],
  rotate: [(xs) => [...xs.slice(1), ...xs.slice(0, 1)], "{a}[1:] + {a}[:1]"],
  index: [(xs) => xs.map((x, i) => x + i), "[x + i for i, x in enumerate({a})]"],
  total: [(xs) => sum(xs), "return sum({a})"],
  count: [(xs) => xs.length, "return len({a})"],
  largest: [(xs) => (xs.length ? Math.max(...xs) : 0), "return max({a}, default=0)"],
  smallest: [(xs) => (xs.length ? Math.min(...xs) : 0), "return min({a}, default=0)"],
  list: [(xs) => xs, "return {a}"],
  final: [(xs) => xs.at(-1) ?? 0, "return {a}[-1] if {a} else 0"],
  positive: [(xs) => xs.filter((x) => x > 0).length, "return sum(x > 0 for x in {a})"],
  text: [(xs) => xs.join(","), "return ','.join(map(str, {a}))"],
  spread: [(xs) => (xs.length ? Math.max(...xs) - Math.min(...xs) : 0), "return max({a}) - min({a}) if {a} else 0"],
};

const seen = new Set();
writeSet("train", 300, { steps: [1, 2], names: language.names, args: language.arguments });
writeSet("validation", 100, { steps: [1, 2], names: language.names, args: language.arguments });
// Names that occur neither in the generated text nor in training.
writeSet("test", 150, { steps: [1, 2], names: ["task", "result", "make"], args: ["entries", "ns", "series"] });
// Longer chains than any that is trained on.
writeSet("transfer", 100, { steps: [3, 4], names: ["chain", "pipe"], args: ["stream", "ints"] });

function writeSet(set, count, shape) {
  const rows = [];
  while (rows.length < count) {
    const problem = makeProblem(`${set}/${rows.length}`, shape);
    if (problem !== null) rows.push(JSON.stringify(problem));
  }
  writeFileSync(new URL(`${set}.jsonl`, folder), rows.join("\n") + "\n");
}

/** Null for a chain of steps that some set has already, whatever its wording, or whose results say too little. */
function makeProblem(id, { steps, names, args }) {
  const count = steps[0] + random.below(steps[1] - steps[0] + 1);
  const chain = [...Array.from({ length: count }, () => random.pick(language.steps)), random.pick(language.endings)];
  const parts = chain.map((step) => ({ id: step.id, sentence: random.pick(step.sentences), k: 2 + random.below(8) }));
  const key = parts.map((part) => (part.sentence.includes("{k}") ? `${part.id} ${part.k}` : part.id)).join(", ");
  if (seen.has(key)) return null;
  const tests = Array.from({ length: 8 }, (_, at) => makeTest(parts, at));
  if (new Set(tests.map(({ expected }) => JSON.stringify(expected))).size < 4) return null;
  seen.add(key);
  const [name, a] = [random.pick(names), random.pick(args)];
  const fill = (text, k) => text.replaceAll("{a}", a).replaceAll("{name}", name).replaceAll("{k}", String(k));
  const header = fill(random.pick(language.headers), 0);
  const body = parts.map(({ id, k }) => {
    const code = fill(MEANING[id][1], k);
    return code.startsWith("return") ? `    ${code}` : `    ${a} = ${code}`;
  });
  return {
    schema: "assay-problem/1",
    id,
    prompt: [header, ...parts.map(({ sentence, k }) => `- ${fill(sentence, k)}`)].join("\n"),
    entry_point: name,
    tests,
    solutions: [[`def ${name}(${a}):`, ...body].join("\n") + "\n"],
    difficulty: `${count + 1} steps`,
  };
}

function makeTest(parts, at) {
  const length = at === 0 ? 0 : at === 1 ? 1 : 4 + random.below(10);
  // Small numbers, so that repeated ones and ones at a bound occur.
  const list = Array.from({ length }, () => random.below(at % 2 === 0 ? 16 : 30) - (at % 2 === 0 ? 4 : 12));
  return { args: [list], expected: parts.reduce((value, { id, k }) => MEANING[id][0](value, k), list) };
}
