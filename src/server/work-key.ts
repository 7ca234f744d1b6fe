import { createHash, type Hash } from "node:crypto";

import type { GradeOptions } from "../grading/grader.js";
import type { Problem, Tests } from "../grading/types.js";
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
  const hash = start(
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
  const hash = start("run", grader, language, source, JSON.stringify([limits, args, fetch, compilerLimits]));
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
    const hash = start(
      problem.format,
      problem.language ?? "",
      problem.entryPoint ?? "",
      JSON.stringify(problem.invalid),
    );
    addTests(hash, problem.tests);
    addText(hash, JSON.stringify([problem.groups ?? [], problem.preamble ?? "", problem.timeMultipliers ?? {}]));
    known = hash.digest();
    fingerprints.set(problem, known);
  }
  return known;
}

function addTests(hash: Hash, tests: Tests): void {
  addText(hash, tests.kind);
  switch (tests.kind) {
    case "stdin":
      addText(hash, JSON.stringify([tests.rule, tests.comparator, tests.checker, tests.interactor]));
      for (const { input, output } of tests.cases) [input, output].forEach((text) => addText(hash, text));
      break;
    case "calls":
      addText(hash, tests.functionName);
      for (const { args, expected } of tests.cases) [args, expected].forEach((text) => addText(hash, text));
      break;
    case "shared":
      [tests.source, tests.setup, String(tests.open)].forEach((text) => addText(hash, text));
      break;
    case "answer":
      addText(hash, tests.answer);
      break;
    case "assertions":
      addText(hash, JSON.stringify([tests.names, tests.countAssertions]));
      addText(hash, tests.prelude);
      for (const { source, data } of tests.checks)
        [source, JSON.stringify(data ?? null)].forEach((text) => addText(hash, text));
  }
}

function start(...texts: readonly string[]): Hash {
  const hash = createHash("sha256");
  for (const text of texts) addText(hash, text);
  return hash;
}

// Lengths go first, so that no two lists of parts run together into the same bytes. UTF-16, because a lone surrogate is
// a different text in UTF-8 than what it would be replaced by.
function addText(hash: Hash, text: string): void {
  const encoding = text.isWellFormed() ? "utf8" : "utf16le";
  hash.update(`${text.length} ${encoding}:`).update(text, encoding);
}

function addBytes(hash: Hash, bytes: Uint8Array): void {
  hash.update(`${bytes.length}:`).update(bytes);
}
