import { z } from "zod";
import { parseJson } from "../input/raw-json.js";
import type { Problem } from "../types.js";
import { makeLiveCodeBenchProblem, planTests, readPart } from "./livecodebench.js";
import { readPackedText } from "./pickled-text.js";
import { json, jsonOrText, readFields, type RowReader } from "./schema.js";

const labelsSchema = z.object({ task_id: z.string().min(1), difficulty: z.string().optional() });
const schema = z.object({
  id: json(z.union([z.string(), z.int()])),
  content: json(z.string()),
  test: json(z.string()),
  labels: jsonOrText(labelsSchema),
});
const inputOutputSchema = z
  .object({ inputs: z.array(z.string()), outputs: z.array(z.string()), fn_name: z.string().nullish() })
  .refine(({ inputs, outputs }) => inputs.length === outputs.length, "as many inputs as outputs are needed");

/**
 * LiveCodeBench as SandboxFusion carries it: `content` is the whole prompt, `test` holds public and private tests
 * together, packed as `{"inputs", "outputs", "fn_name"}`, and `labels` is a JSON text with the task's name
 * (`codeforces/1873_A`). Its solutions are placeholders and not used.
 */
export const livecodebenchPacked: RowReader = {
  format: "livecodebench",
  recognisedBy: `LiveCodeBench of SandboxFusion: "content", "test" and "labels"`,
  idField: "id",
  recognises: (fields) => ["content", "test", "labels"].every((name) => fields.has(name)),
  read(row): Problem {
    const { id, content, test, labels } = readFields(row, schema);
    const packed = Buffer.from(test);
    return makeLiveCodeBenchProblem({
      question: labels.task_id.slice(labels.task_id.lastIndexOf("/") + 1),
      aliases: [labels.task_id, String(id)],
      prompt: content,
      starterCode: "",
      difficulty: labels.difficulty ?? null,
      readTests() {
        const { inputs, outputs, fn_name } = readPart("test", () =>
          inputOutputSchema.parse(parseJson(readPackedText(packed.toString()))),
        );
        const cases = inputs.map((input, index) => ({ input, output: outputs[index] ?? "" }));
        return planTests(cases, fn_name ?? null, (at, side) => `test.${side}s.${at}`);
      },
    });
  },
};
