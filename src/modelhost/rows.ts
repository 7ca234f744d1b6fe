import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

import { z } from "zod";
import { JobError } from "./contract.js";

const message = z.looseObject({ role: z.string(), content: z.string() });
export type Message = z.output<typeof message>;
export const messagesSchema = z.array(message).min(1);

const pairRow = z.object({ prompt: z.string(), completion: z.string() });
const chatRow = z.object({ messages: messagesSchema.refine((all) => all.at(-1)?.role === "assistant") });
const trainingRow = z.union([pairRow, chatRow], {
  error:
    'expected {"prompt", "completion"} or {"messages": [{"role", "content"}, …]} whose last message is the assistant\'s',
});

/** What a model is given and what it is to write. */
export interface TrainingRow {
  readonly prompt: string;
  readonly completion: string;
}

/** Messages as one text, for models that know no roles. */
export function renderMessages(messages: readonly Message[]): string {
  return messages.map(({ content }) => content.trimEnd()).join("\n\n") + "\n";
}

/** @throws JobError naming line and reason */
export async function readTrainingRows(path: string, param = "training_file"): Promise<TrainingRow[]> {
  const rows: TrainingRow[] = [];
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() !== "") rows.push(readRow(text, line, param));
  }
  if (rows.length === 0) throw new JobError("the file holds no rows", "invalid_training_file", param);
  return rows;
}

function readRow(text: string, line: number, param: string): TrainingRow {
  const fail = (reason: string) => new JobError(`line ${line}: ${reason}`, "invalid_training_file", param);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail("not valid JSON");
  }
  const parsed = trainingRow.safeParse(value);
  if (!parsed.success) throw fail(parsed.error.issues[0]?.message ?? "cannot be used");
  const row = parsed.data;
  if ("prompt" in row) return row;
  return { prompt: renderMessages(row.messages.slice(0, -1)), completion: row.messages.at(-1)?.content ?? "" };
}
