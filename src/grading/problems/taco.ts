import { z } from "zod";
import type { Problem } from "../types.js";
import { parseSolutions, readAppsTests } from "./apps.js";
import { json, rawText, readFields, type RowReader } from "./schema.js";
import { raiseLimits } from "./stated-limits.js";

const text = json(z.string().nullish()).optional();
const schema = z.object({
  id: json(z.union([z.int().nonnegative(), z.string().min(1)])),
  question: json(z.string()),
  input_output: rawText,
  solutions: rawText.optional(),
  starter_code: text,
  difficulty: text,
  time_limit: text,
  memory_limit: text,
});

/** What TACO's rows have and APPS' have not. */
const MARKS = ["raw_tags", "skill_types", "Expected Time Complexity"];

/**
 * TACO (BAAI/TACO): rows as APPS has them, without an id (they are numbered from 0, as they come), with the site's
 * limits in words ("2.0 seconds", "256.0 megabytes"). The limits raise the defaults, see `raiseLimits`.
 */
export const taco: RowReader = {
  format: "taco",
  recognisedBy: `TACO: "question" and "input_output", with "raw_tags", "skill_types" or the like`,
  idField: "id",
  numbered: true,
  recognises: (fields) =>
    fields.has("question") && fields.has("input_output") && MARKS.some((name) => fields.has(name)),
  read(row): Problem {
    const fields = readFields(row, schema);
    const { tests, invalid } = readAppsTests(fields.input_output);
    return {
      id: `TACO/${fields.id}`,
      aliases: [String(fields.id)],
      format: "taco",
      prompt: fields.question,
      entryPoint: tests.kind === "calls" ? tests.functionName : null,
      starterCode: fields.starter_code ?? "",
      difficulty: fields.difficulty ?? null,
      tests,
      references: readSolutions(fields.solutions ?? ""),
      limits: raiseLimits(readAmount(fields.time_limit, SECONDS), readAmount(fields.memory_limit, BYTES)),
      invalid,
    };
  },
};

/** Some rows hold solutions that are no list; the problem is usable without. */
function readSolutions(raw: string): string[] {
  try {
    return parseSolutions(raw);
  } catch {
    return [];
  }
}

const SECONDS: Readonly<Record<string, number>> = { second: 1, sec: 1, s: 1, millisecond: 1e-3, ms: 1e-3 };
const BYTES: Readonly<Record<string, number>> = {
  ...{ byte: 1, kilobyte: 1 << 10, kb: 1 << 10, megabyte: 1 << 20, mb: 1 << 20, gigabyte: 1 << 30, gb: 1 << 30 },
};

/** An amount such as "2.0 seconds" in the base unit; null for anything else ("None", "", a unit not known). */
function readAmount(given: string | null | undefined, units: Readonly<Record<string, number>>): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+?)s?\s*$/i.exec(given ?? "");
  const unit = units[match?.[2]?.toLowerCase() ?? ""] ?? units[`${match?.[2]?.toLowerCase() ?? ""}s`];
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}
