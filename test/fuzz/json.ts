import type { Random } from "./random.js";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A number or a text as it stands in a JSON text, which no JavaScript value would be written as. */
const RAW = "\u0001raw:";
const raw = (text: string): Json => RAW + text;

export const JSON_WORDS = [
  ...'{ } [ ] , : " \\ null true NaN Infinity -Infinity -0 1e999 1E-400 12345678901234567890 0x1 1.0 .5 + {} [] "" ,,'.split(
    " ",
  ),
  ...[
    "\n",
    "\r\n",
    "\0",
    "\uFEFF",
    "\ud800",
    "\\ud800",
    "\\u0000",
    '"__proto__":',
    '"constructor":{"prototype":{}},',
    " ",
  ],
  ...['"task_id":', '"test":', '"inputs":', '"outputs":', '"fn_name":', '"input_output":', '"base_input":'],
];

const ODD: readonly ((random: Random) => Json)[] = [
  () => null,
  (random) => random.once(2),
  (random) => random.pick([0, -1, 1.5, 1e21, 2 ** 53, -0]),
  () => raw(`1${"0".repeat(400)}`),
  () => raw("1e999999"),
  (random) => raw(random.pick(["NaN", "-Infinity", "1.0", "12345678901234567890", "-0", "1E5"])),
  (random) =>
    random.pick(["", "\0", "\ud800", "\u2028", "__proto__", "constructor", "toString", "a\rb", "null", "[]", "7"]),
  (random) => "x".repeat(random.size(100_000)),
  (random) => raw("[".repeat(random.size(20_000)) + "]".repeat(random.size(20_000))),
  (random) => {
    const depth = random.size(5000);
    return raw(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
  },
  () => [],
  () => ({}),
  () => raw('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
  (random) => random.many(random.size(2000), () => random.below(9)),
  (random) =>
    random.pick([
      "def check(candidate):\n    pass\n",
      "assert f(1) == 2",
      "assert",
      "x = 1",
      "def f(",
      "class A: pass",
    ]),
];

/** The value with one part of it, anywhere inside, replaced, dropped, doubled, renamed or put into something else. */
export function changeValue(random: Random, value: Json): Json {
  const odd = (): Json => random.pick(ODD)(random);
  if (typeof value !== "object" || value === null || random.once(12)) {
    return random.pick([odd, odd, () => [value], () => ({ a: value }), () => JSON.stringify(value)])();
  }
  if (Array.isArray(value)) {
    const at = random.below(value.length + 1);
    const item = value[at];
    if (item === undefined || random.once(6)) return value.toSpliced(at, random.below(2), odd());
    return random.once(6) ? value.toSpliced(at, 1) : value.with(at, changeValue(random, item));
  }
  const names = Object.keys(value);
  const name =
    names.length === 0 || random.once(8) ? random.pick(["__proto__", "x", "prompt", "test_list"]) : random.pick(names);
  const { [name]: old = null, ...rest } = value;
  if (random.once(8)) return rest;
  const renamed = random.once(10) ? random.pick([...names, "constructor", "id"]) : name;
  return Object.fromEntries([...Object.entries(rest), [renamed, changeValue(random, old)]]);
}

/** As JSON text, with what no value can say put in as it is; now and then with a name twice or with spaces. */
export function write(random: Random, value: Json): string {
  const text = JSON.stringify(value, null, random.once(10) ? 1 : undefined);
  const unescaped = text.replace(
    /"\\u0001raw:((?:[^"\\]|\\.)*)"/g,
    (_all, inner: string) => JSON.parse(`"${inner}"`) as string,
  );
  return random.once(30) ? unescaped.replace("{", '{"__proto__":{"polluted":1},') : unescaped;
}
