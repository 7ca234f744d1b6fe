import { createHash } from "node:crypto";
import { z } from "zod";
import { InputError } from "../../errors.js";
import type { Answers } from "./answers.js";
import type { Question } from "./questions.js";

/** One model's answer on a sheet. */
export interface SheetAnswer {
  /** What the sheet calls it: the model, or a letter where the sheet does not tell whose it is. */
  readonly label: string;
  readonly model: string;
  /** Null where the model has not answered. */
  readonly text: string | null;
}

export interface SheetQuestion extends Question {
  readonly answers: readonly SheetAnswer[];
}

/**
 * An exam to be marked: each question with the answers of all models. With a seed the sheet is blind: the answers have
 * letters, dealt out anew for each question in an order that only the seed decides.
 */
export function makeSheet(questions: readonly Question[], answers: Answers, seed: string | null): SheetQuestion[] {
  return questions.map((question) => {
    const given = [...answers].map(([model, texts]) => ({ model, text: texts.get(question.id) ?? null }));
    if (seed === null) return { ...question, answers: given.map((answer) => ({ ...answer, label: answer.model })) };
    const dealt = given
      .map((answer) => ({ ...answer, lot: drawLot(seed, question.id, answer.model) }))
      .sort((a, b) => (a.lot < b.lot ? -1 : 1));
    return { ...question, answers: dealt.map(({ model, text }, place) => ({ model, text, label: nameLetter(place) })) };
  });
}

function drawLot(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** A to Z, then AA and so on. */
function nameLetter(place: number): string {
  const last = String.fromCharCode(65 + (place % 26));
  return place < 26 ? last : nameLetter(Math.floor(place / 26) - 1) + last;
}

const keySchema = z.strictObject({
  exam: z.literal(1, "is no key of this version"),
  questions: z
    .array(
      z.strictObject({
        id: z.string(),
        points: z.number().positive().nullable(),
        answers: z.array(z.strictObject({ label: z.string(), model: z.string(), answered: z.boolean() })),
      }),
    )
    .min(1),
});
/** What takes marks back to models: which label stands for whom, and how many points there are. */
export type ExamKey = z.output<typeof keySchema>;

export function makeKey(sheet: readonly SheetQuestion[]): ExamKey {
  return {
    exam: 1,
    questions: sheet.map(({ id, points, answers }) => ({
      ...{ id, points },
      answers: answers.map(({ label, model, text }) => ({ label, model, answered: text !== null })),
    })),
  };
}

/** Reads a key that was written as JSON. Throws `InputError` naming the file and the field. */
export function readKey(text: string, file: string): ExamKey {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError("is no key of an exam: not valid JSON", { file });
  }
  const parsed = keySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".");
  throw new InputError(issue?.message ?? "is no key of an exam", { file, field: field === "" ? undefined : field });
}
