import { createHash, type Hash } from "node:crypto";
import type { Problem, Tests } from "./types.js";

/** Adds to a hash what verdicts over a program depend on of a problem: all but its names, its limits and its prompt. */
export function addProblem(hash: Hash, problem: Problem): void {
  const { format, language, entryPoint, invalid, tests, groups, preamble, timeMultipliers } = problem;
  [format, language ?? "", entryPoint ?? "", JSON.stringify(invalid)].forEach((text) => addText(hash, text));
  addTests(hash, tests);
  addText(hash, JSON.stringify([groups ?? [], preamble ?? "", timeMultipliers ?? {}]));
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

/** A hash over texts that `addText` adds one after the other. */
export function hashOf(...texts: readonly string[]): Hash {
  const hash = createHash("sha256");
  for (const text of texts) addText(hash, text);
  return hash;
}

// Lengths go first, so that no two lists of parts run together into the same bytes. UTF-16, because a lone surrogate is
// a different text in UTF-8 than what it would be replaced by.
export function addText(hash: Hash, text: string): void {
  const encoding = text.isWellFormed() ? "utf8" : "utf16le";
  hash.update(`${text.length} ${encoding}:`).update(text, encoding);
}

export function addBytes(hash: Hash, bytes: Uint8Array): void {
  hash.update(`${bytes.length}:`).update(bytes);
}
