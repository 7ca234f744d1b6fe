import type { ProblemSet } from "../../grading/problems/index.js";
import type { FailingReference, ProblemFindings } from "../../grading/soundness/findings.js";
import { escapeLine } from "../../report/escape.js";
import { formatTable } from "../table.js";

interface TestsOfProblem {
  readonly task_id: string;
  /** From 0. */
  readonly tests: readonly number[];
}

/** What was found out about a set of problems; the object that `--json` prints. */
export interface Soundness {
  readonly problems: number;
  readonly references: number;
  /** Problems all of whose references were accepted. */
  readonly sound: number;
  readonly no_reference: readonly string[];
  readonly invalid: readonly { readonly task_id: string; readonly reason: string }[];
  readonly failing: readonly FailingReference[];
  /** Programs known to be wrong, and those of them that were accepted (numbered from 0 in each problem). */
  readonly wrong: number;
  readonly wrong_accepted: readonly { readonly task_id: string; readonly wrong: number }[];
  /** Variants of references. Those that were not rejected may be as right as the reference. */
  readonly mutants: { readonly tried: number; readonly rejected: number };
  /** Problems that accept a program that does nothing. */
  readonly accepts_empty: readonly string[];
  /** Tests that rejected none of the wrong programs and variants. */
  readonly idle_tests: readonly (TestsOfProblem & { readonly of: number })[];
  /** Tests that came out one way and the other for the same program. */
  readonly flaky: readonly TestsOfProblem[];
  /** By the CPU time of the fastest accepted reference over all tests, in milliseconds. */
  readonly slowest: readonly { readonly task_id: string; readonly cpu_ms: number }[];
  /** What a repaired set is without. */
  readonly left_out: readonly { readonly task_id: string; readonly reasons: readonly string[] }[];
  /** Programs that could not be graded, and of each problem with such the first cause. */
  readonly infrastructure_errors: number;
  readonly not_graded: readonly { readonly task_id: string; readonly reason: string }[];
}

const SLOWEST = 10;
const MOST_NAMED = 20;
const MOST_CHARACTERS = 200;

/** Sums up what was found out about each problem, in the order of the set. */
export function sumUp(findings: readonly ProblemFindings[]): Soundness {
  const sum = (count: (found: ProblemFindings) => number): number =>
    findings.reduce((total, found) => total + count(found), 0);
  const gradable = findings.filter(({ problem }) => problem.invalid === null);
  return {
    problems: findings.length,
    references: sum(({ references }) => references),
    sound: sum(({ isSound }) => Number(isSound)),
    no_reference: gradable.filter(({ references }) => references === 0).map(({ problem }) => problem.id),
    invalid: findings.flatMap(({ problem: { id, invalid } }) =>
      invalid === null ? [] : [{ task_id: id, reason: invalid }],
    ),
    failing: findings.flatMap(({ failing }) => failing.toSorted((a, b) => a.reference - b.reference)),
    wrong: sum(({ wrongs }) => wrongs),
    wrong_accepted: findings.flatMap(({ problem, wrongAccepted }) =>
      wrongAccepted.toSorted((a, b) => a - b).map((wrong) => ({ task_id: problem.id, wrong })),
    ),
    mutants: { tried: sum(({ mutants }) => mutants), rejected: sum(({ mutantsRejected }) => mutantsRejected) },
    accepts_empty: findings.filter(({ acceptsEmpty }) => acceptsEmpty).map(({ problem }) => problem.id),
    idle_tests: findings
      .map(({ problem, idleTests, tests }) => ({ task_id: problem.id, tests: idleTests, of: tests }))
      .filter(({ tests }) => tests.length > 0),
    flaky: findings
      .map(({ problem, flakyTests }) => ({ task_id: problem.id, tests: flakyTests }))
      .filter(({ tests }) => tests.length > 0),
    slowest: findings
      .flatMap(({ problem, cpuMs }) => (cpuMs === null ? [] : [{ task_id: problem.id, cpu_ms: cpuMs }]))
      .sort((a, b) => b.cpu_ms - a.cpu_ms)
      .slice(0, SLOWEST),
    left_out: findings
      .map(({ problem, reasons }) => ({ task_id: problem.id, reasons }))
      .filter(({ reasons }) => reasons.length > 0),
    infrastructure_errors: sum(({ faults }) => faults.length),
    not_graded: findings.flatMap(({ problem, faults: [reason] }) =>
      reason === undefined ? [] : [{ task_id: problem.id, reason }],
    ),
  };
}

