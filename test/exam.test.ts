import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readMarks, sumMarks } from "../src/grading/exam/marks.js";
import type { ExamKey } from "../src/grading/exam/sheet.js";
import { readCsv, writeCsvRow } from "../src/grading/input/csv.js";
import { runCommandLine } from "../src/cli/program.js";
import { makeWorld } from "./cli-fakes.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const EXAM = join(import.meta.dirname, "../fixtures/exam");
const QUESTIONS = join(EXAM, "questions.jsonl");
const ANSWERS = ["copper", "tin"].map((model) => join(EXAM, `${model}.jsonl`));
const folder = useTemporaryFolder();

async function assay(...words: string[]) {
  const world = makeWorld([], () => Promise.reject(new Error("nothing is graded")));
  await runCommandLine(world.context, ["exam", ...words]);
  return { code: world.state.code, stdout: world.stdout.text, stderr: world.stderr.text };
}

async function makeExam(...options: string[]) {
  const out = join(folder.path, options.includes("--md") ? "exam.md" : "exam.html");
  const words = options.filter((option) => option !== "--md");
  const { code, stderr } = await assay("sheet", QUESTIONS, ...ANSWERS, "--out", out, ...words);
  expect(stderr).toMatch(/^4 questions, 2 models\n/);
  expect(code).toBe(0);
  const read = (name: string) => readFile(join(folder.path, name), "utf8");
  const [sheet, marks, key] = await Promise.all([readFile(out, "utf8"), read("exam.marks.csv"), read("exam.key.json")]);
  return { sheet, marks, key: JSON.parse(key) as ExamKey };
}

describe("assay exam sheet", () => {
  it("shows questions, points, references and all answers, as text", async () => {
    const { sheet } = await makeExam();
    expect(sheet).toContain("<h2>Question 2b <small>2.5 points</small></h2>");
    expect(sheet).toContain("<pre>13: 150 / 12 = 12.5, and a crate cannot be cut.</pre>");
    expect(sheet).toContain("<h3>tin</h3>");
    expect(sheet).toContain("<pre>12 crates.\nAnd a half.</pre>");
    expect(sheet).toContain("<p>No answer: 0 points.</p>");
    expect(sheet).not.toContain("<script>");
    expect(sheet).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  });

  it("as Markdown no answer can pass for a part of the sheet", async () => {
    const { sheet } = await makeExam("--md");
    expect(sheet).toContain("## Question 1 (2 points)");
    // The one with four backticks stands in a block of five.
    expect(sheet).toContain("`````text\nA square </pre><script>");
  });

  it("has a file for marks with one row for each answer that was given", async () => {
    const { marks } = await makeExam();
    expect(marks.trimEnd().split("\n")).toEqual([
      "question,answer,points,mark",
      ...["1,copper,2,", "1,tin,2,", "2a,copper,3,", "2a,tin,3,", "2b,copper,2.5,", "'=3,copper,4,", "'=3,tin,4,"],
    ]);
  });

  it("blind, it names no model, deals out letters by the seed alone, and the key takes marks back", async () => {
    const { sheet, marks, key } = await makeExam("--blind", "a seed");
    expect(sheet + marks).not.toMatch(/copper|tin\b/);
    expect(key.questions.map(({ answers }) => answers.map(({ label }) => label))).toEqual(Array(4).fill(["A", "B"]));
    const orders = new Set<string>();
    for (const seed of ["1", "2", "3", "4", "5", "6"]) {
      const other = await assay(
        "sheet",
        QUESTIONS,
        ...ANSWERS,
        "--out",
        join(folder.path, `${seed}.html`),
        "--blind",
        seed,
      );
      expect(other.code).toBe(0);
      orders.add(await readFile(join(folder.path, `${seed}.key.json`), "utf8"));
    }
    expect(orders.size).toBeGreaterThan(1);
    const again = await assay(
      "sheet",
      QUESTIONS,
      ...ANSWERS,
      "--out",
      join(folder.path, "again.md"),
      "--blind",
      "a seed",
    );
    expect(again.code).toBe(0);
    expect(JSON.parse(await readFile(join(folder.path, "again.key.json"), "utf8"))).toEqual(key);

    const filled = marks
      .trimEnd()
      .split("\n")
      .map((row) => {
        const [, question, label] = /^'?([^,]+),([AB]),/.exec(row) ?? [];
        const answers = key.questions.find(({ id }) => id === question)?.answers ?? [];
        const model = answers.find((answer) => answer.label === label)?.model;
        return model === undefined ? row : row + (model === "tin" ? "1" : "2");
      });
    await folder.write(filled.join("\r\n"), "filled.csv");
    const { stdout } = await assay(
      "marks",
      join(folder.path, "exam.key.json"),
      join(folder.path, "filled.csv"),
      "--json",
    );
    expect(JSON.parse(stdout)).toMatchObject({
      models: [
        { model: "copper", marks: 8, answered: 4 },
        { model: "tin", marks: 3, answered: 3 },
      ],
    });
  });

  it("writes over nothing, and nothing at all where one of its files is there", async () => {
    await folder.write("two hours of work", "exam.marks.csv");
    const { code, stderr } = await assay("sheet", QUESTIONS, ...ANSWERS, "--out", join(folder.path, "exam.html"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("exam.marks.csv: is there already")]);
    expect(await readdir(folder.path)).toEqual(["exam.marks.csv"]);
  });

  it("takes models from rows, from model=file, and from the file's name", async () => {
    const both = await folder.write(
      ["zinc", "lead"].map((model) => `{"task_id": "1", "solution": "13", "model": "${model}"}\n`).join(""),
      "both.jsonl",
    );
    const out = join(folder.path, "o.html");
    expect(
      (await assay("sheet", QUESTIONS, both, `gold=${ANSWERS[0] ?? ""}`, ANSWERS[1] ?? "", "--out", out)).code,
    ).toBe(0);
    const key = JSON.parse(await readFile(join(folder.path, "o.key.json"), "utf8")) as ExamKey;
    expect(key.questions[0]?.answers.map(({ model }) => model)).toEqual(["zinc", "lead", "gold", "tin"]);
  });

  const refused: readonly (readonly [string, string, string])[] = [
    [
      "a question that is not in the exam",
      '{"task_id": "9", "completion": "1"}',
      ':1: field "task_id": the exam has no question 9',
    ],
    [
      "a second answer",
      '{"task_id": "1", "completion": "1"}\n{"task_id": "1", "completion": "1"}',
      ':2: field "task_id": a has answered 1 already',
    ],
    ["a model that is no name", '{"task_id": "1", "completion": "1", "model": 4}', ':1: field "model": must be a name'],
    ["no answers", "\n", "hold no answers"],
  ];
  for (const [what, rows, message] of refused) {
    it(`refuses ${what}`, async () => {
      const file = await folder.write(rows, "a.jsonl");
      const { code, stderr } = await assay("sheet", QUESTIONS, file, "--out", join(folder.path, "x.html"));
      expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    });
  }

  it("refuses questions that cannot be marked, naming line and field", async () => {
    const cases = [
      ['{"question": "q", "points": 0}', '1: field "points": must be above 0'],
      ['{"id": 1, "question": "q"}\n{"id": 1, "question": "r"}', '2: field "id": 1 is on line 1 already'],
      ['{"question": " "}', '1: field "question": must be there'],
    ] as const;
    for (const [rows, message] of cases) {
      const file = await folder.write(rows, "q.jsonl");
      const { stderr } = await assay("sheet", file, ...ANSWERS, "--out", join(folder.path, "x.html"));
      expect(stderr).toContain(message);
    }
  });
});

