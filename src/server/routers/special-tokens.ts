/** Marks that chat templates and tokenizers put at the end of a turn or of a text. */
const END_MARKS = [
  ...["<|im_end|>", "<|endoftext|>", "</s>", "<|eot_id|>", "<|end_of_text|>", "<|eom_id|>", "<|end|>", "<|return|>"],
  ...["<eos>", "<end_of_turn>", "<|endofprompt|>", "<|END_OF_TURN_TOKEN|>", "<｜end▁of▁sentence｜>", "[EOS]", "<pad>"],
  ...["<|pad|>", "<|user|>", "<|observation|>"],
];

/** The text without the marks, and the space between them, at its end. */
export function trimEndMarks(text: string): string {
  for (let rest = text; ;) {
    const trimmed = rest.trimEnd();
    const mark = END_MARKS.find((one) => trimmed.endsWith(one));
    if (mark === undefined) return rest === text ? text : trimmed;
    rest = trimmed.slice(0, -mark.length);
  }
}

/**
 * The response in a decoded text of prompt and response, without the prompt and the marks at its end. A tokenizer may
 * put a mark in front of the prompt, so it is looked for too; where it is not there the whole text is taken.
 */
export function takeResponse(query: string, prompt: string): string {
  if (prompt === "" || query.startsWith(prompt)) return trimEndMarks(query.slice(prompt.length));
  const at = query.indexOf(prompt);
  return trimEndMarks(at === -1 ? query : query.slice(at + prompt.length));
}
