import { cutBody } from "./body.js";
import { readBody, readFence, type Block } from "./fences.js";
import { isSameLanguage } from "./language.js";
import { isPureCode, looksLikeCode } from "./looks-like-code.js";
import { PythonLexer } from "./python-lines.js";
import type { Task } from "./task.js";

/** Code taken out of a text, and the name of the rule that took it. */
export interface Choice {
  readonly code: string;
  readonly rule: string;
}

/** Takes the program out of a text with code blocks, or without. */
export function chooseAuto(text: string, blocks: readonly Block[], task: Task): Choice | null {
  if (blocks.length === 0) return chooseRaw(text, task);
  const tiers = rankBlocks(text, blocks);
  const defining = chooseDefining(text, tiers, task);
  if (defining !== null && isPureCode(defining.code)) return defining;
  const chosen = chooseLead(text, blocks, task) ?? defining ?? chooseLast(text, tiers, task);
  // Nothing in the blocks: perhaps the only fence closes what stands before it.
  return chosen ?? chooseRaw(text.slice(0, blocks[0]?.open), task, "leading");
}

/** Takes a text without code blocks as it is, when it may be code at all. */
export function chooseRaw(text: string, task: Task, place = "raw"): Choice | null {
  if (task.definesEntryPoint(text)) return { code: text, rule: `${place}_program` };
  if (text.trim() === "" || !looksLikeCode(text)) return null;
  if (!task.functionPrompt || !isIndented(text)) return { code: text, rule: `${place}_program` };
  const { body, cut } = cutBody(text);
  return { code: body, rule: cut ? `${place}_body_cut` : `${place}_body` };
}

/**
 * Blocks in the language, those without a tag, and the others: the first of the three that is not empty has the program.
 */
export function rankBlocks(text: string, blocks: readonly Block[], language = "python"): readonly (readonly Block[])[] {
  const filled = blocks.filter((block) => text.slice(block.bodyStart, block.bodyEnd).trim() !== "");
  const isWanted = (block: Block): boolean => isSameLanguage(block.language, language);
  return [
    filled.filter(isWanted),
    filled.filter((block) => block.language === ""),
    filled.filter((block) => block.language !== "" && !isWanted(block)),
  ];
}

function chooseDefining(text: string, tiers: readonly (readonly Block[])[], task: Task): Choice | null {
  if (!task.hasEntryPoint) return null;
  for (const tier of tiers) {
    const found = findLast(text, tier, (code) => task.definesEntryPoint(code));
    if (found !== null) return { code: found, rule: "last_block_defining_entry_point" };
  }
  return null;
}

function chooseLast(text: string, tiers: readonly (readonly Block[])[], task: Task): Choice | null {
  const tier = tiers.find((candidates) => candidates.length > 0) ?? [];
  const last = tier.at(-1);
  if (last === undefined) return null;
  if (task.functionPrompt) {
    // A body goes on inside the function; an example of its use stands at the margin.
    const body = findLast(text, tier, isIndented);
    if (body !== null) return { code: body, rule: "last_block_with_body" };
  }
  // Without a tag an example of the output looks like a program, until it is read.
  const code = last.language === "" ? findLast(text, tier, isPureCode) : null;
  return { code: code ?? readBody(text, last), rule: "last_block" };
}

/**
 * The text before the first fence, when that is code: then the prompt opened the block and the completion closes it,
 * or the fence stands in a docstring.
 */
function chooseLead(text: string, blocks: readonly Block[], task: Task): Choice | null {
  const opening = blocks[0];
  if (opening === undefined) return null;
  const lead = text.slice(0, findLeadEnd(text) ?? opening.open);
  if (lead.trim() === "") return null;
  const bare = opening.language === "";
  const isBody = task.functionPrompt && isIndented(lead);
  if (task.definesEntryPoint(lead) || isBody || (bare && isPureCode(lead))) {
    return chooseRaw(lead, task, lead.length === text.length ? "raw" : "leading");
  }
  return null;
}

/** Offset of the first fence outside triple quotes; null when such a string never ends. */
function findLeadEnd(text: string): number | null {
  const lexer = new PythonLexer();
  for (let at = 0; at < text.length;) {
    const feed = text.indexOf("\n", at);
    const end = feed === -1 ? text.length : feed;
    const line = text.slice(at, end);
    if (!lexer.inTripleQuotes && readFence(line) !== null) return at;
    lexer.feed(line);
    at = end + 1;
  }
  return lexer.inTripleQuotes ? null : text.length;
}

function findLast(text: string, tier: readonly Block[], matches: (code: string) => boolean): string | null {
  for (let index = tier.length - 1; index >= 0; index--) {
    const block = tier[index];
    const code = block === undefined ? "" : readBody(text, block);
    if (matches(code)) return code;
  }
  return null;
}

/** Whether the first line that is not blank is indented. */
function isIndented(code: string): boolean {
  const first = code.search(/\S/);
  return first > 0 && (code[first - 1] === " " || code[first - 1] === "\t");
}
