import { z } from "zod";
import { firstCharacter, parseJson } from "../input/raw-json.js";
import type { Problem, Tests } from "../types.js";
import { readAppsTests } from "./apps.js";
import { json, rawText, readFields, type RowReader } from "./schema.js";

const schema = z.object({
  id: json(z.union([z.string().min(1), z.int().nonnegative()])),
  problem: json(z.string()),
  tests: rawText,
});
const listSchema = z.array(z.object({ input: z.string(), output: z.string() }));

/**
 * CodeContests as rllm carries it: `problem` is the statement and `tests` is `{"inputs", "outputs"}`, or a list of
 * `{"input", "output"}`. Rows have no id and are numbered from 0, as they come.
 */
export const rllm: RowReader = {
  format: "code-contests",
  recognisedBy: `CodeContests of rllm: "problem" and "tests"`,
  idField: "id",
  numbered: true,
  recognises: (fields) => fields.has("problem") && fields.has("tests") && !fields.has("schema"),
  read(row): Problem {
    const { id, problem, tests: raw } = readFields(row, schema);
    const { tests, invalid } = readTests(raw);
    return {
      id: `CodeContests/${id}`,
      aliases: [String(id)],
      format: "code-contests",
      prompt: problem,
      entryPoint: tests.kind === "calls" ? tests.functionName : null,
      starterCode: "",
      difficulty: null,
      tests,
      references: [],
      limits: {},
      invalid,
    };
  },
};

function readTests(raw: string): { tests: Tests; invalid: string | null } {
  if (firstCharacter(raw) !== "[") return readAppsTests(raw);
  const list = listSchema.safeParse(parseJson(raw));
  const cases = list.data?.map(({ input, output }) => ({ input, output })) ?? [];
  const fault = list.success ? "no tests: the list is empty" : "unreadable tests: not all are {input, output} of texts";
  return { tests: { kind: "stdin", cases }, invalid: cases.length === 0 ? fault : null };
}
