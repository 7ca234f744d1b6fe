import { z } from "zod";
import { findAnswer } from "../mathematics/extract.js";
import type { Problem } from "../types.js";
import { json, readFields, type RowReader } from "./schema.js";

const schema = z.object({
  id: json(z.union([z.string().min(1), z.int()])).optional(),
  question: json(z.string()),
  answer: json(z.string()),
});

/**
 * GSM8K: `question` and an `answer` that ends in `#### ` and a number. Problems are numbered by their line from 0, as
 * the data set's own tools count, unless they have an `id`.
 */
export const gsm8k: RowReader = {
  format: "gsm8k",
  recognisedBy: `GSM8K: "question" and an "answer" with ####`,
  idField: "id",
  recognises: (fields) => fields.has("question") && fields.get("answer")?.includes("#### ") === true,
  read(row): Problem {
    const { id, question, answer } = readFields(row, schema);
    const number = String(id ?? row.line - 1);
    const expected = findAnswer(answer, ["hash_marks"])?.answer.replaceAll(",", "");
    return {
      id: `GSM8K/${number}`,
      aliases: [number],
      format: "gsm8k",
      prompt: question,
      entryPoint: null,
      starterCode: "",
      difficulty: null,
      tests: { kind: "answer", answer: expected ?? "" },
      references: expected === undefined ? [] : [expected],
      limits: {},
      invalid: expected === undefined ? "no answer: no number behind ####" : null,
    };
  },
};
