import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { InputError } from "../errors.js";
import { explain } from "../grading/input/lines.js";
import type { Problem } from "../grading/types.js";

export interface Message {
  readonly role: "system" | "user" | "assistant" | "developer";
  readonly content: string;
}
/** What a model is given: a text for `/v1/completions`, messages for `/v1/chat/completions`. */
export type Prompt = string | readonly Message[];

export interface PromptTemplate {
  /** What it was made of; hashed into the manifest. */
  readonly source: string;
  readonly render: (problem: Problem) => Prompt;
}

const messages = z
  .array(z.strictObject({ role: z.enum(["system", "developer", "user", "assistant"]), content: z.string() }))
  .min(1);
const PLACES = /\{\{(prompt|starter_code|entry_point)\}\}/g;

/**
 * The few-shot prompt. A text file is the prompt itself, for chat the content of one user message; a `.yaml`, `.yml` or
 * `.json` file is a list of messages. Without a file the prompt is the problem's.
 *
 * @throws InputError when the file cannot be used
 */
export async function readTemplate(file: string | undefined, api: "completions" | "chat"): Promise<PromptTemplate> {
  if (file === undefined) return fromText("{{prompt}}", api);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new InputError(explain(error), { file });
  }
  if (!text.includes("{{prompt}}")) throw new InputError("has no {{prompt}} for the problem to stand in", { file });
  if (![".yaml", ".yml", ".json"].includes(extname(file))) return fromText(text, api);
  if (api === "completions") throw new InputError("messages are for endpoint.api chat", { file });
  const parsed = messages.safeParse(parseText(text, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(issue?.message ?? "is no list of messages", { file, field: issue?.path.join(".") });
  }
  const turns = parsed.data;
  return {
    source: text,
    render: (problem) => turns.map(({ role, content }) => ({ role, content: fill(content, problem) })),
  };
}

function fromText(text: string, api: "completions" | "chat"): PromptTemplate {
  const render = (problem: Problem): Prompt => {
    const content = fill(text, problem);
    return api === "completions" ? content : [{ role: "user", content }];
  };
  return { source: text, render };
}

function fill(text: string, { prompt, starterCode, entryPoint }: Problem): string {
  const values: Record<string, string> = { prompt, starter_code: starterCode, entry_point: entryPoint ?? "" };
  return text.replace(PLACES, (_, name: string) => values[name] ?? "");
}

function parseText(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error), { file });
  }
}
