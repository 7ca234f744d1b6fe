/**
 * Rules of published harnesses, so that their numbers can be compared with. Each takes the completion as it was
 * written and returns the code, or null where the harness finds none.
 */

/**
 * verl, `sandbox_fusion` reward: the text behind the last "```python" up to the next fence, else what the first two
 * fences enclose, less a first line that is one word.
 */
export function extractLikeVerl(completion: string): string | null {
  const tagged = completion.lastIndexOf("```python");
  if (tagged !== -1) return untilFence(completion, tagged + "```python".length);
  const first = completion.indexOf("```");
  if (first === -1) return null;
  const block = untilFence(completion, first + 3);
  const feed = block.indexOf("\n");
  return feed !== -1 && /^\p{L}+$/u.test(block.slice(0, feed).trim()) ? block.slice(feed + 1) : block;
}

/** LiveCodeBench: the lines between the last two lines that hold a fence. */
export function extractLikeLiveCodeBench(completion: string): string | null {
  const last = completion.lastIndexOf("```");
  const closing = last === -1 ? -1 : completion.lastIndexOf("\n", last);
  const opening = closing === -1 ? -1 : completion.lastIndexOf("```", closing - 1);
  if (opening === -1) return null;
  const start = completion.indexOf("\n", opening) + 1;
  return completion.slice(start, Math.max(start, closing));
}

/**
 * EvalPlus in NeMo: from the last "```python", or else the last fence, to the fence after it. A block without a tag
 * thereby comes out empty, since its last fence is the closing one: those harnesses judge it as no answer. A text
 * without any fence is taken whole, as EvalPlus does with a solution.
 */
export function extractLikeEvalPlus(completion: string): string | null {
  const text = completion.replaceAll("\r", "");
  const tagged = text.lastIndexOf("```python");
  const start = tagged === -1 ? text.lastIndexOf("```") : tagged;
  if (start === -1) return text;
  const from = start + (tagged === -1 ? 3 : "```python".length);
  const end = text.indexOf("```", from);
  return end === -1 ? null : text.slice(from, end).trim();
}

function untilFence(text: string, from: number): string {
  const end = text.indexOf("```", from);
  return end === -1 ? text.slice(from) : text.slice(from, end);
}
