import { z } from "zod";
import { InputError } from "../../errors.js";
import { readRows } from "../problems/rows.js";
import { json, readFields } from "../problems/schema.js";

/** A question that a person marks. */
export interface Question {
  readonly id: string;
  readonly text: string;
  /** The most points there are for it; null where the set does not say. */
  readonly points: number | null;
  /** What a right answer is, for whoever marks; null where the set has none. */
  readonly reference: string | null;
}

const name = json(z.union([z.string().min(1, "is empty"), z.int()]));
const text = json(z.string());
const reference = json(z.union([z.string(), z.number()]).nullish()).optional();
const schema = z.object({
  ...{ id: name.optional(), idx: name.optional() },
  ...{ question: text.optional(), problem: text.optional(), prompt: text.optional() },
  points: json(z.number().positive("must be above 0").max(1e6).nullish()).optional(),
  ...{ reference, answer: reference, solution: reference },
});

/**
 * The questions of an exam, as JSON Lines or one JSON array: `question` (or `problem`, or `prompt`), and where they are
 * there `id` (or `idx`; else the line), `points` and `reference` (or `answer`, or `solution`). Ids are unique.
 *
 * @throws InputError with file, line and field
 */
export async function readQuestions(file: string): Promise<Question[]> {
  const questions: Question[] = [];
  const lines = new Map<string, number>();
  for await (const row of readRows(file, (fields) => fields.has("question") || fields.has("problem"))) {
    const fields = readFields(row, schema);
    const question = fields.question ?? fields.problem ?? fields.prompt;
    if (question === undefined || question.trim() === "") {
      throw new InputError("must be there and not empty", { file, line: row.line, field: "question" });
    }
    const id = String(fields.id ?? fields.idx ?? row.line);
    const earlier = lines.get(id);
    if (earlier !== undefined)
      throw new InputError(`${id} is on line ${earlier} already`, { file, line: row.line, field: "id" });
    lines.set(id, row.line);
    const answer = String(fields.reference ?? fields.answer ?? fields.solution ?? "");
    questions.push({
      ...{ id, text: question, points: fields.points ?? null },
      reference: answer.trim() === "" ? null : answer,
    });
  }
  if (questions.length === 0) throw new InputError("holds no questions", { file });
  return questions;
}