describe("assay exam marks", () => {
  const markFixture = async (...options: string[]) => {
    await makeExam();
    return assay("marks", join(folder.path, "exam.key.json"), join(EXAM, "marks.csv"), ...options);
  };

  it("adds up marks for each model, with what was not answered as 0", async () => {
    const { code, stdout } = await markFixture("--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      ...{ questions: 4, maximum: 11.5, unmarked: [] },
      models: [
        {
          ...{ model: "copper", marks: 11.5, maximum: 11.5, percent: 100, answered: 4 },
          questions: { "1": 2, "2a": 3, "2b": 2.5, "=3": 4 },
        },
        {
          ...{ model: "tin", marks: 1.5, maximum: 11.5, percent: expect.closeTo(13.043, 3) as number, answered: 3 },
          questions: { "1": 0.5, "2a": 1, "2b": 0, "=3": 0 },
        },
      ],
    });
  });

  it("shows them to people, and writes a row for each answer", async () => {
    const out = join(folder.path, "rows.jsonl");
    const { stdout } = await markFixture("--out", out);
    expect(stdout).toMatch(
      /^model +marks +of +percent +answered\ncopper +11\.5 +11\.5 +100\.0% +4\/4\ntin +1\.5 +11\.5 +13\.0% +3\/4\n$/,
    );
    const rows = (await readFile(out, "utf8"))
      .trimEnd()
      .split("\n")
      .map((row) => JSON.parse(row) as unknown);
    expect(rows).toHaveLength(8);
    expect(rows[5]).toEqual({ task_id: "2b", model: "tin", answered: false, mark: 0, points: 2.5 });
  });

  const key: ExamKey = {
    exam: 1,
    questions: [
      { id: "1", points: 2, answers: [{ label: "A", model: "m", answered: true }] },
      { id: "2", points: null, answers: [{ label: "A", model: "m", answered: true }] },
    ],
  };
  const refused: readonly (readonly [string, string])[] = [
    ["question,answer,mark\n1,A,2.5", 'f:2: field "mark": must be a number from 0 to 2, is "2.5"'],
    ["question,answer,mark\n1,A,-1", 'f:2: field "mark": must be a number from 0 to 2'],
    ["question,answer,mark\n\n2,A,1e9", 'f:3: field "mark": must be a number 0 or more'],
    ["question,answer,mark\n1,A,full", 'f:2: field "mark"'],
    ["question,answer,mark\n3,A,1", 'f:2: field "question": the exam has no question 3'],
    ["question,answer,mark\n1,B,1", 'f:2: field "answer": question 1 has the answers A, not B'],
    ["question,answer,mark\n1,A,1\n1,A,2", 'f:3: field "answer": was marked on line 2 already'],
    ["question,answer\n1,A", 'f:1: field "mark": is no column'],
    ["question,answer,mark\n1,,1", 'f:2: field "answer": must be there'],
    ['{"question": 1, "answer": "A", "mark": 3}', 'f:1: field "mark": must be a number from 0 to 2, is 3'],
    ['{"question": 1, "answer": "A", "mark": true}', 'f:1: field "mark"'],
    ['{"question": 1, "answer": "A"}', 'f:1: field "mark": must be there'],
    ['{"question": 1\n', "f:1: not valid JSON"],
    ["", "f: is empty"],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => readMarks(text, "f", key)).toThrow(message);
    });
  }

  it("takes JSON Lines, other separators and decimal commas", () => {
    const wanted = [
      { question: "1", answer: "A", mark: 1.5 },
      { question: "2", answer: "A", mark: 7 },
    ];
    expect(
      readMarks('{"question": 1, "answer": "A", "mark": 1.5}\n\n{"question":"2","answer":"A","mark":"7"}', "f", key),
    ).toEqual(wanted);
    expect(readMarks("\uFEFFQuestion;Answer;Mark\r\n1;A;1,5\r\n2;A;7\r\n", "f", key)).toEqual(wanted);
    expect(readMarks("question\tmark\tanswer\n1\t1.5\tA\n2\t7\tA", "f", key)).toEqual(wanted);
  });

  it("has no percentage where a question does not say its points, and says what has no mark yet", async () => {
    const result = sumMarks(key, readMarks("question,answer,mark\n1,A,\n2,A,9", "f", key));
    expect(result).toMatchObject({
      maximum: null,
      unmarked: [{ question: "1", answer: "A" }],
      models: [{ marks: 9, percent: null }],
    });
    await folder.write(JSON.stringify(key), "k.json");
    await folder.write("question,answer,mark\n1,A,\n2,A,9", "m.csv");
    const files = [join(folder.path, "k.json"), join(folder.path, "m.csv")];
    const { code, stderr } = await assay("marks", ...files);
    expect([code, stderr]).toEqual([1, expect.stringContaining('m.csv: field "mark": 1 answers have no mark: 1 A')]);
    expect((await assay("marks", ...files, "--partial")).stdout).toMatch(/^m +9 +2\/2$/m);
  });

  it("refuses what is no key", async () => {
    await folder.write('{"exam": 1, "questions": [{"id": 4}]}', "k.json");
    const { stderr } = await assay("marks", join(folder.path, "k.json"), join(EXAM, "marks.csv"));
    expect(stderr).toContain('k.json: field "questions.0.id"');
  });
});

describe("comma-separated values", () => {
  it("quotes hold separators, line ends and quotes; rows know their lines", () => {
    const rows = readCsv('a,b\n"1,\n""x""",2\n3,\n', "f");
    expect(rows.map(({ line, fields }) => [line, ...fields.values()])).toEqual([
      [2, '1,\n"x"', "2"],
      [4, "3", ""],
    ]);
  });

  it("what was written is what is read", () => {
    const cells = ['say "no"', "a,b", "two\nlines", "", "5"];
    const text = `${writeCsvRow(["a", "b", "c", "d", "e"])}\n${writeCsvRow(cells)}`;
    expect([...(readCsv(text, "f")[0]?.fields.values() ?? [])]).toEqual(cells);
  });

  it("names what is wrong", () => {
    expect(() => readCsv('a,b\n"1,2', "f")).toThrow("f:2: a quote is not closed");
    expect(() => readCsv("a,b\n1,2,3", "f")).toThrow("f:2: has 3 cells, the head row 2");
    expect(() => readCsv("a,A\n1,2", "f")).toThrow('f:1: field "a": is a column twice');
  });
});
