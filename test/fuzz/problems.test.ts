import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect } from "vitest";

import { InputError } from "../../src/errors.js";
import { COMPARATOR_NAMES } from "../../src/grading/comparators/index.js";
import { extractProgram } from "../../src/grading/extraction/index.js";
import { makePlan } from "../../src/grading/plan.js";
import { readProblems } from "../../src/grading/problems/index.js";
import { readSamples } from "../../src/grading/samples.js";
import type { Problem } from "../../src/grading/types.js";
import { useTemporaryFolder } from "../temporary-folder.js";
import { fuzz } from "./fuzz.js";
import { completions, problemRows, sampleRows } from "./material.js";
import { damage, damageText, type Random } from "./random.js";
import { changeValue, type Json, JSON_WORDS, write } from "./json.js";

const folder = useTemporaryFolder();
const ROWS = problemRows() as Json[][];
const SAMPLES = sampleRows() as Json[];
const TEXTS = completions();

/** What everything inherits: whatever a file says, it must stay as it is. */
const look = (): unknown[] =>
  [Object.prototype, Array.prototype, Function.prototype, String.prototype].map((prototype) => [
    Object.getOwnPropertyNames(prototype),
    Object.getOwnPropertySymbols(prototype).length,
  ]);
let before: unknown[];
beforeAll(() => (before = look()));

/** Rows as a file: one of the layouts, damaged in one of several depths. */
function makeFile(random: Random, rows: readonly Json[]): Buffer {
  const changed = rows.map((row) => (random.once(2) ? changeValue(random, row) : row));
  const texts = changed.map((row) => write(random, row));
  const keyed = texts.map((row, at) => `${JSON.stringify(random.pick([`k${at}`, "__proto__", "HumanEval/1"]))}:${row}`);
  let text = random.pick([texts.join("\n"), texts.join("\r\n"), `[${texts.join(",\n")}]`, `{${keyed.join(",")}}`]);
  if (random.once(2)) text = damageText(random, text, JSON_WORDS);
  let bytes: Buffer = Buffer.from(text);
  if (random.once(4)) bytes = damage(random, bytes);
  if (random.once(6)) bytes = gzipSync(bytes);
  return random.once(8) ? damage(random, bytes) : bytes;
}

/** The problems of a file or folder, or an InputError that says where. */
async function read(path: string): Promise<readonly Problem[]> {
  try {
    const set = await readProblems(path);
    expect(new Set(set.problems.map(({ id }) => id)).size).toBe(set.problems.length);
    for (const name of ["__proto__", "constructor"]) {
      const found = set.find(name);
      if (found !== undefined) expect([found.id, ...found.aliases]).toContain(name);
    }
    for (const problem of set.problems) expect(set.problems).toContain(set.find(problem.id) ?? problem);
    return set.problems;
  } catch (error) {
    expectPlace(error, path);
    return [];
  }
}

function expectPlace(error: unknown, path: string): void {
  if (!(error instanceof InputError)) throw error;
  expect(error.location?.file).toContain(path);
  expect(error.message).toContain(path);
  if (error.location?.line !== undefined) expect(error.location.line).toBeGreaterThan(0);
  // A file as a whole may be at fault; a row of it may not without being named.
  else
    expect(error.message).toMatch(
      /holds no problems|too large|holds both|is of the wrong kind|is a folder|cannot be read/,
    );
}

describe("damaged and made-up files of problems", () => {
  fuzz("are problems, or an InputError that says where", 500, async (random) => {
    const rows = random.pick(ROWS);
    const some = random.many(1 + random.below(4), () => random.pick(rows));
    const path = join(folder.path, "problems.jsonl");
    await writeFile(path, makeFile(random, some));
    for (const problem of await read(path)) usePlan(random, problem);
    expect(look()).toEqual(before);
  });

  fuzz("laid out as APPS folders too", 120, async (random) => {
    const apps = random.pick(ROWS.filter((rows) => Object.hasOwn(rows[0] as object, "question")));
    const root = join(folder.path, "apps");
    await rm(root, { recursive: true, force: true });
    const place = random.pick([root, join(root, "0001"), join(root, "train", "0002")]);
    await mkdir(place, { recursive: true });
    const row = random.pick(apps) as Record<string, Json>;
    const texts: Record<string, string> = {
      "question.txt": JSON.stringify(row.question),
      "input_output.json": write(random, changeValue(random, row.input_output ?? null)),
      "solutions.json": write(random, changeValue(random, row.solutions ?? null)),
      "metadata.json": write(random, changeValue(random, { difficulty: "interview", url: "" })),
      "starter_code.py": "",
    };
    for (const [name, text] of Object.entries(texts)) {
      if (random.once(5)) continue;
      if (random.once(20)) await mkdir(join(place, name));
      else await writeFile(join(place, name), random.once(3) ? damage(random, Buffer.from(text)) : text);
    }
    for (const problem of await read(root)) usePlan(random, problem);
    expect(look()).toEqual(before);
  });

  fuzz("and so are damaged samples", 300, async (random) => {
    const path = join(folder.path, "samples.jsonl");
    await writeFile(
      path,
      makeFile(
        random,
        random.many(1 + random.below(4), () => random.pick(SAMPLES)),
      ),
    );
    try {
      for await (const { sample } of readSamples(path)) {
        expect(typeof sample.taskId).toBe("string");
        expect([sample.completion, sample.solution].filter((text) => text !== null)).toHaveLength(1);
      }
    } catch (error) {
      expectPlace(error, path);
      expect((error as InputError).location?.line).toBeGreaterThan(0);
    }
    expect(look()).toEqual(before);
  });
});

/** What is read can be planned and have programs taken out of completions: nothing odd goes on from here. */
function usePlan(random: Random, problem: Problem): void {
  const languages = [undefined, "javascript"];
  for (const [comparator, language] of COMPARATOR_NAMES.flatMap((name) =>
    languages.map((one) => [name, one] as const),
  )) {
    const plan = makePlan(problem, comparator, language);
    if (plan.kind === "script") expect(plan.tests.length).toBeGreaterThan(0);
    if (plan.kind === "judged") expect(plan.judges.length).toBeGreaterThan(0);
    if (plan.kind === "invalid") expect(plan.reason).not.toBe("");
  }
  const sample = { taskId: problem.id, completion: random.pick(TEXTS), solution: null, row: {} };
  extractProgram(problem, sample, "auto");
}
