import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { useBuiltCommand, type Finished } from "./built-command.js";
import { readRows, toLines, verdictsOf, type Row } from "./command-rows.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const command = useBuiltCommand();
const folder = useTemporaryFolder();

const double = {
  problem_id: 1,
  question: "",
  input_output: JSON.stringify({ inputs: ["2\n", "3\n"], outputs: ["4\n", "6\n"] }),
};
const untested = { ...double, problem_id: 2, input_output: JSON.stringify({ inputs: [], outputs: [] }) };
const RIGHT = "print(int(input()) * 2)";

/** Grades the lines of a samples file against the two problems above. */
async function grade(lines: string | Buffer, ...options: string[]): Promise<Finished & { rows: Row[] }> {
  const problems = await folder.write(toLines([double, untested]), "problems.jsonl");
  const samples = await folder.write(lines, "samples.jsonl");
  const out = join(folder.path, "results.jsonl");
  const finished = await command.run("grade", "--problems", problems, "--samples", samples, "--out", out, ...options);
  return { ...finished, rows: await readRows(out) };
}

const sample = (solution: string, more: object = {}): object => ({ task_id: "1", solution, ...more });

describe("samples that are odd get a verdict", () => {
  const ODD: readonly [what: string, fields: object, verdicts: string][] = [
    ["an empty completion", { completion: "" }, "no_code"],
    ["a completion of white space", { completion: " \n\n" }, "no_code"],
    ["a completion without code", { completion: "I am afraid that I cannot help with that." }, "no_code"],
    ["code in a block among text", { completion: `Sure!\n\n\`\`\`python\n${RIGHT}\n\`\`\`\nDone.` }, "accepted"],
    ["an empty program", { solution: "" }, "no_code|wrong_answer"],
    ["a NUL in a program", { solution: `${RIGHT}\0` }, "compile_error"],
    ["a NUL in a completion", { completion: `\`\`\`python\nprint("\0")\n\`\`\`` }, "compile_error"],
    ["a lone surrogate", { solution: `${RIGHT} # \ud800` }, "compile_error"],
    ["carriage returns", { solution: `n = int(input())\r\nif n:\r\n    print(n * 2)\r\n` }, "accepted"],
    ["carriage returns in a completion", { completion: `\`\`\`python\r\n${RIGHT}\r\n\`\`\`\r\n` }, "accepted"],
    ["a byte order mark", { solution: `\ufeff${RIGHT}` }, "accepted"],
    ["ten megabytes of comment", { solution: `${"# filler\n".repeat(1_165_084)}${RIGHT}` }, "accepted"],
    ["ten megabytes of text", { completion: "word ".repeat(2 << 20) }, "no_code|compile_error|runtime_error"],
    [
      "ten megabytes of one expression",
      { solution: `x = ${"1 + ".repeat(2 << 20)}1` },
      "compile_error|runtime_error|memory_limit|time_limit",
    ],
    ["a problem without tests", { task_id: "2", solution: RIGHT }, "invalid_problem"],
  ];

  it("and nothing of it touches the others", async () => {
    // A right one behind each.
    const lines = ODD.flatMap(([, fields]) => [{ task_id: "1", ...fields }, sample(RIGHT)]);
    const { code, stderr, rows } = await grade(toLines(lines));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(rows).toHaveLength(lines.length);
    for (const [number, [what, , verdicts]] of ODD.entries()) {
      const row = rows[2 * number];
      expect(verdicts.split("|"), what).toContain(row?.verdict);
      expect(row, what).toMatchObject({ passed: verdicts === "accepted", reward: verdicts === "accepted" ? 1 : 0 });
      expect(rows[2 * number + 1]?.verdict, what).toBe("accepted");
    }
  });

  it("a file with a byte order mark, carriage returns, blank lines and no end of line", async () => {
    const lines = `\ufeff${JSON.stringify(sample(RIGHT))}\r\n\r\n\n${JSON.stringify(sample("print(1)"))}`;
    expect(await grade(lines)).toMatchObject({ code: 0, rows: [{ verdict: "accepted" }, { verdict: "wrong_answer" }] });
  });

  it("bytes that are not UTF-8", async () => {
    const line = Buffer.from(JSON.stringify(sample(`${RIGHT} # ?`)) + "\n");
    line[line.indexOf("?")] = 0xff;
    expect(await grade(line)).toMatchObject({ code: 0, rows: [{ verdict: "accepted" }] });
  });

  it("the same row twice makes two rows", async () => {
    const { code, rows } = await grade(toLines([sample(RIGHT), sample(RIGHT), sample("print(1)"), sample(RIGHT)]));
    expect(code).toBe(0);
    expect(verdictsOf(rows)).toEqual(["accepted", "accepted", "wrong_answer", "accepted"]);
  });

  it("further fields are carried through", async () => {
    const { rows } = await grade(toLines([sample(RIGHT, { model: "m", nested: { a: [1, null] }, verdict: "mine" })]));
    expect(rows[0]).toMatchObject({
      model: "m",
      nested: { a: [1, null] },
      verdict: "accepted",
      sample_verdict: "mine",
    });
  });
});

