import { addBytes, addProblem, addText, hashOf } from "../grading/fingerprint.js";
import type { GradeOptions } from "../grading/grader.js";
import type { Problem } from "../grading/types.js";
import type { Limits } from "../sandbox/contract.js";
import type { RunTask } from "./contract.js";

const fingerprints = new WeakMap<Problem, Buffer>();

/**
 * Names what a verdict depends on: program, tests, limits, comparator, options and grader. Equal keys, equal work. The
 * problem's id and the text around the program are no part of it.
 */
export function keyOfGrading(
  { problem, source, language, limits }: { problem: Problem; source: string; language: string; limits: Limits },
  { comparator, allTests, timeMultipliers = {} }: Pick<GradeOptions, "comparator" | "allTests" | "timeMultipliers">,
  grader: string,
): string {
  const hash = hashOf(
    "grade",
    grader,
    comparator,
    String(allTests),
    JSON.stringify([limits, timeMultipliers]),
    language,
    source,
  );
  return hash.update(fingerprintOf(problem)).digest("base64");
}

/** Names what the outcome of a run depends on. */
export function keyOfRun(task: RunTask, limits: Limits, grader: string): string {
  const { language, source, stdin = EMPTY, files = [], fetch = [], args = [], compilerLimits = {} } = task;
  const hash = hashOf("run", grader, language, source, JSON.stringify([limits, args, fetch, compilerLimits]));
  addBytes(hash, stdin);
  for (const { path, content } of files) {
    addText(hash, path);
    addBytes(hash, content);
  }
  return hash.digest("base64");
}

const EMPTY = new Uint8Array();

function fingerprintOf(problem: Problem): Buffer {
  let known = fingerprints.get(problem);
  if (known === undefined) {
    const hash = hashOf();
    addProblem(hash, problem);
    known = hash.digest();
    fingerprints.set(problem, known);
  }
  return known;
}
