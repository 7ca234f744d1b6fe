import { InputError } from "../../errors.js";
import type { ForeignProgram, JudgingProgram, OutputRule, Problem, StdinTests, Tests } from "../types.js";
import { CUSTOM_SCHEMA } from "./custom-schema.js";

/**
 * A problem of any format as a line of assay's own, see `docs/problem-format.md`: read again, it gives every program the
 * verdict that the original gives it. What JSON would round stays as it was written. Throws an InputError for tests that
 * the format has no form for: code in another language than Python.
 */
export function writeCustomRow(problem: Problem): string {
  const { id, aliases, prompt, starterCode, entryPoint, tests, difficulty } = problem;
  const said: Record<string, unknown> = {
    schema: CUSTOM_SCHEMA,
    id,
    aliases: aliases.length > 0 ? aliases : undefined,
    prompt,
    starter_code: starterCode === "" ? undefined : starterCode,
    entry_point: entryPoint ?? undefined,
    preamble: problem.preamble,
    validator_flags: tests.kind === "stdin" && tests.rule !== undefined ? writeRule(tests.rule) : undefined,
    ...(tests.kind === "stdin" ? writeJudging(tests) : {}),
    groups: problem.groups,
    invalid: problem.invalid ?? undefined,
    solutions: writePrograms(problem.references, problem.foreign?.references),
    wrong_solutions: writePrograms(problem.wrong, problem.foreign?.wrong),
    difficulty: difficulty ?? undefined,
    limits: writeLimits(problem),
    ...(tests.kind === "assertions" ? writeAssertionFields(tests) : {}),
  };
  return `${JSON.stringify(said).slice(0, -1)},"tests":[${writeTests(tests).join(",")}]}`;
}

function writePrograms(own: readonly string[] = [], foreign: readonly ForeignProgram[] = []) {
  const all = [...own, ...foreign];
  return all.length > 0 ? all : undefined;
}

/** Each a JSON text. */
function writeTests(tests: Tests): readonly string[] {
  switch (tests.kind) {
    case "stdin":
      return tests.cases.map(({ input, output }) => JSON.stringify({ input, output }));
    case "calls":
      return tests.cases.map(({ args, expected }) => `{"args":${args},"expected":${expected}}`);
    case "shared":
      throw new InputError("test code in the program's own language has no form in assay's own format");
    case "answer":
      return [JSON.stringify({ answer: tests.answer, policy: tests.policy })];
    case "assertions":
      return tests.checks.map(({ source, data }) => {
        const assert = JSON.stringify(source);
        return data === undefined ? `{"assert":${assert}}` : `{"assert":${assert},"data":${data}}`;
      });
  }
}

function writeAssertionFields({ prelude, names, countAssertions }: Tests & { kind: "assertions" }) {
  return {
    setup: prelude === "" ? undefined : prelude,
    names,
    count_assertions: countAssertions ? true : undefined,
  };
}

function writeJudging({ comparator, checker, interactor }: StdinTests) {
  return {
    checker: checker === undefined ? comparator : writeProgram(checker),
    interactor: interactor === undefined ? undefined : writeProgram(interactor),
  };
}

function writeProgram({ protocol, language, source, files, arguments: words }: JudgingProgram) {
  const beside =
    files === undefined ? undefined : Object.fromEntries(files.map(({ path, content }) => [path, content]));
  return { protocol, language, source, files: beside, arguments: words };
}

function writeRule({ caseSensitive, spaceSensitive, absolute, relative }: OutputRule) {
  return {
    case_sensitive: caseSensitive,
    space_change_sensitive: spaceSensitive,
    float_absolute_tolerance: absolute ?? undefined,
    float_relative_tolerance: relative ?? undefined,
  };
}

function writeLimits({ limits: stated, timeMultipliers }: Problem): Record<string, unknown> | undefined {
  const { cpuMs, wallMs, memoryKb, outputBytes } = stated;
  const limits = {
    ...(cpuMs === undefined ? {} : { cpu_seconds: cpuMs / 1000 }),
    ...(wallMs === undefined ? {} : { wall_seconds: wallMs / 1000 }),
    ...(memoryKb === undefined ? {} : { memory_mib: memoryKb / 1024 }),
    ...(outputBytes === undefined ? {} : { output_mib: outputBytes / 1048576 }),
    ...(timeMultipliers === undefined ? {} : { time_multipliers: timeMultipliers }),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}
