import { InputError } from "../../errors.js";
import { nameInput } from "../input/lines.js";
import { readSamples } from "../samples.js";
import type { Question } from "./questions.js";

/** A file of answers, and whose they are where its rows have no `model`. */
export interface AnswerFile {
  readonly path: string;
  readonly model: string;
}

/** What each model answered, by model and then by question. */
export type Answers = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Reads answers: rows as samples have them (`task_id`, and `completion` or `solution`), with an optional `model`.
 *
 * @throws InputError with file, line and field: a question that the exam does not have, or a second answer to one
 */
export async function readAnswers(files: readonly AnswerFile[], questions: readonly Question[]): Promise<Answers> {
  const ids = new Set(questions.map(({ id }) => id));
  const answers = new Map<string, Map<string, string>>();
  for (const { path, model: owner } of files) {
    const file = nameInput(path);
    for await (const { sample, line } of readSamples(path)) {
      const { taskId, completion, solution, row } = sample;
      if (!ids.has(taskId))
        throw new InputError(`the exam has no question ${taskId}`, { file, line, field: "task_id" });
      const model = readModel(row["model"], owner, { file, line });
      const given = answers.get(model) ?? new Map<string, string>();
      answers.set(model, given);
      if (given.has(taskId)) {
        throw new InputError(`${model} has answered ${taskId} already`, { file, line, field: "task_id" });
      }
      given.set(taskId, completion ?? solution ?? "");
    }
  }
  if (answers.size === 0) throw new InputError("hold no answers", { file: files.map(({ path }) => path).join(", ") });
  return answers;
}

function readModel(model: unknown, owner: string, place: { file: string; line: number }): string {
  if (model === undefined || model === null) return owner;
  if (typeof model === "string" && model.trim() !== "") return model;
  throw new InputError("must be a name", { ...place, field: "model" });
}