/** What was found out, for people. */
export function describeSoundness(set: ProblemSet, found: Soundness): string {
  const { invalid, failing, no_reference: none, infrastructure_errors: broken, mutants, idle_tests: idle } = found;
  const idleTests = idle.reduce((sum, { tests }) => sum + tests.length, 0);
  const rows = [
    ["problems", String(found.problems), `${set.format}, from ${escapeLine(set.path)}`],
    ["references", String(found.references), ""],
    ["sound", String(found.sound), ""],
    ["no reference", String(none.length), nameSome(none)],
    ["invalid", String(invalid.length), ""],
    ["failing", String(failing.length), "references"],
    ["known wrong", String(found.wrong), `${found.wrong_accepted.length} of them accepted`],
    ["variants", String(mutants.tried), `${mutants.rejected} of them rejected`],
    ["pass if empty", String(found.accepts_empty.length), nameSome(found.accepts_empty)],
    ["idle tests", String(idleTests), nameSome(idle.map(nameTests))],
    ["flaky", String(found.flaky.length), nameSome(found.flaky.map(nameTests))],
  ];
  if (broken > 0) rows.push(["not graded", String(broken), "infrastructure errors"]);
  const slowest = found.slowest.map(({ task_id, cpu_ms }) => [`  ${escapeLine(task_id)}`, `${cpu_ms.toFixed(0)} ms`]);
  return [
    formatTable(rows, [1]),
    ...(slowest.length === 0 ? [] : [`\nslowest, CPU time of all tests\n${formatTable(slowest, [1])}`]),
    ...found.not_graded.map(({ task_id, reason }) => `\n${escapeLine(task_id)}: not graded: ${cutLine(reason)}\n`),
    ...invalid.map(({ task_id, reason }) => `\n${escapeLine(task_id)}: invalid: ${escapeLine(reason)}\n`),
    ...failing.map(describeFailing),
    ...found.wrong_accepted.map(
      ({ task_id, wrong }) => `\n${escapeLine(task_id)}: wrong program ${wrong + 1} accepted\n`,
    ),
  ].join("");
}

function describeFailing({ task_id, reference, verdict, first_failure: failure }: FailingReference): string {
  const head = `\n${escapeLine(task_id)}: reference ${reference + 1}: ${verdict}`;
  if (failure === null) return `${head}\n`;
  const texts = (["input", "expected", "actual", "stderr"] as const)
    .filter((name) => failure[name] !== "")
    .map((name) => [`  ${name}`, name === "stderr" ? cutLine(failure[name], "start") : cutLine(failure[name])]);
  return `${head} in test ${failure.index + 1}\n${formatTable(texts)}`;
}

/** Tests are numbered from 1 for people. */
function nameTests({ task_id, tests }: TestsOfProblem): string {
  const shown = tests.slice(0, MOST_NAMED).map((test) => test + 1);
  return `${task_id} (${shown.join(" ")}${tests.length > shown.length ? " …" : ""})`;
}

function nameSome(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  const named = names.slice(0, MOST_NAMED).map(escapeLine).join(", ");
  return more > 0 ? `${named} and ${more} more` : named;
}

/** The end of a traceback says what happened. */
function cutLine(text: string, where: "start" | "end" = "end"): string {
  if (text.length <= MOST_CHARACTERS) return escapeLine(text);
  return escapeLine(where === "end" ? `${text.slice(0, MOST_CHARACTERS)}…` : `…${text.slice(-MOST_CHARACTERS)}`);
}
