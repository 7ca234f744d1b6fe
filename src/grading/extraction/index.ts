import { InputError } from "../../errors.js";
import type { Extraction, Problem, Sample } from "../types.js";
import { assembleProgram } from "./assemble.js";
import { chooseAuto, chooseRaw, rankBlocks, type Choice } from "./choose.js";
import { cleanCompletion } from "./clean.js";
import { findBlocks, readBody, type Block } from "./fences.js";
import { extractLikeEvalPlus, extractLikeLiveCodeBench, extractLikeVerl } from "./published.js";
import { describeTask, type Task } from "./task.js";

/** Raised whenever a rule changes what it takes. */
export const EXTRACTION_VERSION = 1;

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
  if (sample.solution !== null) return report(sample.solution, hasText(sample.solution) ? "solution" : "empty", []);
  const completion = sample.completion ?? "";
  if (!hasText(completion)) return report(null, "empty", []);
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

function choose(text: string, blocks: readonly Block[], task: Task, policy: ExtractionPolicy): Choice | null {
  if (!hasText(text)) return null;
  if (policy === "auto") return chooseAuto(text, blocks, task);
  const candidates = rankBlocks(text, blocks).find((tier) => tier.length > 0) ?? [];
  const codes = candidates.map((block) => readBody(text, block));
  const [first] = codes;
  if (first === undefined) return blocks.length === 0 ? chooseRaw(text, task) : null;
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

function report(source: string | null, rule: string, blocks: readonly Block[]): Extracted {
  const truncated = blocks.at(-1)?.closed === false;
  const extraction = { rule, version: EXTRACTION_VERSION, language: "python", truncated, blocks: blocks.length };
  return hasText(source) ? { source, extraction } : { source: null, extraction };
}

function hasText(text: string | null): text is string {
  return text !== null && text.trim() !== "";
}

function isPolicy(policy: string): policy is ExtractionPolicy {
  return Object.hasOwn(EXTRACTION_POLICIES, policy);
}
