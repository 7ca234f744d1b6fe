import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { readProblems } from "../../src/grading/problems/index.js";
import type { Problem } from "../../src/grading/types.js";

const FIXTURES = join(import.meta.dirname, "../../fixtures");
const SETS = ["humaneval", "mbpp", "apps-stdin", "apps-call", "invalid"] as const;

type JsonRow = Record<string, unknown>;

function readJsonLines(set: string, name: string): JsonRow[] {
  const lines = readFileSync(join(FIXTURES, set, name), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as JsonRow);
}

/** The problem rows of the fixtures by format, and one of EvalPlus, which has no fixture. */
export function problemRows(): JsonRow[][] {
  const evalplus = {
    ...{ task_id: "HumanEval/7", prompt: "def f(a, b):\n    '''Adds.'''\n", entry_point: "f", atol: 0 },
    ...{
      canonical_solution: "    return a + b\n",
      base_input: [[1, 2]],
      plus_input: [
        [1.5, -0.0],
        ["a", "b"],
      ],
    },
  };
  return [...SETS.map((set) => readJsonLines(set, "problems.jsonl")), [evalplus]];
}

export async function fixtureProblems(): Promise<Problem[]> {
  const sets = await Promise.all(SETS.map((set) => readProblems(join(FIXTURES, set, "problems.jsonl"))));
  return sets.flatMap(({ problems }) => [...problems]);
}

export function sampleRows(): JsonRow[] {
  return SETS.flatMap((set) => readJsonLines(set, "samples.jsonl"));
}

/** Completions and programs: what models wrote, as the fixtures have it, and the attack programs. */
export function completions(): string[] {
  const texts = sampleRows().map(({ completion, solution }) => String(completion ?? solution));
  const attacks = readdirSync(join(FIXTURES, "attacks"), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return [...texts, ...attacks.map(({ name }) => readFileSync(join(FIXTURES, "attacks", name, "program.py"), "utf8"))];
}
