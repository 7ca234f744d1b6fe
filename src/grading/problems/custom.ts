import { InputError } from "../../errors.js";
import type { Limits } from "../../sandbox/contract.js";
import { findLanguage, type TimeMultipliers } from "../../sandbox/languages.js";
import { JsonError, parseJson, sliceArray, sliceObject } from "../input/raw-json.js";
import type { OutputRule, Problem, StdinTests } from "../types.js";
import { CUSTOM_SCHEMA, type CustomProblem, customProblem } from "./custom-schema.js";
import { findFieldFault } from "./field-fault.js";
import { inlineProblem, type InlineTests } from "./inline.js";
import type { Row } from "./rows.js";
import type { RowReader } from "./schema.js";

/** assay's own format for problem sets that people write themselves, see `docs/problem-format.md`. */
export const custom: RowReader = {
  format: "custom",
  recognisedBy: `problems in assay's own format: "schema" of "${CUSTOM_SCHEMA}"`,
  idField: "id",
  recognises: (fields) => fields.get("schema")?.startsWith('"assay-problem/') === true,
  read(row): Problem {
    const problem = parse(row);
    const { tests, fault } = readTests(problem, row.fields.get("tests") ?? "[]");
    const judged = (["validator_flags", "checker", "interactor"] as const).filter(
      (name) => problem[name] !== undefined,
    );
    const place = { file: row.file, line: row.line, field: judged[0] };
    if (judged.length > 1) throw new InputError(`stands beside ${judged[1] ?? ""}, and only one can decide`, place);
    if (judged.length > 0 && tests.kind !== "stdin") throw new InputError("is for tests with input and output", place);
    checkFit(problem, tests, row);
    if (fault !== null) throw new InputError(fault, { file: row.file, line: row.line, field: "entry_point" });
    const base = inlineProblem({
      id: problem.id,
      tests,
      entryPoint: problem.entry_point ?? null,
      format: "custom",
      prompt: problem.prompt,
      starterCode: problem.starter_code ?? "",
      limits: readLimits(problem.limits),
    });
    const { preamble, groups } = problem;
    const right = sortPrograms(problem.solutions);
    const wrong = sortPrograms(problem.wrong_solutions);
    const foreign = { references: right.foreign, wrong: wrong.foreign };
    const times = problem.limits?.time_multipliers;
    return {
      ...base,
      aliases: problem.aliases ?? [],
      difficulty: problem.difficulty ?? null,
      references: right.own,
      ...(preamble === undefined ? {} : { preamble }),
      ...(groups === undefined ? {} : { groups }),
      ...(problem.wrong_solutions === undefined ? {} : { wrong: wrong.own }),
      ...(right.foreign.length + wrong.foreign.length === 0 ? {} : { foreign }),
      ...(times === undefined ? {} : { timeMultipliers: readMultipliers(times, row) }),
      invalid: problem.invalid ?? (problem.tests.length === 0 ? "no tests: the list is empty" : base.invalid),
    };
  },
};

/**
 * What would be passed over without a word.
 * @throws InputError naming file, line and field
 */
function checkFit({ tests: given, groups, ...rest }: CustomProblem, tests: InlineTests, { file, line }: Row): void {
  // A problem without tests, which is invalid, keeps the fields of whatever kind it was.
  if (given.length === 0) return;
  const python = (["setup", "preamble"] as const).find((field) => rest[field] !== undefined);
  if (python !== undefined && tests.kind !== "assertions") {
    throw new InputError("is for tests with assert", { file, line, field: python });
  }
  const counted = (groups ?? []).reduce((sum, group) => sum + group.tests, 0);
  // Assert statements are counted when they run.
  if (counted > given.length && rest.count_assertions !== true) {
    const fault = `count ${counted} tests in all, and there are ${given.length}`;
    throw new InputError(fault, { file, line, field: "groups" });
  }
}

/** @throws InputError naming file, line and field */
function parse(row: Row): CustomProblem {
  const place = { file: row.file, line: row.line };
  let values: Record<string, unknown>;
  try {
    values = Object.fromEntries([...row.fields].map(([name, raw]) => [name, parseJson(raw)]));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new InputError(`not valid JSON: ${error.message}`, place);
  }
  const parsed = customProblem.safeParse(values);
  if (parsed.success) return parsed.data;
  const { field, message } = findFieldFault(parsed.error);
  throw new InputError(message, { ...place, field });
}

