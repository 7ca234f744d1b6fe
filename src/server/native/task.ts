import { InputError } from "../../errors.js";
import { sliceArray, sliceObject } from "../../grading/input/raw-json.js";
import { problemFromRow } from "../../grading/problems/from-row.js";
import { inlineProblem as makeProblem, type InlineTests } from "../../grading/problems/inline.js";
import type { Problem } from "../../grading/types.js";
import type { GradeOptions } from "../../grading/grader.js";
import type { Limits } from "../../sandbox/contract.js";
import { findLanguage as findKnown, type TimeMultipliers } from "../../sandbox/languages.js";
import type { z } from "zod";
import type { GradeTask, Service } from "../contract.js";
import { BadRequestError, parse } from "../http.js";
import { findLanguage } from "../languages.js";
import { inlineProblem, type GradeRequest, type gradeOptions, type limits } from "./schemas.js";

/**
 * The id of the language of that name or alias, which is installed.
 * @throws BadRequestError
 */
export function demandLanguage(name: string): string {
  const found = findLanguage(name);
  if ("missing" in found) throw new BadRequestError(found.missing, "language");
  return found.id;
}

/**
 * The task that a request means. `text` gives the JSON text of the request, for numbers that JSON.parse has rounded.
 * @throws BadRequestError naming the field
 */
export function toGradeTask(service: Service, request: GradeRequest, text: () => string): GradeTask {
  const { completion = null, solution = null, options } = request;
  if ((completion === null) === (solution === null)) {
    const found = completion === null ? "neither is there" : "both are there";
    throw new BadRequestError(`there must be either a completion or a solution; ${found}`, "completion");
  }
  const language = typeof request.language === "string" ? { language: demandLanguage(request.language) } : {};
  const problem = findProblem(service, request, text);
  return {
    problem,
    sample: { taskId: problem.id, completion, solution, ...language, row: {} },
    ...(options === undefined ? {} : { options: toOptions(options), cache: options.cache ?? true }),
  };
}

function findProblem(service: Service, request: GradeRequest, text: () => string): Problem {
  const { problem, task_id, set } = request;
  if (typeof problem === "object") return readProblem(problem, text);
  const [id, field] = problem === undefined ? [task_id, "task_id"] : [problem, "problem"];
  if (id === undefined) throw new BadRequestError("there must be a problem or a task_id", "problem");
  const found = service.findProblem(String(id), set);
  if (found !== undefined) return found;
  if (set !== undefined && !service.sets.has(set)) throw new BadRequestError("no such set is loaded", "set");
  const where = service.sets.size === 0 ? "no set is loaded" : "no loaded set holds it, or several do";
  throw new BadRequestError(`there is no problem of that id: ${where}`, field);
}

function readProblem(given: Readonly<Record<string, unknown>>, text: () => string): Problem {
  if (given["tests"] === undefined || Array.isArray(given["tests"])) return readRow(memberOf(text(), "problem"));
  const {
    id,
    tests,
    entry_point,
    format,
    prompt,
    starter_code,
    limits: stated,
    time_multipliers: times,
  } = within("problem", () => parse(inlineProblem, given));
  const made = makeProblem({
    ...(id === undefined ? {} : { id }),
    ...(format === undefined ? {} : { format }),
    ...(entry_point === undefined ? {} : { entryPoint: entry_point }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(starter_code === undefined ? {} : { starterCode: starter_code }),
    ...(stated === undefined ? {} : { limits: toLimits(stated) }),
    tests: toTests(tests, text),
  });
  return times === undefined ? made : { ...made, timeMultipliers: toMultipliers(times, "problem.time_multipliers") };
}

/** By ids, whatever alias a language was named by. */
function toMultipliers(times: Readonly<Record<string, number>>, field: string): TimeMultipliers {
  const pairs = Object.entries(times).map(([name, factor]) => {
    const language = findKnown(name);
    if (language === null) throw new BadRequestError("there is no such language", `${field}.${name.slice(0, 40)}`);
    return [language.id, factor] as const;
  });
  return Object.fromEntries(pairs);
}

function toTests(tests: z.output<typeof inlineProblem>["tests"], text: () => string): InlineTests {
  switch (tests.kind) {
    case "stdin":
      return tests;
    case "calls": {
      const raw = sliceArray(memberOf(memberOf(memberOf(text(), "problem"), "tests"), "cases"));
      const cases = raw.map((item) => ({ args: memberOf(item.raw, "args"), expected: memberOf(item.raw, "expected") }));
      return { kind: "calls", functionName: tests.function_name, cases };
    }
    case "assertions": {
      const { prelude, names, count_assertions } = tests;
      return {
        kind: "assertions",
        checks: tests.checks.map((source) => ({ source })),
        ...(prelude === undefined ? {} : { prelude }),
        ...(names === undefined ? {} : { names }),
        ...(count_assertions === undefined ? {} : { countAssertions: count_assertions }),
      };
    }
  }
}

function readRow(text: string): Problem {
  const fields = new Map([...sliceObject(text)].map(([name, { raw }]) => [name, raw]));
  try {
    const problem = problemFromRow(fields);
    if (problem !== null) return problem;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const field = error.location?.field;
    const what = field === undefined ? error.message : (error.message.split(`field "${field}": `)[1] ?? error.message);
    throw new BadRequestError(what, field === undefined ? "problem" : `problem.${field}`);
  }
  throw new BadRequestError("has no tests, and is no row of HumanEval, EvalPlus, MBPP or APPS", "problem");
}

/** A member's JSON text; `null` where there is none. */
function memberOf(text: string, name: string): string {
  return sliceObject(text).get(name)?.raw ?? "null";
}

function within<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BadRequestError)) throw error;
    throw new BadRequestError(error.message, error.field === "body" ? field : `${field}.${error.field}`);
  }
}

function toOptions(given: z.output<typeof gradeOptions>): Partial<GradeOptions> {
  const { comparator, extraction, equivalence, all_tests, limits: stated, time_multipliers: times } = given;
  return {
    ...(comparator === undefined ? {} : { comparator }),
    ...(extraction === undefined ? {} : { extraction }),
    ...(equivalence === undefined ? {} : { equivalence }),
    ...(all_tests === undefined ? {} : { allTests: all_tests }),
    ...(stated === undefined ? {} : { limits: toLimits(stated) }),
    ...(times === undefined ? {} : { timeMultipliers: toMultipliers(times, "options.time_multipliers") }),
  };
}

const LIMIT_NAMES: Record<keyof z.output<typeof limits>, keyof Limits> = {
  cpu_ms: "cpuMs",
  wall_ms: "wallMs",
  memory_kb: "memoryKb",
  output_bytes: "outputBytes",
  file_bytes: "fileBytes",
  open_files: "openFiles",
  processes: "processes",
  stack_kb: "stackKb",
};

/** The limits of a request in the names of the sandbox. */
export function toLimits(stated: z.output<typeof limits>): Partial<Limits> {
  const pairs = Object.entries(stated).map(([name, value]) => [LIMIT_NAMES[name as keyof typeof LIMIT_NAMES], value]);
  return Object.fromEntries(pairs) as Partial<Limits>;
}
