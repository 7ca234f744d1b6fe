import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readEarlierResults, type EarlierResults } from "../src/cli/results/earlier.js";
import { mendResultsFile, openResultsFile } from "../src/cli/results/file.js";
import { rewriteFile } from "../src/cli/results/rewrite.js";
import { EXTRACTION_VERSION } from "../src/grading/extraction/index.js";
import { fingerprintRow, fingerprintSample, joinRow, parseResultRow } from "../src/cli/results/row.js";
import { createStreamSink } from "../src/cli/results/stream.js";
import { makeRecord } from "./cli-fakes.js";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "assay-results-"))));
afterEach(() => rm(folder, { recursive: true }));

const expected = { comparatorOf: () => "strict", grader: "assay 0.1.0, fake 1", extraction: EXTRACTION_VERSION };
const rowOf = (
  id: string,
  fields: Record<string, unknown> = {},
  verdict: "accepted" | "infrastructure_error" = "accepted",
) => joinRow({ task_id: id, ...fields }, makeRecord(id, verdict));
const lineOf = (...args: Parameters<typeof rowOf>) => JSON.stringify(rowOf(...args)) + "\n";

describe("a result row", () => {
  test("keeps every field of the sample, under another name where the record has it", () => {
    const sample = { task_id: "0", verdict: "mine", sample_verdict: "older", seed: 7 };
    const row = joinRow(sample, makeRecord("HumanEval/0"));
    expect(row).toMatchObject({
      task_id: "HumanEval/0",
      sample_task_id: "0",
      verdict: "accepted",
      sample_sample_verdict: "mine",
      sample_verdict: "older",
      seed: 7,
    });
    expect(joinRow({ task_id: "a" }, makeRecord("a"))).not.toHaveProperty("sample_task_id");
  });

  test("has the fingerprint of its sample, also after it was written and read", () => {
    const sample = { task_id: "0", z: { b: 1, a: [2] }, "12": "x", reward: 5, ["__proto__x"]: 1, text: "\ud800" };
    const parsed = parseResultRow(JSON.stringify(joinRow(sample, makeRecord("T/0"))));
    expect("row" in parsed && fingerprintRow(parsed.row)).toBe(fingerprintSample(sample, "T/0"));
    expect(fingerprintSample({ ...sample, reward: 6 }, "T/0")).not.toBe(fingerprintSample(sample, "T/0"));
  });

  test("keeps a field called __proto__ as a field", () => {
    const sample = JSON.parse('{"task_id": "a", "__proto__": {"verdict": "x"}}') as Record<string, unknown>;
    expect(JSON.stringify(joinRow(sample, makeRecord("a")))).toContain('"__proto__":{"verdict":"x"}');
  });
});

describe("reading earlier results", () => {
  const read = async (content: string): Promise<EarlierResults> => {
    const path = join(folder, "r.jsonl");
    await writeFile(path, content);
    return readEarlierResults(path, expected);
  };

  test("finds finished rows, those to grade again, and where a half-written line begins", async () => {
    const whole = lineOf("a") + lineOf("b", {}, "infrastructure_error") + lineOf("c");
    const earlier = await read(whole + '{"task_id":"d","ver');
    expect(earlier.rows.map(({ line }) => line)).toEqual([1, 3]);
    expect(earlier).toMatchObject({ dropped: 1, accepted: 2, end: Buffer.byteLength(whole), lacksNewline: false });
  });

  test("names file, line and field of a row that was made otherwise", async () => {
    const other = JSON.stringify({ ...rowOf("b"), comparator: "apps" }) + "\n";
    await expect(read(lineOf("a") + other)).rejects.toThrow(/r\.jsonl:2: field "comparator".*"apps".*--force/s);
    const old = JSON.stringify({ ...rowOf("b"), grader: "assay 0.0.1, fake 1" }) + "\n";
    await expect(read(old)).rejects.toThrow(/r\.jsonl:1: field "grader"/);
  });

  test("takes no other file for results", async () => {
    await expect(read("notes\n")).rejects.toThrow(/r\.jsonl:1/);
    await expect(read("notes without an end")).rejects.toThrow(/r\.jsonl:1/);
    await expect(read('{"name": "package"}')).rejects.toThrow(/r\.jsonl:1/);
  });

  test("a row that lacks nothing but its newline counts", async () => {
    const earlier = await read(lineOf("a") + lineOf("b").trimEnd());
    expect(earlier.rows).toHaveLength(2);
    await mendResultsFile(join(folder, "r.jsonl"), earlier);
    expect(await readFile(join(folder, "r.jsonl"), "utf8")).toBe(lineOf("a") + lineOf("b"));
  });
});

describe("a results file", () => {
  test("is mended, gone on with and put in the order of the samples", async () => {
    const path = join(folder, "r.jsonl");
    await writeFile(path, lineOf("b", {}, "infrastructure_error") + lineOf("c") + lineOf("a"));
    await appendFile(path, '{"task');
    const earlier = await readEarlierResults(path, expected);
    await mendResultsFile(path, earlier);
    expect(await readFile(path, "utf8")).toBe(lineOf("c") + lineOf("a"));

    const sink = await openResultsFile(path, earlier);
    const claim = (index: number, id: string) => sink.claim(index, fingerprintSample({ task_id: id }, id));
    expect([claim(0, "a"), claim(1, "b"), claim(2, "c"), claim(3, "c")]).toEqual([true, false, true, false]);
    await sink.write(3, rowOf("c"));
    await sink.write(1, rowOf("b"));
    await sink.finish();
    expect(await readFile(path, "utf8")).toBe(["a", "b", "c", "c"].map((id) => lineOf(id)).join(""));
  });

  test("holds a row soon after it was handed over, before anything is finished", async () => {
    const path = join(folder, "r.jsonl");
    const sink = await openResultsFile(path, null);
    await sink.write(5, rowOf("late"));
    await expect.poll(() => readFile(path, "utf8")).toBe(lineOf("late"));
    await sink.finish();
  });

  test("can be rearranged although it is larger than what is read at once", async () => {
    const path = join(folder, "large");
    const rows = Array.from({ length: 3000 }, (_, at) => `${at} ${"x".repeat(5000)}\n`);
    await writeFile(path, rows.join(""));
    let start = 0;
    const ranges = rows.map(({ length }) => ({ start, end: (start += length) }));
    await rewriteFile(path, ranges.toReversed());
    expect(await readFile(path, "utf8")).toBe(rows.toReversed().join(""));
  });
});

describe("rows on a stream", () => {
  test("come in the order of the samples, and who is too far ahead waits", async () => {
    const stream = new PassThrough();
    const sink = createStreamSink(stream, 2);
    await sink.write(1, rowOf("b"));
    let passed = false;
    const ahead = sink.write(2, rowOf("c")).then(() => (passed = true));
    await Promise.resolve();
    expect(passed).toBe(false);
    await sink.write(0, rowOf("a"));
    await ahead;
    await sink.write(4, rowOf("e"));
    await sink.finish();
    stream.end();
    expect(await text(stream)).toBe(["a", "b", "c", "e"].map((id) => lineOf(id)).join(""));
  });
});
