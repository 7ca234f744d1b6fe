import { z } from "zod";
import { InputError } from "../../errors.js";
import type { Problem } from "../types.js";
import { json, readFields, type RowReader } from "./schema.js";

const text = json(z.string());
const schema = z.object({
  id: json(z.union([z.string().min(1), z.int()])).optional(),
  question: text.optional(),
  problem: text.optional(),
  prompt: text.optional(),
  answer: json(z.union([z.string(), z.number()])),
  level: json(z.union([z.string(), z.number()]).nullish()).optional(),
});
// Such a text as the expected answer would make every right number wrong.
const GSM8K_END = /^#### /m;
const GSM8K_FAULT =
  'has a line that begins with "#### ", as the answers of GSM8K have, but the answer of the first row of this file has none, so the file is no GSM8K: mend the first row, or write the number alone in each answer';
const QUESTIONS = ["question", "problem", "prompt"];

/**
 * Questions with one right answer each: `question` (or `problem`, or `prompt`) and `answer`, a text or a number, and
 * where they are there `id` and `level`. Without an id a problem is named by its line, from 1.
 */
export const questionAnswer: RowReader = {
  format: "question-answer",
  recognisedBy: `questions and answers: "question" (or "problem", or "prompt") and "answer"`,
  idField: "id",
  recognises: (fields) => fields.has("answer") && QUESTIONS.some((name) => fields.has(name)),
  read(row): Problem {
    const { id, question, problem, prompt, answer, level } = readFields(row, schema);
    const expected = String(answer);
    if (GSM8K_END.test(expected))
      throw new InputError(GSM8K_FAULT, { file: row.file, line: row.line, field: "answer" });
    return {
      id: String(id ?? row.line),
      aliases: [],
      format: "question-answer",
      prompt: question ?? problem ?? prompt ?? "",
      entryPoint: null,
      starterCode: "",
      difficulty: level == null ? null : String(level),
      tests: { kind: "answer", answer: expected },
      references: [expected],
      limits: {},
      invalid: expected.trim() === "" ? "no answer: it is empty" : null,
    };
  },
};