function readAssertions({ tests, setup, names, count_assertions }: CustomProblem, raw: string): InlineTests {
  const data = sliceArray(raw).map((item) => sliceObject(item.raw).get("data")?.raw);
  const checks = tests.flatMap((test, at) => {
    if (!("assert" in test)) return [];
    const given = data[at];
    return [{ source: `${test.assert}\n`, ...(given === undefined ? {} : { data: given }) }];
  });
  return {
    kind: "assertions",
    checks,
    prelude: setup === undefined ? "" : `${setup.trimEnd()}\n`,
    ...(names === undefined ? {} : { names }),
    countAssertions: count_assertions ?? false,
  };
}

/** Arguments and expected values are kept as they were written, so that no integer is rounded. */
function readTests(problem: CustomProblem, raw: string): { tests: InlineTests; fault: string | null } {
  const [first] = problem.tests;
  if (first === undefined || "input" in first) {
    const cases = problem.tests.flatMap((test) => ("input" in test ? [test] : []));
    return { tests: { kind: "stdin", cases, ...readJudging(problem) }, fault: null };
  }
  if ("assert" in first) {
    return { tests: readAssertions(problem, raw), fault: null };
  }
  if ("answer" in first) {
    const { answer, policy } = first;
    return { tests: { kind: "answer", answer, ...(policy === undefined ? {} : { policy }) }, fault: null };
  }
  const cases = sliceArray(raw).map((item) => {
    const members = sliceObject(item.raw);
    return { args: members.get("args")?.raw ?? "[]", expected: members.get("expected")?.raw ?? "null" };
  });
  const functionName = problem.entry_point ?? "";
  return {
    tests: { kind: "calls", functionName, cases },
    fault: functionName === "" ? "is needed, because the tests have args" : null,
  };
}

/** Those in Python, and the others. */
function sortPrograms(programs: CustomProblem["solutions"] = []) {
  const own = programs.flatMap((one) => (typeof one === "string" ? [one] : []));
  const foreign = programs.flatMap((one) => (typeof one === "string" ? [] : [one]));
  return { own, foreign };
}

function readJudging({ validator_flags, checker, interactor }: CustomProblem): Omit<StdinTests, "kind" | "cases"> {
  const rule = readRule(validator_flags);
  return {
    ...(rule === null ? {} : { rule }),
    ...(typeof checker === "string" ? { comparator: checker } : {}),
    ...(typeof checker === "object" ? { checker: readProgram(checker) } : {}),
    ...(interactor === undefined ? {} : { interactor: readProgram(interactor) }),
  };
}

function readProgram({ files, language = "cpp", ...given }: Exclude<CustomProblem["checker"], string | undefined>) {
  const { protocol, source, arguments: words } = given;
  const beside = Object.entries(files ?? {}).map(([path, content]) => ({ path, content }));
  return {
    ...{ protocol, language: protocol === "function" ? "python" : language, source },
    ...(beside.length === 0 ? {} : { files: beside }),
    ...(words === undefined ? {} : { arguments: words }),
  };
}

function readRule(flags: CustomProblem["validator_flags"]): OutputRule | null {
  if (flags === undefined) return null;
  return {
    caseSensitive: flags.case_sensitive ?? false,
    spaceSensitive: flags.space_change_sensitive ?? false,
    absolute: flags.float_absolute_tolerance ?? null,
    relative: flags.float_relative_tolerance ?? null,
  };
}

/** By ids, whatever alias a language was named by. */
function readMultipliers(times: Readonly<Record<string, number>>, { file, line }: Row): TimeMultipliers {
  const pairs = Object.entries(times).map(([name, times]) => {
    const language = findLanguage(name);
    if (language !== null) return [language.id, times] as const;
    const field = `limits.time_multipliers.${name.slice(0, 40)}`;
    throw new InputError("there is no such language", { file, line, field });
  });
  return Object.fromEntries(pairs);
}

function readLimits(limits: CustomProblem["limits"]): Partial<Limits> {
  const { cpu_seconds, wall_seconds, memory_mib, output_mib } = limits ?? {};
  return {
    ...(cpu_seconds === undefined ? {} : { cpuMs: Math.ceil(cpu_seconds * 1000) }),
    ...(wall_seconds === undefined ? {} : { wallMs: Math.ceil(wall_seconds * 1000) }),
    ...(memory_mib === undefined ? {} : { memoryKb: Math.ceil(memory_mib * 1024) }),
    ...(output_mib === undefined ? {} : { outputBytes: Math.ceil(output_mib * 1048576) }),
  };
}
