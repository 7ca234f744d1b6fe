import { damageText, type Random } from "../fuzz/random.js";

export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly contentEncoding?: string;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface MadeUp {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

/** What makes programs, tests and names mean something now and then; nothing here runs for long. */
const WORDS = [
  ...[
    "print(input())",
    "print(1)",
    "x",
    "1",
    "raise SystemExit(3)",
    "import os\nos._exit(0)",
    "def f(x):\n    return x",
  ],
  ...[
    "```python\nprint(1)\n```",
    "assert f(1) == 1",
    "f",
    "Fixture-HE/0",
    "humaneval",
    "HumanEval/0",
    "python",
    "a.txt",
  ],
  ...[
    "",
    "\u0000",
    "\ud800",
    "é😀",
    "../../etc/passwd",
    "/",
    "__proto__",
    "{}",
    "[",
    "0",
    "-1",
    "1e400",
    "NaN",
    "\r\n",
  ],
];
const ODD: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, "", "x", [], {}, [[]], [null], { a: 1 }, "\u0000", "__proto__"],
];

/** One request for an operation of the description: often sound, often with something wrong in it. */
export function makeRequest(random: Random, { paths }: Description): MadeUp {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  // The routes that only tell something take one request in ten.
  const posts = operations.filter(({ method }) => method === "POST");
  const { path, method, operation } = random.pick(random.once(10) ? operations : posts);
  const query = new URLSearchParams();
  for (const { name, schema } of operation.parameters ?? []) {
    const value = random.once(3) ? makeValue(random, schema, 0) : undefined;
    if (value !== undefined)
      query.append(name, typeof value === "string" ? value.toWellFormed() : JSON.stringify(value));
  }
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
  if (random.once(30)) headers["x-assay-deadline-ms"] = random.pick(["1", "50", "100000", "0", "x", "-5"]);
  if (random.once(40)) headers["content-type"] = random.pick(["text/plain", "application/json; charset=utf-7", "x"]);
  const body = content === undefined ? null : makeBody(random, type ?? "", content.schema, paths);
  return { method, path: query.size === 0 ? path : `${path}?${query.toString()}`, headers, body };
}

function makeBody(random: Random, type: string, schema: Schema, paths: Description["paths"]): string {
  const grade = paths["/v1/grade"]?.["post"]?.requestBody?.content["application/json"]?.schema ?? {};
  const one = (of: Schema): string => {
    const text = JSON.stringify(makeValue(random, of, 0) ?? null);
    return random.once(8) ? damageText(random, text, WORDS) : text;
  };
  if (type === "application/json") return one(schema);
  return random.many(random.below(6), () => one(grade)).join("\n");
}

/** A value that the schema allows, or at any place in it one that it may not; undefined for one that is left out. */
function makeValue(random: Random, schema: Schema, depth: number): unknown {
  if (random.once(60)) return random.pick(ODD);
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return makeValue(random, random.pick(options), depth);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  const type =
    typeof schema.type === "string" ? schema.type : random.pick(schema.type ?? ["string", "number", "object"]);
  switch (type) {
    case "string":
      return makeText(random, schema);
    case "integer":
    case "number":
      return makeNumber(random, schema, type);
    case "boolean":
      return random.once(2);
    case "array":
      return random.many(random.below(depth > 6 ? 1 : 4), () => makeValue(random, schema.items ?? {}, depth + 1));
    case "object":
      return makeObject(random, schema, depth);
    default:
      return null;
  }
}

function makeText(random: Random, { contentEncoding }: Schema): string {
  const text = random.many(1 + random.below(2), () => random.pick(WORDS)).join(random.pick(["", "\n", " "]));
  return contentEncoding === "base64" && !random.once(5) ? Buffer.from(text).toString("base64") : text;
}

function makeNumber(random: Random, { minimum = -1000, maximum = 1000 }: Schema, type: string): number {
  // At the limits, just outside of them, and in between, where most are in every scale.
  const span = Math.min(maximum - minimum, 2 ** 31);
  const value = random.pick([
    minimum,
    maximum,
    minimum - 1,
    maximum + 1,
    minimum + random.size(span),
    minimum + random.size(span),
  ]);
  return type === "integer" && !random.once(20) ? Math.trunc(value) : value / 2;
}

function makeObject(random: Random, { properties = {}, required = [] }: Schema, depth: number): unknown {
  const members = Object.entries(properties).filter(([name]) => {
    if (required.includes(name)) return !random.once(20);
    return random.once(depth > 6 ? 8 : 3);
  });
  const made = members.map(([name, schema]) => [name, makeValue(random, schema, depth + 1)] as const);
  const object = Object.fromEntries(made);
  if ("solution" in properties && !random.once(8)) makeSample(random, object);
  return random.once(40) ? { ...object, [random.pick(WORDS)]: random.pick(ODD) } : object;
}

/** What the schema of a sample does not say: one text, and one problem. */
function makeSample(random: Random, object: Record<string, unknown>): void {
  const text = makeText(random, {});
  delete object["solution"];
  delete object["completion"];
  object[random.pick(["solution", "completion"])] = text;
  if (typeof object["problem"] === "object" && random.once(2)) return;
  object["task_id"] = random.pick(["Fixture-HE/0", "Fixture-HE/1", "Fixture-HE/2"]);
  delete object["problem"];
  delete object["set"];
}
