import { InputError } from "../../errors.js";
import { findLanguage } from "../../sandbox/languages.js";
import type { Extraction, Problem, Sample } from "../types.js";
import { assembleProgram } from "./assemble.js";
import { assembleForeign, assembleRaw, chooseForeign, type ForeignTask } from "./by-language.js";
import { chooseAuto, chooseRaw, rankBlocks, type Choice } from "./choose.js";
import { cleanCompletion } from "./clean.js";
import { findBlocks, readBody, type Block } from "./fences.js";
import { familyOf } from "./language.js";
import { extractLikeEvalPlus, extractLikeLiveCodeBench, extractLikeVerl } from "./published.js";
import { describeTask, type Task } from "./task.js";

/** Raised whenever a rule changes what it takes. */
export const EXTRACTION_VERSION = 2;

/** What can be asked for, with what it takes. */
export const EXTRACTION_POLICIES = {
  auto: "the last code block that defines the entry point, else the last one; without blocks the text itself",
  last: "the last code block",
  first: "the first code block",
  longest: "the longest code block",
  "all-joined": "all code blocks, one after the other",
  verl: "as verl does: behind the last ```python",
  livecodebench: "as LiveCodeBench does: between the last two lines with a fence",
  evalplus: "as EvalPlus in NeMo does: from the last ```python to the next fence; without fences the whole text",
  raw: "the completion as it is, behind the prompt of a function, as the official HumanEval harness does",
} as const;
export type ExtractionPolicy = keyof typeof EXTRACTION_POLICIES;

/** A program ready to be run, or null when there is nothing to run (`no_code`). */
export type Extracted = { source: string; extraction: Extraction } | { source: null; extraction: Extraction };

const PUBLISHED: Partial<Record<ExtractionPolicy, (completion: string) => string | null>> = {
  verl: extractLikeVerl,
  livecodebench: extractLikeLiveCodeBench,
  evalplus: extractLikeEvalPlus,
};

/**
 * Takes the program out of a sample. A `solution` is a whole program and is not touched.
 *
 * @param policy a key of `EXTRACTION_POLICIES`
 * @returns the program with how it was found; `source` is null when the sample holds no code
 * @throws InputError for a policy that does not exist
 */
export function extractProgram(problem: Problem, sample: Sample, policy: string): Extracted {
  if (!isPolicy(policy)) {
    const known = Object.keys(EXTRACTION_POLICIES).join(", ");
    throw new InputError(`unknown extraction policy "${policy}"; there are: ${known}`);
  }
  const stated = sample.language ?? problem.language;
  if (sample.solution !== null) {
    return report(sample.solution, hasText(sample.solution) ? "solution" : "empty", [], stated);
  }
  const completion = sample.completion ?? "";
  if (!hasText(completion)) return report(null, "empty", [], stated);
  const language = stated ?? (problem.tests.kind === "stdin" ? tellLanguage(cleanCompletion(completion)) : PYTHON);
  if (language !== PYTHON) return extractForeign(problem, completion, language, policy);
  const task = describeTask(problem);
  if (policy === "raw") return report(task.functionPrompt ? task.prompt + completion : completion, "raw", []);
  const published = PUBLISHED[policy];
  if (published !== undefined) {
    const code = published(completion);
    return report(hasText(code) ? assembleProgram(task, code) : null, policy, findBlocks(completion));
  }
  const text = cleanCompletion(completion);
  const blocks = findBlocks(text);
  const choice = choose(text, blocks, task, policy);
  if (choice === null) return report(null, hasText(text) ? "no_block" : "empty", blocks);
  return report(assembleProgram(task, choice.code), choice.rule, blocks);
}

/** The same in a language other than Python. */
function extractForeign(problem: Problem, completion: string, language: string, policy: ExtractionPolicy): Extracted {
  const isFunction = problem.tests.kind === "shared" || problem.tests.kind === "assertions";
  const task: ForeignTask = {
    language: familyOf(language),
    prompt: problem.prompt,
    entryPoint: isFunction ? problem.entryPoint : null,
    stops: problem.stops ?? [],
  };
  if (policy === "raw") return report(assembleRaw(task, completion), "raw", [], language);
  const text = cleanCompletion(completion);
  const blocks = findBlocks(text);
  const published = PUBLISHED[policy];
  if (published !== undefined) {
    const code = published(completion);
    return report(hasText(code) ? assembleForeign(task, code) : null, policy, blocks, language);
  }
  const tiers = rankBlocks(text, blocks, language);
  // The function that is called counts also where there is no prompt that begins it.
  const wanted = problem.tests.kind === "calls" ? { ...task, entryPoint: problem.tests.functionName } : task;
  const choice = policy === "auto" ? chooseForeign(text, tiers, wanted) : pick(text, tiers, policy);
  if (choice !== null) return report(assembleForeign(task, choice.code), choice.rule, blocks, language);
  const bare = blocks.length === 0 ? chooseForeign(text, tiers, wanted) : null;
  if (bare !== null) return report(assembleForeign(task, bare.code), bare.rule, blocks, language);
  return report(null, hasText(text) ? "no_block" : "empty", blocks, language);
}

/**
 * The language of a program that may be in any: Python where a block says so, else that of the last block that says
 * one. What shells are told is rarely the answer, so a block without a tag goes before it.
 */
function tellLanguage(text: string): string {
  const tags = findBlocks(text)
    .filter((block) => text.slice(block.bodyStart, block.bodyEnd).trim() !== "")
    .map((block) => block.language);
  const known = tags.filter((tag) => findLanguage(tag) !== null);
  if (known.includes(PYTHON)) return PYTHON;
  const program = known.findLast((tag) => tag !== SHELL);
  return program ?? (known.length > 0 && !tags.includes("") ? SHELL : PYTHON);
}

const PYTHON = "python";
const SHELL = "bash";

function choose(text: string, blocks: readonly Block[], task: Task, policy: ExtractionPolicy): Choice | null {
  if (!hasText(text)) return null;
  if (policy === "auto") return chooseAuto(text, blocks, task);
  return pick(text, rankBlocks(text, blocks), policy) ?? (blocks.length === 0 ? chooseRaw(text, task) : null);
}

/** The block that a policy means, of the best ones there are. */
function pick(text: string, tiers: readonly (readonly Block[])[], policy: ExtractionPolicy): Choice | null {
  const candidates = tiers.find((tier) => tier.length > 0) ?? [];
  const codes = candidates.map((block) => readBody(text, block));
  const [first] = codes;
  if (first === undefined) return null;
  switch (policy) {
    case "first":
      return { code: first, rule: "first_block" };
    case "longest":
      return { code: codes.reduce((a, b) => (b.length > a.length ? b : a)), rule: "longest_block" };
    case "all-joined":
      return { code: codes.join("\n"), rule: "all_blocks_joined" };
    default:
      return { code: codes.at(-1) ?? first, rule: "last_block" };
  }
}

function report(source: string | null, rule: string, blocks: readonly Block[], language = PYTHON): Extracted {
  const truncated = blocks.at(-1)?.closed === false;
  const extraction = { rule, version: EXTRACTION_VERSION, language, truncated, blocks: blocks.length };
  return hasText(source) ? { source, extraction } : { source: null, extraction };
}

function hasText(text: string | null): text is string {
  return text !== null && text.trim() !== "";
}

function isPolicy(policy: string): policy is ExtractionPolicy {
  return Object.hasOwn(EXTRACTION_POLICIES, policy);
}
