import type { Message, Prompt } from "../prompts.js";

export type DatasetFormat = "prompt_completion" | "chat" | "segments";

/** A row to learn from: the few-shot prompt stays the input, and only the completion is to be learnt. */
export interface Lesson {
  readonly prompt: Prompt;
  readonly completion: string;
}

/**
 * A row as trainers read it, each with the loss on the completion only:
 * - `prompt_completion` (TRL): `{prompt, completion}`, texts or lists of messages
 * - `chat` (OpenAI): `{messages}`, with weight 0 on what the assistant says in the prompt's own examples
 * - `segments` (axolotl, `input_output`): `{segments: [{text, label}]}`
 *
 * @throws RangeError for segments of messages, and for chat of a plain text
 */
export function formatLesson({ prompt, completion }: Lesson, format: DatasetFormat): unknown {
  const answer: Message = { role: "assistant", content: completion };
  switch (format) {
    case "prompt_completion":
      return typeof prompt === "string" ? { prompt, completion } : { prompt, completion: [answer] };
    case "chat":
      if (typeof prompt === "string") throw new RangeError("a plain text is no list of messages");
      return { messages: [...prompt.map(withoutWeight), answer] };
    case "segments":
      if (typeof prompt !== "string") throw new RangeError("segments are plain text");
      return {
        segments: [
          { text: prompt, label: false },
          { text: completion, label: true },
        ],
      };
  }
}

function withoutWeight(message: Message): Message & { weight?: 0 } {
  return message.role === "assistant" ? { ...message, weight: 0 } : message;
}
