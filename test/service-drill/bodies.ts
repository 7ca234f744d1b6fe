import { expect } from "vitest";

import { ask, findWrong, inParallel, makeKnown } from "./known.js";
import { isUnsound, JSON_ROUTES, post } from "./answers.js";
import { holdings, startService, type ServiceProcess } from "./process.js";

const HUGE = 10 << 20;
const LONG = Number(process.env.ASSAY_DRILL ?? 1) > 1;
/** Growth of the server's memory that the heap's own slack explains, MiB. */
const SLACK_MB = 400;

const text = "x".repeat(HUGE);
/** 10 MB of it, in the places where routes expect text. */
const HUGE_BODIES: readonly string[] = [
  JSON.stringify(text),
  JSON.stringify({ source: `#${text}`, code: `#${text}`, language: "python" }),
  JSON.stringify({ completion: text, task_id: "Fixture-HE/0", query: [text], prompts: [text], labels: [text] }),
  `[${"1,".repeat(HUGE / 2)}1]`,
  `{"samples": [${'{"solution": ""},'.repeat(HUGE / 17)}{}]}`,
  text,
];

/** 10 MB on every route: an answer each time, and a service that is as well as before. */
export async function sendHuge(folder: string): Promise<object> {
  const service = await startService(folder, { args: ["--problems", "humaneval"] });
  const before = holdings(service.pid);
  const cases = [...JSON_ROUTES, "/v1/grade/batch"].flatMap((path, at) =>
    // The short form sends each route one of them.
    HUGE_BODIES.filter((_, which) => LONG || which === at % HUGE_BODIES.length).map((body) => ({ path, body })),
  );
  const statuses: Record<string, number> = {};
  const unsound = await inParallel(cases, 2, async ({ path, body }) => {
    const type = path === "/v1/grade/batch" ? "application/x-ndjson" : "application/json";
    const answer = await post(service.url + path, body, type);
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    return isUnsound(path, answer)
      ? [{ path, body: body.slice(0, 40), ...answer, text: answer.text.slice(0, 300) }]
      : [];
  });
  expect(unsound.flat()).toEqual([]);
  await expectWell(service);
  const { residentMb } = holdings(service.pid);
  expect(residentMb - before.residentMb).toBeLessThan(SLACK_MB);
  await service.stop();
  return { requests: cases.length, statuses, residentMb: [before.residentMb, residentMb] };
}

const MALFORMED: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  ...["", " ", "{", "}", "[", "]", '"', "{]", "[}", "{,}", "[,]", "[1,]", '{"a"}', '{"a":}', '{"a":1,}', "{a:1}"],
  ...["'a'", "{'a':1}", "nul", "nulll", "NaN", "Infinity", "-", "01", "1e", "+1", ".5", "0x10", "True", "undefined"],
  ...['"\n"', '"\\x"', '"\\u12"', '"\t"', "// a\n{}", "/**/{}", "{}{}", "{} x", "\u0000", "a=1&b=2", "<a/>", "\\"],
  ...['{"a":1 "b":2}', '{"a" 1}', "[1 2]", "--x\r\n", '{"__proto__":', "{".repeat(1000), "[".repeat(100_000)],
  ...[Uint8Array.of(0xff, 0xfe, 0x7b, 0), Uint8Array.of(0x1f, 0x8b, 8, 0), Uint8Array.of(0x80, 4, 0x95)],
];
/** JSON that no route can make anything of, or hardly any. */
const WRONG_SHAPES: readonly string[] = [
  ...["null", "true", "0", "-1e999", '""', '"x"', "[]", "[[]]", "[null]", "[1]", '{"a":1}', '{"":{}}', "{}"],
  ...[
    '{"__proto__":{"x":1}}',
    '{"constructor":null}',
    '{"toString":1}',
    '{"id":{"id":{}}}',
    `${"[".repeat(99)}1${"]".repeat(99)}`,
  ],
];

/** Broken JSON and wrong shapes on every route: 4xx that says where, never a 500. */
export async function sendMalformed(folder: string): Promise<object> {
  const service = await startService(folder, { args: ["--problems", "humaneval"] });
  const cases = JSON_ROUTES.flatMap((path) => [
    ...MALFORMED.map((body) => ({ path, body, refused: true })),
    ...WRONG_SHAPES.map((body) => ({ path, body, refused: false })),
  ]);
  const unsound = await inParallel(cases, 8, async ({ path, body, refused }) => {
    const answer = await post(service.url + path, body);
    const isRefused = answer.status >= 400 && answer.status < 500;
    return isUnsound(path, answer) || (refused && !isRefused) ? [{ path, body: body.slice(0, 60), ...answer }] : [];
  });
  expect(unsound.flat()).toEqual([]);
  await expectBatch(service);
  await expectWell(service);
  await service.stop();
  return { requests: cases.length };
}

/** In a batch each line has its own answer: broken ones name what is wrong, the one between is graded. */
async function expectBatch({ url }: ServiceProcess): Promise<void> {
  const broken = MALFORMED.filter((body) => typeof body === "string" && !body.includes("\n") && body.trim() !== "");
  const good = '{"task_id": "Fixture-HE/0", "completion": "    return []", "id": "good"}';
  const lines = [...broken, good, ...broken, ...WRONG_SHAPES];
  const { status, text } = await post(`${url}/v1/grade/batch`, `${lines.join("\n")}\n`, "application/x-ndjson");
  expect(status).toBe(200);
  const rows = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { line: number; id?: string; error?: { field: unknown } });
  expect(rows.length).toBe(lines.length);
  const graded = rows.filter(({ error }) => error === undefined);
  expect(graded).toEqual([expect.objectContaining({ id: "good", line: broken.length + 1, verdict: "wrong_answer" })]);
  expect(rows.filter(({ error }) => error !== undefined && typeof error.field !== "string")).toEqual([]);
}

async function expectWell({ url }: ServiceProcess): Promise<void> {
  const list = makeKnown(7);
  const outcomes = await inParallel(list, 4, (known) => ask(url, known));
  expect(findWrong(list, outcomes, "must not be")).toEqual([]);
}
