import { Command } from "commander";
import { version } from "../version.js";
import { registerAttack } from "./attack.js";
import { registerBench } from "./bench.js";
import type { Context } from "./context.js";
import { registerDoctor } from "./doctor.js";
import { registerExam } from "./exam.js";
import { registerGrade } from "./grade.js";
import { registerModelHost } from "./model-host.js";
import { registerProblems } from "./problems.js";
import { registerSelftrain } from "./selftrain.js";
import { registerServe } from "./serve.js";

/** The command line with all its verbs. */
export function createProgram(context: Context): Command {
  const program = new Command("assay")
    .description("Grades programs that nobody trusts, in sandboxes.")
    .version(version)
    .showHelpAfterError("(add --help to see the options)")
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    });
  registerGrade(program, context);
  registerServe(program, context);
  registerModelHost(program, context);
  registerProblems(program, context);
  registerExam(program, context);
  registerSelftrain(program, context);
  registerDoctor(program, context);
  registerAttack(program, context);
  registerBench(program, context);
  return program;
}
