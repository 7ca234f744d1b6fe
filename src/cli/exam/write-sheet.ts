import { access, mkdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { z } from "zod";
import { EXIT, InputError } from "../../errors.js";
import { type AnswerFile, readAnswers } from "../../grading/exam/answers.js";
import { readQuestions } from "../../grading/exam/questions.js";
import { makeKey, makeSheet, type SheetQuestion } from "../../grading/exam/sheet.js";
import { writeCsvRow } from "../../grading/input/csv.js";
import { writeLines } from "../../grading/problems/rewrite.js";
import type { Context } from "../context.js";
import { escapeLine } from "../../report/escape.js";
import { parseOptions } from "../options.js";
import { renderHtmlSheet } from "./html-sheet.js";
import { renderMarkdownSheet } from "./markdown-sheet.js";

const schema = z.object({
  out: z
    .string()
    .regex(/\.(?:html|md)$/, "expected a name that ends in .html or .md")
    .default("exam.html"),
  blind: z.string().min(1, "expected a seed, any text").optional(),
});

/** `assay exam sheet`: writes the sheet, a file to fill in marks, and the key; returns the exit code. */
export async function writeSheet(
  questionsFile: string,
  answers: readonly string[],
  raw: Readonly<Record<string, unknown>>,
  { stderr }: Pick<Context, "stderr">,
): Promise<number> {
  const { out, blind = null } = parseOptions(schema, raw);
  const base = out.replace(/\.(?:html|md)$/, "");
  const files = { sheet: out, marks: `${base}.marks.csv`, key: `${base}.key.json` };
  // All or none: marks that somebody has entered must not lose their sheet.
  for (const file of Object.values(files)) await refuseExisting(file);
  const questions = await readQuestions(questionsFile);
  const sheet = makeSheet(questions, await readAnswers(answers.map(nameAnswers), questions), blind);
  const title = basename(questionsFile).replace(/(?:\.jsonl?)?(?:\.gz)?$/i, "");
  await mkdir(dirname(out), { recursive: true });
  await writeLines(out, [out.endsWith(".md") ? renderMarkdownSheet(title, sheet) : renderHtmlSheet(title, sheet)]);
  await writeLines(files.marks, listMarks(sheet));
  await writeLines(files.key, [JSON.stringify(makeKey(sheet), null, 1)]);
  const models = new Set(sheet.flatMap((question) => question.answers.map(({ model }) => model))).size;
  stderr.write(
    `${questions.length} questions, ${models} models\n` +
      `sheet  ${escapeLine(files.sheet)}\nmarks  ${escapeLine(files.marks)}: fill in the column "mark"\n` +
      `key    ${escapeLine(files.key)}: then assay exam marks ${escapeLine(files.key)} ${escapeLine(files.marks)}\n`,
  );
  return EXIT.ok;
}

/** `model=file`, or a file whose name is the model's. */
function nameAnswers(given: string): AnswerFile {
  const named = /^([^=/]+)=(.+)$/s.exec(given);
  if (named !== null) return { model: named[1] ?? "", path: named[2] ?? "" };
  return { path: given, model: basename(given).replace(/(?:\.jsonl?)?(?:\.gz)?$/i, "") };
}

function listMarks(sheet: readonly SheetQuestion[]): string[] {
  const head = ["question", "answer", "points", "mark"];
  const rows = sheet.flatMap(({ id, points, answers }) =>
    answers.filter(({ text }) => text !== null).map(({ label }) => [id, label, points ?? "", ""]),
  );
  return [head, ...rows].map(writeCsvRow);
}

async function refuseExisting(file: string): Promise<void> {
  try {
    await access(file);
  } catch {
    return;
  }
  throw new InputError("is there already; name another sheet with --out, or move it away", { file });
}
