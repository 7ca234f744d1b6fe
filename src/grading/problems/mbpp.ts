import { z } from "zod";
import type { AssertionTests, Problem } from "../types.js";
import { isBuiltin, listCalledNames, listDefinedNames, listUsedNames } from "./python-names.js";
import { json, readFields, type RowReader, source } from "./schema.js";

/** Its prompts name types that its programs then use without an import. */
export const MBPP_PREAMBLE = "from typing import *\n";

const schema = z.object({
  task_id: json(z.union([z.int().nonnegative(), z.string().regex(/\d$/, "has no number at its end")])),
  text: json(source).optional(),
  prompt: json(source).optional(),
  code: json(source).optional(),
  test_list: json(z.array(source)),
  test_setup_code: json(source).optional(),
  test_imports: json(z.array(source)).optional(),
});

/**
 * MBPP: the full set (`mbpp.jsonl`), the sanitized one (`sanitized-mbpp.json`) and MBPP+ in the layout of the original
 * (`MbppPlus-OriginFmt.jsonl`). Each item of `test_list` is one test. `challenge_test_list` is not used: published
 * results are over `test_list`; nor is the `test` script of MBPP+, whose inputs the EvalPlus reader reads.
 */
export const mbpp: RowReader = {
  format: "mbpp",
  recognisedBy: `MBPP: "task_id" and "test_list", with "text" or "prompt"`,
  idField: "task_id",
  recognises: (fields) => fields.has("test_list") && (fields.has("text") || fields.has("prompt")),
  read(row): Problem {
    const { task_id, text, prompt, code, test_list, test_setup_code, test_imports } = readFields(row, schema);
    const number = String(Number(/\d+$/.exec(String(task_id))?.[0]));
    const setup = test_setup_code?.trim() ? `${test_setup_code.trimEnd()}\n` : "";
    const { tests, entryPoint } = planTests(test_list, test_imports ?? [], setup, code ?? null);
    return {
      id: `MBPP/${number}`,
      aliases: [`Mbpp/${number}`, `mbpp/${number}`, number],
      format: "mbpp",
      prompt: prompt ?? text ?? "",
      entryPoint,
      starterCode: "",
      difficulty: null,
      tests,
      preamble: MBPP_PREAMBLE,
      references: code === undefined ? [] : [code],
      limits: {},
      invalid: findFault(tests, entryPoint),
    };
  },
};

function planTests(asserts: readonly string[], imports: readonly string[], setup: string, code: string | null) {
  const used = new Set(listUsedNames([setup, ...asserts].join("\n")));
  const importLines = [...imports, ...borrowedImports(code ?? "", used)].map((line) => `${line}\n`).join("");
  const prepared = listDefinedNames(importLines + setup);
  const given = new Set([...prepared.definitions, ...prepared.others]);
  const defined = listDefinedNames(code ?? "");
  const own = [...defined.definitions, ...defined.others].filter((name) => !given.has(name));
  const entryPoint = findEntryPoint(asserts, own, given);
  // Variables of the reference are its own business, unless one is the function under test (`f = lambda …`).
  const names = own.filter((name) => used.has(name) && (defined.definitions.has(name) || name === entryPoint));
  if (names.length === 0 && entryPoint !== null) names.push(entryPoint);
  // The names are bound after the prelude, so a set-up that uses them (it builds a tree of the candidate's nodes, in
  // 367 and 927) has to run with each test instead.
  const setupUses = listUsedNames(setup).some((name) => names.includes(name));
  const tests: AssertionTests = {
    kind: "assertions",
    prelude: setupUses ? importLines : importLines + setup,
    names,
    checks: asserts.map((assert) => ({ source: `${setupUses ? setup : ""}${assert}\n` })),
    countAssertions: false,
  };
  return { tests, entryPoint };
}

/**
 * Some tests name a module that only the program imports (596 calls `sys.getsizeof`). Nothing of the program is in the
 * tests' namespace here, so these imports of the reference are made there as well.
 */
function borrowedImports(code: string, used: ReadonlySet<string>): string[] {
  const lines = code.match(/^(?:import|from) [^\n(]+$/gm) ?? [];
  return lines.filter((line) => {
    const { definitions, others } = listDefinedNames(line);
    return [...definitions, ...others].some((name) => used.has(name));
  });
}

/**
 * The function of the reference that the first assertion calls, even one called `sum`; without a reference, the first
 * that is no built-in, so that wrappers such as `set(…)` and `math.isclose(…)` are looked through.
 */
function findEntryPoint(asserts: readonly string[], own: readonly string[], given: ReadonlySet<string>): string | null {
  const called = listCalledNames(asserts[0] ?? "");
  return (
    called.find((name) => own.includes(name)) ?? called.find((name) => !isBuiltin(name) && !given.has(name)) ?? null
  );
}

function findFault(tests: AssertionTests, entryPoint: string | null): string | null {
  if (tests.checks.length === 0) return "no tests: test_list is empty";
  return entryPoint === null ? "unreadable tests: the first one calls no function" : null;
}
