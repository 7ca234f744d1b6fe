import { parse, YAMLParseError } from "yaml";
import type { z } from "zod";
import { describeFieldFault } from "./field-fault.js";

/** What a YAML text holds, by a schema; a text says why it holds no such thing. */
export function readYaml<T extends z.ZodType>(text: string, schema: T): { value: z.output<T> } | string {
  let document: unknown;
  try {
    document = parse(text, { logLevel: "error" }) ?? {};
  } catch (error) {
    // The parser throws the latter for an alias without its anchor, and for aliases that would take all the memory.
    if (!(error instanceof YAMLParseError || error instanceof ReferenceError)) throw error;
    return error.message.split("\n")[0] ?? "";
  }
  const parsed = schema.safeParse(document);
  return parsed.success ? { value: parsed.data } : describeFieldFault(parsed.error);
}
