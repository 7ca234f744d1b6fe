import { availableParallelism } from "node:os";

import type { Command } from "commander";
import { z } from "zod";

import { EXIT, InputError } from "../errors.js";
import type { Problem } from "../grading/types.js";
import { measureAnswers } from "./bench/answers.js";
import { measureLanguage, type BesideBare, type LanguageReport } from "./bench/language.js";
import { measure, type BenchReport, type Comparison } from "./bench/measure.js";
import type { Context } from "./context.js";
import { runVerb } from "./failures.js";
import { resolveProblems } from "./problem-source.js";
import { addIsolationOption, countOf, isolationOption, parseOptions } from "./options.js";
import { formatTable } from "./table.js";

const optionsSchema = z.object({
  problems: z.string().default("humaneval"),
  language: z.string().optional(),
  rounds: countOf("the number of rounds").default(3),
  repeat: countOf("how often each reference is graded in a round").default(10),
  isolation: isolationOption,
  json: z.boolean().default(false),
});
type Options = z.output<typeof optionsSchema>;

/** `assay bench`: throughput and latency on this machine, beside a process per program and a warm fork without walls. */
export function registerBench(program: Command, context: Context): void {
  const command = program
    .command("bench")
    .description("measure throughput and latency here, beside programs run without any sandbox")
    .option(
      "--problems <path>",
      "function problems with references, which RUN UNSANDBOXED for the floors (default: humaneval); or questions with answers",
    )
    .option("--language <name>", "a trivial stdin program in an installed language, in place of a problem set")
    .option("--repeat <n>", "times each reference is graded in a round (default: 10)")
    .option("--rounds <n>", "rounds, of which the medians count (default: 3)")
    .option("--json", "print one JSON object on stdout");
  addIsolationOption(command).action((raw: Record<string, unknown>) =>
    runVerb(context, () => bench(parseOptions(optionsSchema, raw), context)),
  );
}

async function bench(options: Options, context: Context): Promise<number> {
  const { dependencies, stdout, stderr } = context;
  if (options.language !== undefined) return benchLanguage(options.language, options, context);
  const set = await dependencies.readProblems(resolveProblems(options.problems));
  const questions = set.problems.filter(({ tests, invalid }) => tests.kind === "answer" && invalid === null);
  if (questions.length > 0) return benchAnswers(options, questions, context);
  const problems = set.problems.filter(({ tests, references }) => tests.kind === "assertions" && references.length > 0);
  if (problems.length === 0) {
    throw new InputError("holds no problem with test code and a reference", { file: options.problems });
  }
  const sandbox = await dependencies.createSandbox({ isolation: options.isolation });
  try {
    const report = await measure({
      sandbox,
      processors: availableParallelism(),
      problems,
      repeat: options.repeat,
      rounds: options.rounds,
      onStep: (step) => void stderr.write(`${step}\n`),
    });
    stdout.write(options.json ? `${JSON.stringify(report)}\n` : describe(report));
    return EXIT.ok;
  } finally {
    await sandbox.dispose();
  }
}

async function benchLanguage(
  language: string,
  { repeat, rounds, isolation, json }: Options,
  { dependencies, stdout, stderr }: Context,
): Promise<number> {
  const sandbox = await dependencies.createSandbox({ isolation });
  try {
    const onStep = (step: string) => void stderr.write(`${step}\n`);
    const processors = availableParallelism();
    const report = await measureLanguage({ sandbox, processors, language, repeat, rounds, onStep });
    stdout.write(json ? `${JSON.stringify(report)}\n` : describeLanguage(report));
    return EXIT.ok;
  } finally {
    await sandbox.dispose();
  }
}

/** Nothing is run for these, so there is no floor to compare with; the sandbox only says what it is. */
async function benchAnswers(
  { repeat, rounds, isolation, json }: Options,
  problems: readonly Problem[],
  { dependencies, stdout }: Context,
): Promise<number> {
  const sandbox = await dependencies.createSandbox({ isolation });
  try {
    const options = { comparator: "strict", extraction: "auto", allTests: false, limits: {} } as const;
    const grader = dependencies.createGrader(sandbox, options);
    const report = await measureAnswers({ grader, problems, repeat, rounds });
    const rate = report.answers_per_second.toFixed(0);
    stdout.write(
      json ? `${JSON.stringify(report)}\n` : `${rate} answers/s in one thread, median of ${report.rounds} rounds\n`,
    );
    return EXIT.ok;
  } finally {
    await sandbox.dispose();
  }
}

function describe(report: BenchReport): string {
  const row = (name: string, { bare, fork, assay, toBare, toFork }: Comparison): string[] => [
    name,
    bare.toFixed(1),
    fork.toFixed(1),
    assay.toFixed(1),
    `${toBare.toFixed(2)}x`,
    `${toFork.toFixed(2)}x`,
  ];
  const heading = ["", "(a) bare process", "(b) warm fork", "(c) assay", "c/a", "c/b"];
  return (
    `${report.processors} processors, ${report.runtime}, medians of ${report.rounds} rounds\n\n` +
    formatTable([
      heading,
      row("candidates/s", report.functions),
      row("stdin tests/s", report.stdin),
      row("one at a time, p50 ms", report.latency),
    ]) +
    "\n(a) and (b) run without any sandbox; (c) grades with all walls up.\n"
  );
}

function describeLanguage(report: LanguageReport): string {
  const { language, version, processors, rounds, tests, firstTest, functions } = report;
  const row = (name: string, { bare, assay, toBare }: BesideBare): string[] => [
    name,
    bare.toFixed(1),
    assay.toFixed(1),
    `${toBare.toFixed(2)}x`,
  ];
  return (
    `${language} ${version}, ${processors} processors, medians of ${rounds} rounds\n\n` +
    formatTable([
      ["", "(a) bare process", "(c) assay", "c/a"],
      row("stdin tests/s, compiled once", tests),
      row("a new program's first test, ms", firstTest),
      ...(functions === undefined ? [] : [row("function problems/s, each a new program", functions)]),
    ]) +
    "\n(a) runs without any sandbox; (c) grades with all walls up.\n"
  );
}
