import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readCases } from "../src/attack/cases.js";
import { VERDICTS } from "../src/grading/types.js";

const FIXTURES = join(import.meta.dirname, "../fixtures");

const humaneval = z.strictObject({
  task_id: z.string(),
  prompt: z.string(),
  entry_point: z.string(),
  canonical_solution: z.string(),
  test: z.string().includes("METADATA").includes("def check(candidate):"),
});
const mbpp = z.strictObject({
  text: z.string(),
  code: z.string(),
  task_id: z.int(),
  test_setup_code: z.string(),
  test_list: z.array(z.string()),
  challenge_test_list: z.array(z.string()),
});
const apps = <Shape extends z.ZodType>(inputOutput: Shape) =>
  z.strictObject({
    problem_id: z.int(),
    question: z.string(),
    input_output: inputOutput,
    solutions: z.array(z.string()),
    starter_code: z.string(),
    difficulty: z.enum(["introductory", "interview", "competition"]),
    url: z.literal(""),
  });
const stdin = apps(z.strictObject({ inputs: z.array(z.string()), outputs: z.array(z.string()) }));
const call = apps(
  z.strictObject({ fn_name: z.string(), inputs: z.array(z.array(z.unknown())), outputs: z.array(z.unknown()) }),
);
const invalid = apps(z.unknown());
const SHAPES = { humaneval, mbpp, "apps-stdin": stdin, "apps-call": call };
type Shape = keyof typeof SHAPES;
const shapeNames = Object.keys(SHAPES) as Shape[];

const verdict = z.enum(VERDICTS);
const sample = z
  .strictObject({
    task_id: z.string(),
    completion: z.string().optional(),
    solution: z.string().optional(),
    expect: verdict,
    note: z.string().min(3),
    requires: z.literal("numpy").optional(),
  })
  .refine((row) => (row.completion === undefined) !== (row.solution === undefined), "completion or solution");

/** Rows of a .jsonl file under fixtures/, each checked against the schema. */
function readRows<Row>(path: string, schema: z.ZodType<Row>): Row[] {
  return readFileSync(join(FIXTURES, path), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => schema.parse(JSON.parse(line)));
}

/** Ids as samples spell them: without the `MBPP/` that some put in front. */
function idOf(row: { task_id: string | number } | { problem_id: number }): string {
  return String("task_id" in row ? row.task_id : row.problem_id).replace("MBPP/", "");
}

function countTests(row: z.infer<typeof stdin> | z.infer<typeof call>): { id: string; tests: number } {
  expect(row.input_output.outputs).toHaveLength(row.input_output.inputs.length);
  return { id: idOf(row), tests: row.input_output.inputs.length };
}

/** Number of tests in each problem of a set, and the ids of its problems. */
function readProblems(set: Shape): { id: string; tests: number }[] {
  switch (set) {
    case "humaneval":
      return readRows("humaneval/problems.jsonl", humaneval).map((row) => ({
        id: idOf(row),
        tests: row.test.split("assert ").length - 1,
      }));
    case "mbpp":
      return readRows("mbpp/problems.jsonl", mbpp).map((row) => ({ id: idOf(row), tests: row.test_list.length }));
    case "apps-stdin":
      return readRows("apps-stdin/problems.jsonl", stdin).map(countTests);
    case "apps-call":
      return readRows("apps-call/problems.jsonl", call).map(countTests);
  }
}

const EVERYWHERE = [
  "accepted",
  "wrong_answer",
  "time_limit",
  "memory_limit",
  "runtime_error",
  "compile_error",
  "no_code",
] as const;

