import { readFile } from "node:fs/promises";
import { z } from "zod";
import { EXIT, InputError } from "../../errors.js";
import { type ExamResult, type Mark, readMarks, sumMarks } from "../../grading/exam/marks.js";
import { type ExamKey, readKey } from "../../grading/exam/sheet.js";
import { explain } from "../../grading/input/lines.js";
import { writeLines } from "../../grading/problems/rewrite.js";
import type { Context } from "../context.js";
import { escapeLine } from "../../report/escape.js";
import { parseOptions } from "../options.js";
import { formatTable } from "../table.js";

const schema = z.object({
  out: z.string().min(1, "expected a file").optional(),
  partial: z.boolean().default(false),
  json: z.boolean().default(false),
});
const MOST_NAMED = 5;

/** `assay exam marks`: checks marks and adds them up; returns the exit code. */
export async function markExam(
  keyFile: string,
  marksFile: string,
  raw: Readonly<Record<string, unknown>>,
  { stdout }: Pick<Context, "stdout">,
): Promise<number> {
  const { out, partial, json } = parseOptions(schema, raw);
  const key = readKey(await readText(keyFile), keyFile);
  const marks = readMarks(await readText(marksFile), marksFile, key);
  const result = sumMarks(key, marks);
  if (result.unmarked.length > 0 && !partial) refuseUnmarked(result, marksFile);
  if (out !== undefined) await writeLines(out, listRows(key, marks));
  stdout.write(json ? JSON.stringify(result) + "\n" : describe(result));
  return EXIT.ok;
}

function refuseUnmarked({ unmarked }: ExamResult, file: string): never {
  const named = unmarked.slice(0, MOST_NAMED).map(({ question, answer }) => `${question} ${answer}`);
  const more = unmarked.length > MOST_NAMED ? ` and ${unmarked.length - MOST_NAMED} more` : "";
  const problem = `${unmarked.length} answers have no mark: ${named.join(", ")}${more}; --partial adds up all the same`;
  throw new InputError(problem, { file, field: "mark" });
}

function* listRows(key: ExamKey, marks: readonly Mark[]): Generator<string> {
  const given = new Map(marks.map(({ question, answer, mark }) => [JSON.stringify([question, answer]), mark]));
  for (const { id, points, answers } of key.questions) {
    for (const { label, model, answered } of answers) {
      const mark = answered ? (given.get(JSON.stringify([id, label])) ?? null) : 0;
      yield JSON.stringify({ task_id: id, model, answered, mark, points });
    }
  }
}

function describe({ questions, maximum, unmarked, models }: ExamResult): string {
  const rows = models.map(({ model, marks, percent, answered }) => [
    escapeLine(model),
    formatMarks(marks),
    ...(maximum === null ? [] : [formatMarks(maximum), `${(percent ?? 0).toFixed(1)}%`]),
    `${answered}/${questions}`,
  ]);
  const head = ["model", "marks", ...(maximum === null ? [] : ["of", "percent"]), "answered"];
  const open = unmarked.length === 0 ? "" : `\n${unmarked.length} answers have no mark yet and count as 0\n`;
  return formatTable([head, ...rows], [1, 2, 3, 4]) + open;
}

/** Sums of halves and quarters, without the noise of binary fractions. */
function formatMarks(marks: number): string {
  return String(Number(marks.toFixed(4)));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new InputError(explain(error), { file });
  }
}
