/** Marks that models and prompt formats put at the end of a text. */
const END_TOKENS = [
  "<|endoftext|>",
  "<|endofmask|>",
  "<|end_of_text|>",
  "<|im_end|>",
  "<|eot_id|>",
  "<|eom_id|>",
  "<|EOT|>",
  "<|end|>",
  "<|return|>",
  "<|user|>",
  "<｜end▁of▁sentence｜>",
  "<end_of_turn>",
  "<eos>",
  "</s>",
  "[/INST]",
  "[DONE]",
];

/**
 * Leaves of a completion what the model gave as its answer: LF line ends, no byte order mark, no end tokens, no
 * reasoning, and of several `<answer>` spans the last. Indentation is never touched.
 */
export function cleanCompletion(completion: string): string {
  const text = (completion.startsWith("\uFEFF") ? completion.slice(1) : completion).replaceAll("\r\n", "\n");
  return stripEndTokens(takeAnswer(dropReasoning(stripEndTokens(text))));
}

function stripEndTokens(text: string): string {
  for (let rest = text; ;) {
    const trimmed = rest.trimEnd();
    const token = END_TOKENS.find((candidate) => trimmed.endsWith(candidate));
    if (token === undefined) return rest;
    rest = trimmed.slice(0, -token.length);
  }
}

/** The text after the last `</think>`; a `<think>` that is never closed takes the rest of the text with it. */
function dropReasoning(text: string): string {
  const closing = "</think>";
  const end = findLastTag(text, closing, text.length);
  const answer = end === -1 ? text : text.slice(end + closing.length);
  const unclosed = answer.search(/^[ \t]*<think>/m);
  return unclosed === -1 ? answer : answer.slice(0, unclosed);
}

function takeAnswer(text: string): string {
  const [opening, closing] = ["<answer>", "</answer>"];
  const end = findLastTag(text, closing, text.length);
  const start = end === -1 ? -1 : findLastTag(text, opening, end);
  if (start === -1) return text;
  const answer = text.slice(start + opening.length, end);
  return answer.trim() === "" ? text : answer;
}

/** Offset of the last `tag` before `end` that does not stand in quotes, as a tag in a program's string would. */
function findLastTag(text: string, tag: string, end: number): number {
  let at = end;
  do {
    at = at === 0 ? -1 : text.lastIndexOf(tag, at - 1);
  } while (at !== -1 && isQuoted(text.charAt(at - 1), tag, text.charAt(at + tag.length)));
  return at;
}

/** Only the outer side of a tag tells: what a reasoning or an answer holds may begin or end with a quote itself. */
function isQuoted(before: string, tag: string, after: string): boolean {
  const outer = tag.startsWith("</") ? after : before;
  return outer === '"' || outer === "'" || (before === "`" && after === "`");
}