describe.each(shapeNames)("fixtures/%s", (set) => {
  it("has at least 12 problems with ids of their own and 3 to 8 tests each, one stdin problem with 20", () => {
    const problems = readProblems(set);
    expect(problems.length).toBeGreaterThanOrEqual(12);
    expect(new Set(problems.map(({ id }) => id)).size).toBe(problems.length);
    const many = problems.filter(({ tests }) => tests < 3 || tests > 8).map(({ tests }) => tests);
    expect(many).toEqual(set === "apps-stdin" ? [20] : []);
  });

  it("has samples of its own problems, each problem accepted at least once, and every verdict there can be", () => {
    const samples = readRows(`${set}/samples.jsonl`, sample);
    const ids = readProblems(set).map(({ id }) => id);
    for (const row of samples) expect(ids).toContain(idOf(row));
    for (const id of ids)
      expect(samples.filter((row) => idOf(row) === id).map((row) => row.expect)).toContain("accepted");
    const wanted = set === "apps-stdin" ? [...EVERYWHERE, "output_limit"] : EVERYWHERE;
    expect(new Set(samples.map((row) => row.expect))).toEqual(new Set(wanted));
  });
});

describe("all samples", () => {
  const samples = shapeNames.flatMap((set) => readRows(`${set}/samples.jsonl`, sample));

  it("reach a time limit at most four times, because each costs seconds", () => {
    expect(samples.filter((row) => row.expect === "time_limit").length).toBeLessThanOrEqual(4);
  });

  it("hold the nasty texts", () => {
    const texts = samples.map((row) => row.completion ?? row.solution ?? "");
    for (const nasty of ["\0", "\ufeff", "\r\n", "~~~", "<think>"]) {
      expect(texts.some((text) => text.includes(nasty))).toBe(true);
    }
    expect(texts.some((text) => /\p{Surrogate}/u.test(text))).toBe(true);
    expect(texts).toContain("");
  });
});

describe("fixtures/invalid", () => {
  it("has problems that no sample can pass", () => {
    const ids = readRows("invalid/problems.jsonl", invalid).map(idOf);
    const samples = readRows("invalid/samples.jsonl", sample);
    expect(new Set(samples.map(idOf))).toEqual(new Set(ids));
    expect(new Set(samples.map((row) => row.expect))).toEqual(new Set(["invalid_problem"]));
  });
});

describe("fixtures/attacks", () => {
  const cases = readCases();
  const families = z
    .record(z.string(), z.strictObject({ title: z.string(), absent: z.record(z.string(), z.string()).optional() }))
    .parse(JSON.parse(readFileSync(join(FIXTURES, "attack-families.json"), "utf8")));

  it("are at least 120, from every group and in every shape", () => {
    expect(cases.length).toBeGreaterThanOrEqual(120);
    expect(new Set(cases.map(({ group }) => group))).toEqual(new Set(["A", "B", "C", "D", "E"]));
    expect(new Set(cases.map(({ shape }) => shape))).toEqual(new Set(shapeNames));
  });

  it("of group D belong to a family, and no family is made up", () => {
    for (const { name, group, family } of cases) {
      if (group === "D") expect(family, name).toBeDefined();
      if (family !== undefined) expect(Object.keys(families), name).toContain(family);
    }
  });

  it.each(Object.entries(families))(
    "%s: come in every shape but those that cannot have it",
    (family, { absent = {} }) => {
      for (const shape of shapeNames) {
        const there = cases.some((one) => one.family === family && one.shape === shape);
        expect(there, `${family} as ${shape}`).toBe(!(shape in absent));
      }
    },
  );

  it.each(cases)("$name: says what it tries, has a program and a problem of its shape", (one) => {
    const { shape, problem, program, tries } = one;
    expect(tries.length).toBeGreaterThanOrEqual(10);
    expect(program.length).toBeGreaterThan(0);
    const row = SHAPES[shape].parse(problem);
    expect(JSON.stringify(row).length).toBeGreaterThan(0);
  });

  it.each(cases)("$name: may be accepted only if it is legitimate, and may never break the grader", (one) => {
    expect(one.expect.includes("accepted")).toBe(one.tries.startsWith("legitimate:"));
    expect(one.expect).not.toContain("infrastructure_error");
  });

  it("have problem ids of their own", () => {
    const ids = cases.map(({ shape, problem }) => idOf(SHAPES[shape].parse(problem)));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
