import { z } from "zod";
import type { Problem, StdinTests } from "../types.js";
import { json, readFields, type RowReader, source } from "./schema.js";
import { raiseLimits } from "./stated-limits.js";

const cases = z
  .array(z.object({ input: z.string(), output: z.string() }))
  .nullish()
  .transform((given) => given ?? []);
const text = json(z.string().nullish()).optional();
const amount = json(z.number().positive().nullish()).optional();

const schema = z.object({
  id: json(z.string().min(1)),
  aliases: json(z.array(z.string()).nullish()).optional(),
  title: text,
  description: json(z.string().nullish()),
  input_format: text,
  output_format: text,
  interaction_format: text,
  note: text,
  examples: json(cases).optional(),
  official_tests: json(cases),
  input_mode: text,
  generated_checker: json(source.nullish()).optional(),
  time_limit: amount,
  memory_limit: amount,
  rating: json(z.number().nullish()).optional(),
});
type Fields = z.output<typeof schema>;

/**
 * Codeforces problems with the columns of open-r1/codeforces: `official_tests` are graded, or where there are none the
 * examples. `generated_checker` decides over outputs where there is one, else the comparator of the run. The limits
 * (seconds, megabytes) raise the defaults, see `raiseLimits`. Problems that use files in the place of stdin and stdout,
 * and interactive ones, whose interactor the data does not have, are invalid.
 */
export const codeforces: RowReader = {
  format: "codeforces",
  recognisedBy: `Codeforces: "official_tests" and "description" with "input_mode", "generated_checker" or "interaction_format"`,
  idField: "id",
  recognises: (fields) =>
    fields.has("official_tests") &&
    fields.has("description") &&
    ["input_mode", "generated_checker", "interaction_format"].some((name) => fields.has(name)),
  read(row): Problem {
    const fields = readFields(row, schema);
    const { id, aliases, examples = [], official_tests, generated_checker: checker, rating } = fields;
    const tests: StdinTests = {
      kind: "stdin",
      cases: official_tests.length > 0 ? official_tests : examples,
      ...(checker == null || checker === ""
        ? {}
        : { checker: { protocol: "score" as const, language: "python", source: checker } }),
    };
    return {
      id: `Codeforces/${id}`,
      aliases: [id, ...(aliases ?? [])],
      format: "codeforces",
      prompt: writeStatement(fields),
      entryPoint: null,
      starterCode: "",
      difficulty: rating == null ? null : String(rating),
      tests,
      references: [],
      limits: raiseLimits(
        fields.time_limit ?? null,
        fields.memory_limit == null ? null : fields.memory_limit * MEGABYTE,
      ),
      invalid: findFault(fields, tests),
    };
  },
};

const MEGABYTE = 1 << 20;

function writeStatement({
  title,
  description,
  input_format,
  output_format,
  note,
  examples = [],
  ...rest
}: Fields): string {
  const sections: (readonly [string, string | null | undefined])[] = [
    ["", title],
    ["", description],
    ["Input", input_format],
    ["Output", output_format],
    ["Interaction", rest.interaction_format],
    ...examples.map(
      ({ input, output }) => ["Example", `Input:\n${input.trimEnd()}\nOutput:\n${output.trimEnd()}`] as const,
    ),
    ["Note", note],
  ];
  return sections
    .filter(([, content]) => content != null && content !== "")
    .map(([head, content]) => (head === "" ? content : `${head}\n\n${content ?? ""}`))
    .join("\n\n");
}

function findFault({ interaction_format, input_mode }: Fields, { cases }: StdinTests): string | null {
  if (interaction_format != null && interaction_format !== "")
    return "it is interactive, and its interactor is not there";
  if (input_mode != null && input_mode !== "" && input_mode !== "stdio") {
    return `its programs read and write files instead of stdin and stdout (input_mode ${JSON.stringify(input_mode)})`;
  }
  return cases.length === 0 ? "no tests: official_tests and examples are empty" : null;
}
