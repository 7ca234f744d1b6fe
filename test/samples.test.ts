import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readLines } from "../src/grading/input/lines.js";
import { readSamples } from "../src/grading/samples.js";
import type { Sample } from "../src/grading/types.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();
const write = (content: string | Buffer, name = "samples.jsonl") => folder.write(content, name);

async function readAll(path: string): Promise<{ sample: Sample; line: number }[]> {
  const rows = [];
  for await (const row of readSamples(path)) rows.push(row);
  return rows;
}

async function readOne(content: string | Buffer): Promise<Sample | undefined> {
  return (await readAll(await write(content)))[0]?.sample;
}

describe("readSamples", () => {
  it("reads completions and whole programs, and carries every other field", async () => {
    const rows = await readAll(
      await write(
        '{"model":"m","task_id":"HumanEval/0","completion":" return 1\\n"}\n{"task_id":7,"solution":"x = 1"}\n',
      ),
    );
    expect(rows).toEqual([
      {
        line: 1,
        sample: {
          taskId: "HumanEval/0",
          completion: " return 1\n",
          solution: null,
          row: { model: "m", task_id: "HumanEval/0", completion: " return 1\n" },
        },
      },
      { line: 2, sample: { taskId: "7", completion: null, solution: "x = 1", row: { task_id: 7, solution: "x = 1" } } },
    ]);
    expect(Object.keys(rows[0]?.sample.row ?? {})).toEqual(["model", "task_id", "completion"]);
  });

  it("takes a byte order mark, CRLF, blank lines and a last line without an end, and counts lines as an editor does", async () => {
    const rows = await readAll(
      await write('\uFEFF{"task_id":"a","completion":""}\r\n\r\n  \n{"task_id":"b","completion":"x"}'),
    );
    expect(rows.map(({ line, sample }) => [line, sample.taskId, sample.completion])).toEqual([
      [1, "a", ""],
      [4, "b", "x"],
    ]);
  });

  it("does not split a row at U+2028, U+2029 or a lone carriage return", async () => {
    const rows = await readAll(await write('{"task_id":"a",\r"completion":"x\u2028y\u2029z"}\n'));
    expect(rows.map(({ sample }) => sample.completion)).toEqual(["x\u2028y\u2029z"]);
  });

  it("keeps lone surrogates and NUL characters, escaped or bare", async () => {
    expect((await readOne('{"task_id":"a","completion":"\\ud800\\u0000!"}'))?.completion).toBe("\ud800\0!");
    expect((await readOne('{"task_id":"a",\t"completion":"\\"\0\t\\\\"}'))?.completion).toBe('"\0\t\\');
  });

  it("replaces bytes that are no UTF-8", async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"task_id":"a","completion":"x'),
      Buffer.from([0xff]),
      Buffer.from('y"}'),
    ]);
    expect((await readOne(bytes))?.completion).toBe("x\uFFFDy");
  });

  it("reads numbers that Python writes and JSON has not", async () => {
    const sample = await readOne('{"task_id":"a","completion":"x","logprob":-Infinity,"more":[NaN,{"k":1.5}]}');
    expect(sample?.row).toMatchObject({ logprob: -Infinity, more: [NaN, { k: 1.5 }] });
  });

  it("reads a completion of ten megabytes full of escapes", async () => {
    const completion = 'x = "\\n"\n'.repeat(1_200_000);
    expect((await readOne(JSON.stringify({ task_id: "a", completion })))?.completion).toBe(completion);
  });

  it("tells gzip by its content, also in several members", async () => {
    const member = (name: string) => gzipSync(`{"task_id":"${name}","completion":""}\n`);
    for (const name of ["samples.jsonl.gz", "samples.jsonl"]) {
      const rows = await readAll(await write(Buffer.concat([member("a"), member("b")]), name));
      expect(rows.map(({ sample }) => sample.taskId)).toEqual(["a", "b"]);
    }
    expect(await readAll(await write('{"task_id":"a","completion":""}', "plain.gz"))).toHaveLength(1);
  });

  it("hands out rows before the file is read to its end", async () => {
    const path = join(folder.path, "long.jsonl");
    const stream = createWriteStream(path);
    for (let index = 0; index < 20_000; index += 1)
      stream.write(`{"task_id":${index},"completion":"${"x".repeat(80)}"}\n`);
    // Whoever reads all of it first meets this line.
    stream.end("broken");
    await finished(stream);
    for await (const { sample } of readSamples(path)) {
      expect(sample.taskId).toBe("0");
      break;
    }
    await expect(readAll(path)).rejects.toThrow(`${path}:20001: not valid JSON`);
  });

  it("finds nothing in an empty file", async () => {
    expect(await readAll(await write(""))).toEqual([]);
  });

  it.each([
    ['{"completion":"x"}', 'field "task_id"'],
    ['{"task_id":null,"completion":"x"}', 'field "task_id"'],
    ['{"task_id":"a"}', "neither"],
    ['{"task_id":"a","completion":null,"solution":null}', 'field "completion"'],
    ['{"task_id":"a","completion":"x","solution":"y"}', "both"],
    ['{"task_id":"a","completion":["x"]}', 'field "completion"'],
    ['{"task_id":"a","solution":1}', 'field "solution"'],
    ["[1]", "a row must be a JSON object"],
    ['{"task_id":"a","completion":"x"', "not valid JSON"],
  ])("says where a row is wrong: %s", async (row, message) => {
    const path = await write(`{"task_id":"a","completion":""}\n\n${row}\n`);
    await expect(readAll(path)).rejects.toMatchObject({ name: "InputError" });
    await expect(readAll(path)).rejects.toThrow(`${path}:3: `);
    await expect(readAll(path)).rejects.toThrow(message);
  });

  it("says what is wrong with a file that cannot be read", async () => {
    await expect(readAll(join(folder.path, "absent"))).rejects.toThrow("no such file");
    await expect(readAll(folder.path)).rejects.toThrow("is a folder");
    const whole = gzipSync('{"task_id":"a","completion":""}\n'.repeat(100));
    await expect(readAll(await write(whole.subarray(0, -12)))).rejects.toMatchObject({ name: "InputError" });
  });
});

describe("readLines", () => {
  it("ends lines at LF and CRLF, and nowhere else", async () => {
    const lines = [];
    for await (const { text } of readLines(await write("a\r\nb\rc\n\nd\u2028e\r"))) lines.push(text);
    expect(lines).toEqual(["a", "b\rc", "", "d\u2028e"]);
  });
});
