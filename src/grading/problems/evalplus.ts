import { z } from "zod";
import { firstCharacter } from "../input/raw-json.js";
import type { AssertionTests, Problem } from "../types.js";
import { writeConversion } from "./evalplus-inputs.js";
import { HUMANEVAL_ORACLES, MBPP_ORACLES, writePrelude } from "./evalplus-python.js";
import { json, rawItems, readFields, type RowReader, source } from "./schema.js";

// One published row has {} for "no inputs".
const inputs = z.preprocess((raw) => (typeof raw === "string" && /^\{\s*\}$/.test(raw) ? "[]" : raw), rawItems);

const schema = z.object({
  task_id: json(z.string()),
  prompt: json(source),
  entry_point: json(z.string().regex(/^[\p{L}_][\p{L}\p{N}_]*$/u, "is no Python name")),
  canonical_solution: json(source),
  base_input: inputs.refine(areArgumentLists, "holds an input that is no list of arguments"),
  plus_input: inputs.refine(areArgumentLists, "holds an input that is no list of arguments"),
  atol: json(z.number().nonnegative()).optional(),
});

/**
 * EvalPlus: HumanEval+ and MBPP+ (`HumanEvalPlus.jsonl`, `MbppPlus.jsonl`). A row has inputs and a reference program;
 * each input, base ones first, is one test: the candidate must give what the reference gives. The `test` that some
 * HumanEval+ rows carry is that of HumanEval and is not used.
 */
export const evalplus: RowReader = {
  format: "evalplus",
  recognisedBy: `EvalPlus: "base_input", "plus_input" and "canonical_solution"`,
  idField: "task_id",
  recognises: (fields) => ["base_input", "plus_input", "canonical_solution"].every((name) => fields.has(name)),
  read(row): Problem {
    const { task_id, prompt, entry_point, canonical_solution, base_input, plus_input, atol } = readFields(row, schema);
    const isMbpp = row.fields.has("assertion") || /^mbpp/i.test(task_id);
    const number = task_id.slice(task_id.lastIndexOf("/") + 1);
    const reference = isMbpp ? canonical_solution : prompt + canonical_solution;
    const oracles = isMbpp ? MBPP_ORACLES : HUMANEVAL_ORACLES;
    const conversion = isMbpp ? writeConversion(Number(number)) : "";
    const call = `_verify(${entry_point}, ${conversion === "" ? "data" : "_convert(data)"})\n`;
    const tests: AssertionTests = {
      kind: "assertions",
      prelude: writePrelude({
        reference,
        entryPoint: entry_point,
        atol: atol ?? 0,
        oracle: Object.hasOwn(oracles, entry_point) ? (oracles[entry_point] ?? "") : "",
        conversion,
      }),
      names: [entry_point],
      checks: [...base_input, ...plus_input].map((data) => ({ source: call, data })),
      countAssertions: false,
    };
    return {
      id: task_id,
      aliases: isMbpp ? [`MBPP/${number}`, number] : [number],
      format: "evalplus",
      prompt,
      entryPoint: entry_point,
      starterCode: "",
      difficulty: null,
      tests,
      groups: [
        { name: "base", tests: base_input.length },
        { name: "plus", tests: plus_input.length },
      ],
      references: [reference],
      limits: {},
      invalid: tests.checks.length === 0 ? "no tests: the problem has no inputs" : null,
    };
  },
};

function areArgumentLists(items: readonly string[]): boolean {
  return items.every((item) => firstCharacter(item) === "[");
}
