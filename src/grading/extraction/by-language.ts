import { definesFunction, findLastDefinition } from "../languages/definitions.js";
import { dropRepeatedImports } from "../languages/imports.js";
import { countOpenBraces, findBraceTo, maskText } from "../languages/syntax.js";
import { startsWithPrompt } from "./assemble.js";
import type { Choice } from "./choose.js";
import { readBody, type Block } from "./fences.js";

/** What extraction has to know of a problem in a language other than Python. */
export interface ForeignTask {
  readonly language: string;
  readonly prompt: string;
  /** The function that tests call, whose beginning the prompt ends with; null for whole programs. */
  readonly entryPoint: string | null;
  /** Texts before which a completion of the prompt ends. */
  readonly stops: readonly string[];
}

/** Takes the code out of a text: the last block that defines the entry point, else the last one, else the text itself. */
export function chooseForeign(
  text: string,
  tiers: readonly (readonly Block[])[],
  { language, entryPoint }: ForeignTask,
): Choice | null {
  const codes = (tier: readonly Block[]): string[] => tier.map((block) => readBody(text, block));
  if (entryPoint !== null) {
    for (const tier of tiers) {
      const code = codes(tier).findLast((one) => definesFunction(one, language, entryPoint));
      if (code !== undefined) return { code, rule: "last_block_defining_entry_point" };
    }
  }
  const last = codes(tiers.find((tier) => tier.length > 0) ?? []).at(-1);
  if (last !== undefined) return { code: last, rule: "last_block" };
  if (text.trim() === "") return null;
  const isWhole = entryPoint === null || definesFunction(text, language, entryPoint);
  return { code: text, rule: isWhole ? "raw_program" : "raw_body" };
}

/** Makes a program of code: the prompt goes before a body, and what the prompt has before its function before a whole function. */
export function assembleForeign(task: ForeignTask, code: string): string {
  const { language, prompt, entryPoint } = task;
  if (entryPoint === null || startsWithPrompt(code, prompt)) return code;
  if (!definesFunction(code, language, entryPoint)) return continuePrompt(task, cutAtStops(code, task.stops));
  const { head, wrapper } = splitPrompt(prompt, language);
  const isWrapped = wrapper === "" || /\b(?:class|object)\s+(?:Solution|Problem)\b/.test(maskText(code, language));
  const front = dropRepeatedImports(head, code, language);
  return isWrapped ? `${front}\n${code}` : `${front}\n${wrapper}\n${code}\n}\n`;
}

/** The completion as it is behind the prompt, up to the first stop: what the data sets' own harnesses run. */
export function assembleRaw({ prompt, entryPoint, stops }: ForeignTask, completion: string): string {
  return entryPoint === null ? completion : prompt + cutAtStops(completion, stops);
}

/** The body behind the prompt, as far as the brace that closes everything the prompt has opened. */
function continuePrompt({ language, prompt }: ForeignTask, body: string): string {
  const front = /\n[ \t]*$/.test(prompt) || prompt.trim() === "" ? prompt : `${prompt}\n`;
  const open = countOpenBraces(maskText(prompt, language));
  const end = open > 0 ? findBraceTo(maskText(body, language), 0, 0, open) : -1;
  return front + (end === -1 ? body : body.slice(0, end));
}

function cutAtStops(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at !== -1);
  return text.slice(0, Math.min(text.length, ...ends));
}

/**
 * What a prompt has before the function it ends with and the comment on that: imports and helpers, and apart from
 * them the class around the function, as far as its opening brace.
 */
function splitPrompt(prompt: string, language: string): { head: string; wrapper: string } {
  const definition = findLastDefinition(prompt, language);
  const masked = maskText(prompt, language);
  let at = masked.lastIndexOf("\n", definition?.at ?? 0) + 1;
  // Comments are blank in a masked text.
  for (let line = at; line > 0;) {
    line = masked.lastIndexOf("\n", line - 2) + 1;
    if (masked.slice(line, at).trim() !== "") break;
    at = line;
  }
  const head = prompt.slice(0, at);
  if (countOpenBraces(masked.slice(0, at)) <= 0) return { head, wrapper: "" };
  const wrapper = masked.slice(0, at).search(/^[ \t]*(?:public\s+|final\s+|static\s+)*(?:class|object)\b/m);
  return wrapper === -1 ? { head, wrapper: "" } : { head: head.slice(0, wrapper), wrapper: head.slice(wrapper) };
}