describe("samples that cannot be used", () => {
  it.each([
    ["no JSON", "{oops", /samples\.jsonl:3: not valid JSON/],
    ["half a row", `{"task_id": "1", "solut`, /samples\.jsonl:3: not valid JSON/],
    ["no object", "[1]", /samples\.jsonl:3: a row must be a JSON object/],
    ["no task", `{"solution": "x"}`, /samples\.jsonl:3: field "task_id": /],
    [
      "a completion that is no text",
      `{"task_id": "1", "completion": 5}`,
      /samples\.jsonl:3: field "completion": must be a string/,
    ],
    ["nothing to grade", `{"task_id": "1"}`, /samples\.jsonl:3: field "completion": .*neither/],
    [
      "two things to grade",
      `{"task_id": "1", "completion": "", "solution": ""}`,
      /samples\.jsonl:3: field "completion": .*both/,
    ],
  ])("a row with %s ends the grading with its place, and keeps what is finished", async (_what, line, message) => {
    const result = await grade(`${toLines([sample(RIGHT), sample("print(1)")])}${line}\n${toLines([sample(RIGHT)])}`);
    expect(result).toMatchObject({ code: 1, stdout: "", rows: [{ verdict: "accepted" }, { verdict: "wrong_answer" }] });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toContain("internal error");
  });

  it("a task that the problems lack is named, and the rest is graded", async () => {
    const lines = toLines([sample(RIGHT), { task_id: "no-such-task", solution: RIGHT }, sample(RIGHT)]);
    const result = await grade(lines);
    expect(result).toMatchObject({ code: 1, rows: [{ verdict: "accepted" }, { verdict: "accepted" }] });
    expect(result.stderr).toContain("no-such-task");
    const skipped = await grade(lines, "--skip-unknown", "--force");
    expect(skipped.code).toBe(0);
    expect(skipped.stderr).toContain("no-such-task");
  });

  it("a file that is not there is named", async () => {
    const problems = await folder.write(toLines([double]), "problems.jsonl");
    const result = await command.run(
      "grade",
      "--problems",
      problems,
      "--samples",
      join(folder.path, "no-such-file.jsonl"),
    );
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("no-such-file.jsonl");
  });
});

describe("the number of jobs changes no verdict", () => {
  it("also near the limits of time", async () => {
    const burn = (seconds: number): string => `import time\nwhile time.process_time() < ${seconds}: pass\n${RIGHT}`;
    const programs = [
      ...Array.from({ length: 3 }, () => [burn(0.5), "accepted"]),
      ...[burn(1), burn(1)].map((program) => [program, "accepted"]),
      ...[burn(3), "while True: pass"].map((program) => [program, "time_limit"]),
      ["import time\ntime.sleep(0.3)\n" + RIGHT, "accepted"],
      ["import time\ntime.sleep(60)\n" + RIGHT, "time_limit"],
      ["x = bytearray(300 << 20)", "memory_limit"],
      ...Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? [RIGHT, "accepted"] : ["print(1)", "wrong_answer"])),
    ] as [string, string][];
    const lines = toLines(programs.map(([solution]) => sample(solution)));
    const limits = ["--cpu-limit", "2", "--memory-limit", "256", "--force"];
    const expected = programs.map(([, verdict]) => verdict);
    expect(verdictsOf((await grade(lines, "--jobs", "16", ...limits)).rows)).toEqual(expected);
    expect(verdictsOf((await grade(lines, "--jobs", "1", ...limits)).rows)).toEqual(expected);
  }, 180_000);
});
