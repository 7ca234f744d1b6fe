import type { Command } from "commander";
import type { Context } from "./context.js";
import { markExam } from "./exam/mark-exam.js";
import { writeSheet } from "./exam/write-sheet.js";
import { runVerb } from "./failures.js";

/** `assay exam`: exams that a person marks. */
export function registerExam(program: Command, context: Context): void {
  const exam = program.command("exam").description("exams that a person marks: print the sheet, take the marks in");
  exam
    .command("sheet <questions> <answers...>")
    .description(
      "write a sheet with the models' answers side by side, a file for the marks and a key (answers: files of samples, or model=file)",
    )
    .option("--out <file>", "the sheet, .html or .md (default: exam.html); the marks and the key go beside it")
    .option("--blind <seed>", "do not say whose an answer is; their order in each question comes from this seed")
    .action((questions: string, answers: string[], raw: Record<string, unknown>) =>
      runVerb(context, () => writeSheet(questions, answers, raw, context)),
    );
  exam
    .command("marks <key> <marks>")
    .description("check the marks (CSV or JSON Lines) and add them up for each model")
    .option("--out <file>", "write a JSON row for each answer, with its mark")
    .option("--partial", "add up even if some answers have no mark yet")
    .option("--json", "print one JSON object on stdout")
    .action((key: string, marks: string, raw: Record<string, unknown>) =>
      runVerb(context, () => markExam(key, marks, raw, context)),
    );
}
