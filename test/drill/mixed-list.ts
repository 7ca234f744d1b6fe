import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { sliceObject } from "../../src/grading/input/raw-json.js";
import type { Row } from "../command-rows.js";

const FIXTURES = join(import.meta.dirname, "../../fixtures");

/** How much is graded under each fault: 1 is a short list, each further one the whole list once more. */
export const ROUNDS = Number(process.env.ASSAY_DRILL ?? 1);

type JsonRow = Record<string, unknown>;

/** Problems in the shape of APPS, as JSON texts since numbers in them must stay what they are, and samples of which it is known what must become of them. */
export interface MixedList {
  readonly problems: readonly string[];
  readonly samples: readonly JsonRow[];
}

const readLines = (...path: string[]): string[] =>
  readFileSync(join(FIXTURES, ...path), "utf8")
    .split("\n")
    .filter((line) => line !== "");

/** Honest and failing samples of the fixtures and attacks, in turn; every sample says in `deserves` which verdicts are right. */
export function makeMixedList(): MixedList {
  const problems: string[] = [];
  const samples: JsonRow[] = [];
  for (const set of ["apps-stdin", "apps-call"]) {
    problems.push(...readLines(set, "problems.jsonl"));
    readLines(set, "samples.jsonl").forEach((line, at) => {
      const { expect, requires, ...sample } = JSON.parse(line) as JsonRow;
      // The short list leaves out what takes seconds of busy looping.
      const taken = ROUNDS > 1 || (at % 4 === 0 && expect !== "time_limit");
      if (taken && requires === undefined) samples.push({ ...sample, deserves: [expect] });
    });
  }
  const attacks = readdirSync(join(FIXTURES, "attacks")).filter((name) =>
    existsSync(join(FIXTURES, "attacks", name, "case.json")),
  );
  const some = attacks.map((name) => readAttack(name)).filter((attack) => attack !== null);
  const used = ROUNDS > 1 ? some : some.filter(({ group }, at) => group === "D" && at % 9 === 0);
  for (const { problem, sample } of used) {
    problems.push(problem);
    samples.splice(Math.floor(samples.length / 2), 0, sample);
  }
  const rounds = Array.from({ length: Math.max(1, ROUNDS - 1) }, (_, round) =>
    samples.map((sample) => ({ ...sample, round })),
  );
  return { problems, samples: rounds.flat().map((sample, n) => ({ ...sample, n })) };
}

function readAttack(name: string) {
  const read = (file: string): string => readFileSync(join(FIXTURES, "attacks", name, file), "utf8");
  const attack = JSON.parse(read("case.json")) as JsonRow & { problem: JsonRow; shape: string; solution: boolean };
  const problem = sliceObject(read("case.json")).get("problem")?.raw.replaceAll("\n", " ") ?? "";
  if (!attack.shape.startsWith("apps")) return null;
  const text = { [attack.solution ? "solution" : "completion"]: read("program.py") };
  const sample = { task_id: String(attack.problem.problem_id), attack: name, ...text, deserves: attack.expect };
  return { group: attack.group, problem, sample };
}

/** No row twice, none that nobody asked for, and every verdict deserved or a fault of ours. Gives how many of each. */
export function checkRows(rows: readonly Row[]) {
  const seen = rows.map(({ n }) => Number(n));
  expect(new Set(seen).size, "rows of the same sample").toBe(rows.length);
  const wrong = rows.filter(
    ({ verdict, deserves }) => verdict !== "infrastructure_error" && !(deserves as string[]).includes(verdict),
  );
  expect(
    wrong.map(({ n, note, attack, verdict, first_failure }) => ({ n, note, attack, verdict, first_failure })),
  ).toEqual([]);
  const isolation = [...new Set(rows.map((row) => String(row.isolation)))];
  return {
    rows: rows.length,
    isolation,
    faults: rows.filter(({ verdict }) => verdict === "infrastructure_error").length,
  };
}
