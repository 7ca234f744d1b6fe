import { extractProgram } from "../../grading/extraction/index.js";
import type { Extraction, Problem, VerdictRecord } from "../../grading/types.js";
import type { Limits } from "../../sandbox/contract.js";
import type { Caller, Service } from "../contract.js";
import { BadRequestError } from "../http.js";
import { findLanguage, type Language } from "../languages.js";
import { gradeEach, splitTests } from "./each-test.js";
import { sandboxError, type CommandRunResult, type RunCodeResponse } from "./sandbox-fusion-wire.js";

/** `sandbox/datasets/types.py`: what `/submit` and ScaleBox's `/common_evaluate_batch` answer. */
export interface EvalResult {
  readonly id: number | string;
  readonly accepted: boolean;
  readonly extracted_code: string;
  readonly full_code: string | null;
  readonly test_code: string | null;
  readonly tests: readonly EvalTestCase[];
  readonly extracted_type: "fenced" | "incomplete_fenced" | "heuristic" | "empty" | null;
  readonly extra: Record<string, unknown> | null;
}

export interface EvalTestCase {
  readonly passed: boolean;
  readonly exec_info: RunCodeResponse;
  readonly test_info: Record<string, unknown> | null;
}

export interface EvalTask {
  readonly id: number | string;
  readonly problem: Problem;
  readonly completion: string;
  /** What the request says that the program is in; null where it does not say. */
  readonly language: Language | null;
  readonly limits: Partial<Limits>;
  readonly all: boolean;
  readonly totalMs: number | null;
}

/**
 * Grades a completion test by test.
 * @throws BadRequestError for a problem that cannot be graded: it says nothing about the completion
 */
export async function evaluate(service: Service, task: EvalTask, caller: Caller): Promise<EvalResult> {
  const { id, problem, completion, language: said, ...how } = task;
  const tests = splitTests(problem);
  if (problem.invalid !== null || tests.length === 0) {
    throw new BadRequestError(problem.invalid ?? "the problem has no tests", "config.provided_data");
  }
  const sample = {
    taskId: problem.id,
    completion,
    solution: null,
    row: {},
    ...(said === null ? {} : { language: said.id }),
  };
  const { source, extraction } = extractProgram(problem, sample, "auto");
  const records =
    source === null
      ? tests.map(() => null)
      : await gradeEach(
          service,
          { problem, sample: { ...sample, language: extraction.language, completion: null, solution: source }, ...how },
          caller,
        );
  const broken = records.find((record) => record?.verdict === "invalid_problem");
  if (broken) throw new BadRequestError(broken.first_failure?.stderr ?? "cannot be graded", "config.provided_data");
  const unrun = source === null ? failed("no code in the completion") : failed("Total Timeout");
  const cases = records.flatMap((record, index) =>
    record !== null ? [describeTest(record, tests[index])] : task.all || source === null ? [unrun] : [],
  );
  return {
    id,
    accepted: cases.length > 0 && cases.every(({ passed }) => passed),
    extracted_code: source ?? "",
    full_code: null,
    test_code: null,
    tests: cases,
    extracted_type: nameExtraction(source, extraction),
    extra: null,
  };
}

/** The result where no program can be run at all, with one test that says why. */
export function evaluateNothing(id: number | string, why: string): EvalResult {
  const tests = [failed(why)];
  const empty = { extracted_code: "", full_code: null, test_code: null, extracted_type: null, extra: null };
  return { id, accepted: false, ...empty, tests };
}

function failed(why: string): EvalTestCase {
  return { passed: false, exec_info: sandboxError(why), test_info: null };
}

function nameExtraction(source: string | null, { blocks, truncated }: Extraction): EvalResult["extracted_type"] {
  if (source === null) return "empty";
  if (blocks === 0) return "heuristic";
  return truncated ? "incomplete_fenced" : "fenced";
}

function describeTest(record: VerdictRecord, problem: Problem | undefined): EvalTestCase {
  const stage = describeStage(record, problem?.tests.kind === "stdin");
  const ran = stage.status === "Finished" && stage.return_code === 0;
  const language = findLanguage(record.extraction.language);
  const compiled = "compiled" in language && language.compiled;
  const failedToCompile = compiled && record.verdict === "compile_error";
  return {
    passed: record.passed,
    exec_info: {
      status: ran ? "Success" : "Failed",
      message: record.passed ? "" : record.verdict,
      compile_result: failedToCompile ? stage : compiled ? COMPILED : null,
      run_result: failedToCompile ? null : stage,
      executor_pod_name: null,
      files: {},
    },
    test_info: describeInput(problem),
  };
}

/** What the compiler of a program that could be run took and wrote is not kept. */
const COMPILED: CommandRunResult = {
  ...{ status: "Finished", execution_time: null, return_code: 0, stdout: null, stderr: null },
};

/**
 * What a passing program wrote is not kept, so its `stdout` is null. A wrong answer fails the run of an assertion, not
 * that of a program that only prints.
 */
function describeStage({ verdict, first_failure, usage }: VerdictRecord, prints: boolean): CommandRunResult {
  const shown = {
    execution_time: usage.wall_ms / 1000,
    stdout: first_failure?.actual ?? null,
    stderr: first_failure?.stderr ?? "",
  };
  if (verdict === "time_limit") return { status: "TimeLimitExceeded", return_code: null, ...shown };
  const ran = verdict === "accepted" || (verdict === "wrong_answer" && prints);
  return { status: "Finished", return_code: ran ? 0 : 1, ...shown };
}

const SHOWN = 1000;

function describeInput(problem: Problem | undefined): EvalTestCase["test_info"] {
  const tests = problem?.tests;
  if (tests?.kind === "stdin") {
    const { input = "", output = "" } = tests.cases[0] ?? {};
    return { input: { stdin: input.slice(0, SHOWN) }, output: { stdout: output.slice(0, SHOWN) } };
  }
  if (tests?.kind === "calls") {
    const { args = "", expected = "" } = tests.cases[0] ?? {};
    return { fn_name: tests.functionName, input: args.slice(0, SHOWN), output: expected.slice(0, SHOWN) };
  }
  return null;
}
