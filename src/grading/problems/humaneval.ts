import { z } from "zod";
import type { Problem } from "../types.js";
import { json, readFields, type RowReader, source } from "./schema.js";

const schema = z.object({
  task_id: json(z.string()),
  prompt: json(source),
  entry_point: json(z.string().regex(/^[\p{L}_][\p{L}\p{N}_]*$/u, "is no Python name")),
  canonical_solution: json(source).optional(),
  test: json(source.refine((text) => /^def check\(/m.test(text), "defines no Python function check")),
});

/**
 * HumanEval (openai/human-eval, `HumanEval.jsonl`): `test` defines `check(candidate)`, in which each assertion is a
 * test. The prompt runs on the judge's side too, since tests use helper functions that it defines.
 */
export const humaneval: RowReader = {
  format: "humaneval",
  recognisedBy: `HumanEval: "task_id", "prompt", "entry_point" and "test"`,
  idField: "task_id",
  recognises: (fields) => ["prompt", "entry_point", "test"].every((name) => fields.has(name)),
  read(row): Problem {
    const { task_id, prompt, entry_point, canonical_solution, test } = readFields(row, schema);
    // Some copies of the data set call check at the end of the test already.
    const call = /^check\(/m.test(test) ? "\n" : `\n\ncheck(${entry_point})\n`;
    return {
      id: task_id,
      aliases: task_id.includes("/") ? [task_id.slice(task_id.lastIndexOf("/") + 1)] : [],
      format: "humaneval",
      prompt,
      entryPoint: entry_point,
      starterCode: "",
      difficulty: null,
      tests: {
        kind: "assertions",
        prelude: prompt,
        names: [entry_point],
        checks: [{ source: test + call }],
        countAssertions: true,
      },
      references: canonical_solution === undefined ? [] : [prompt + canonical_solution],
      limits: {},
      invalid: null,
    };
  },
};
