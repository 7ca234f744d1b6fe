import { Command } from "commander";
import { version } from "../version.js";
import type { Context } from "./context.js";

type Register = (program: Command, context: Context) => void;

/** Where each verb is. To load them all takes as long as to grade a hundred programs, so only the one asked for is. */
const VERBS: Readonly<Record<string, () => Promise<Register>>> = {
  grade: async () => (await import("./grade.js")).registerGrade,
  serve: async () => (await import("./serve.js")).registerServe,
  "model-host": async () => (await import("./model-host.js")).registerModelHost,
  problems: async () => (await import("./problems.js")).registerProblems,
  exam: async () => (await import("./exam.js")).registerExam,
  selftrain: async () => (await import("./selftrain.js")).registerSelftrain,
  doctor: async () => (await import("./doctor.js")).registerDoctor,
  attack: async () => (await import("./attack.js")).registerAttack,
  bench: async () => (await import("./bench.js")).registerBench,
};

/** Does what a command line says; `words` are what follows `assay` there. */
export async function runCommandLine(context: Context, words: readonly string[]): Promise<void> {
  const program = new Command("assay")
    .description("Grades programs that nobody trusts, in sandboxes.")
    .version(version)
    .showHelpAfterError("(add --help to see the options)")
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    });
  const asked = Object.entries(VERBS).filter(([verb]) => verb === words[0]);
  // Help and corrections of what was misspelt need them all.
  const verbs = asked.length > 0 ? asked : Object.entries(VERBS);
  for (const [, load] of verbs) (await load())(program, context);
  await program.parseAsync(words, { from: "user" });
}
