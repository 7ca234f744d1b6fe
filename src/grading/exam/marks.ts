import { InputError, type Location } from "../../errors.js";
import { readCsv } from "../input/csv.js";
import { JsonError, parseJson } from "../input/raw-json.js";
import type { ExamKey } from "./sheet.js";

/** The marks of an answer, as a person gave them. */
export interface Mark {
  readonly question: string;
  /** What the sheet calls the answer. */
  readonly answer: string;
  readonly mark: number;
}

export interface ModelMarks {
  readonly model: string;
  readonly marks: number;
  /** The most there is; null where a question does not say how many points it has. */
  readonly maximum: number | null;
  readonly percent: number | null;
  readonly answered: number;
  /** Marks by question; null where nobody has marked the answer. What was not answered has 0. */
  readonly questions: Readonly<Record<string, number | null>>;
}

export interface ExamResult {
  readonly questions: number;
  readonly maximum: number | null;
  /** Answers that have no mark yet. */
  readonly unmarked: readonly { readonly question: string; readonly answer: string }[];
  /** Best first. */
  readonly models: readonly ModelMarks[];
}

/** A cell of a row of marks, whichever way the row is written. */
type Cell = (field: string) => unknown;

/**
 * Reads marks, as CSV with the columns `question`, `answer` and `mark`, or as JSON Lines with these fields. An empty
 * mark is none. Marks of 0 to the question's points are marks; `2,5` is 2.5.
 *
 * @throws InputError with file, line and field
 */
export function readMarks(text: string, file: string, key: ExamKey): Mark[] {
  const rows = text.trimStart().startsWith("{") ? readJsonRows(text, file) : readCsvRows(text, file);
  const lines = new Map<string, number>();
  return rows.flatMap(({ cell, line }) => {
    const place = { file, line };
    const mark = readMark(cell, key, place);
    if (mark === null) return [];
    const name = JSON.stringify([mark.question, mark.answer]);
    const earlier = lines.get(name);
    if (earlier !== undefined) {
      throw new InputError(`was marked on line ${earlier} already`, { ...place, field: "answer" });
    }
    lines.set(name, line);
    return [mark];
  });
}

function readMark(cell: Cell, key: ExamKey, place: Location): Mark | null {
  const [questionId, label] = [readName(cell, "question", place), readName(cell, "answer", place)];
  const question = key.questions.find(({ id }) => id === questionId);
  if (question === undefined) {
    throw new InputError(`the exam has no question ${questionId}`, { ...place, field: "question" });
  }
  if (!question.answers.some((answer) => answer.label === label)) {
    const labels = question.answers.map((answer) => answer.label).join(", ");
    throw new InputError(`question ${questionId} has the answers ${labels}, not ${label}`, {
      ...place,
      field: "answer",
    });
  }
  const given = cell("mark");
  const written = typeof given === "number" ? String(given) : typeof given === "string" ? given.trim() : given;
  if (written === "" || written === null) return null;
  const mark =
    typeof written === "string" && /^\d+(?:[.,]\d+)?$/.test(written) ? Number(written.replace(",", ".")) : NaN;
  const most = question.points ?? Infinity;
  if (!(mark >= 0 && mark <= most)) {
    const range = question.points === null ? "0 or more" : `from 0 to ${question.points}`;
    throw new InputError(`must be a number ${range}, is ${JSON.stringify(given)}`, { ...place, field: "mark" });
  }
  return { question: questionId, answer: label, mark };
}

function readName(cell: Cell, field: string, place: Location): string {
  const value = cell(field);
  if (typeof value === "number") return String(value);
  // Written with an apostrophe in front where a spreadsheet would have taken it for a formula.
  if (typeof value === "string" && value.trim() !== "") return value.trim().replace(/^'(?=[=+\-@])/, "");
  throw new InputError("must be there", { ...place, field });
}

function readCsvRows(text: string, file: string): { cell: Cell; line: number }[] {
  return readCsv(text, file).map(({ fields, line }) => {
    if (!fields.has("mark")) throw new InputError("is no column", { file, line: 1, field: "mark" });
    return { cell: (field) => fields.get(field), line };
  });
}

function readJsonRows(text: string, file: string): { cell: Cell; line: number }[] {
  return text.split(/\r?\n/).flatMap((row, index) => {
    if (row.trim() === "") return [];
    const line = index + 1;
    try {
      const value = parseJson(row);
      if (typeof value !== "object" || value === null) throw new InputError("must be an object", { file, line });
      const fields = new Map<string, unknown>(Object.entries(value));
      if (!fields.has("mark")) throw new InputError("must be there", { file, line, field: "mark" });
      return [{ cell: (field: string) => fields.get(field), line }];
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      throw new InputError(`not valid JSON: ${error.message}`, { file, line });
    }
  });
}

/** Adds up the marks of each model, best first. */
export function sumMarks(key: ExamKey, marks: readonly Mark[]): ExamResult {
  const given = new Map(marks.map(({ question, answer, mark }) => [JSON.stringify([question, answer]), mark]));
  const maximum = key.questions.some(({ points }) => points === null)
    ? null
    : key.questions.reduce((sum, { points }) => sum + (points ?? 0), 0);
  const unmarked: { question: string; answer: string }[] = [];
  const byModel = new Map<string, Map<string, number | null>>();
  const answered = new Map<string, number>();
  for (const question of key.questions) {
    for (const { label, model, answered: has } of question.answers) {
      const mark = has ? (given.get(JSON.stringify([question.id, label])) ?? null) : 0;
      if (mark === null) unmarked.push({ question: question.id, answer: label });
      byModel.set(model, (byModel.get(model) ?? new Map<string, number | null>()).set(question.id, mark));
      answered.set(model, (answered.get(model) ?? 0) + Number(has));
    }
  }
  const models = [...byModel].map(([model, questions]) => {
    const sum = [...questions.values()].reduce<number>((total, mark) => total + (mark ?? 0), 0);
    const percent = maximum === null ? null : (100 * sum) / maximum;
    return {
      ...{ model, marks: sum, maximum, percent, answered: answered.get(model) ?? 0 },
      questions: Object.fromEntries(questions),
    };
  });
  return { questions: key.questions.length, maximum, unmarked, models: models.sort((a, b) => b.marks - a.marks) };
}
