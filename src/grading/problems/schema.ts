import { z } from "zod";
import { InputError } from "../../errors.js";
import { JsonError, parseJson, sliceArray } from "../input/raw-json.js";
import type { Problem, ProblemFormat } from "../types.js";
import { findFieldFault } from "./field-fault.js";
import type { Row } from "./rows.js";

/** Reads the rows of one family of data sets. */
export interface RowReader {
  readonly format: ProblemFormat;
  /** What its rows are told by, for the message when no reader knows a row. */
  readonly recognisedBy: string;
  /** Which field the key of a row stands for in a file that is one object of rows. */
  readonly idField: string;
  /** Rows may lack the id field: they are numbered from 0 then. */
  readonly numbered?: boolean;
  /** An id may come again, in another split or of another source; the problems are told apart by number then. */
  readonly mayRepeat?: boolean;
  recognises(fields: ReadonlyMap<string, string>): boolean;
  /** @throws InputError naming file, line and field */
  read(row: Row): Problem;
}

/** A field whose value is `schema`'s. Rows hold JSON texts, so the text is parsed first. */
export function json<T extends z.ZodType>(schema: T) {
  return z.string("is missing").transform(orIssue(parseJson)).pipe(schema);
}

/** A field whose value is `schema`'s, as it is or as a JSON text inside a string. */
export function jsonOrText<T extends z.ZodType>(schema: T) {
  const unwrapped = z.unknown().transform((value, context) => {
    if (typeof value !== "string") return value;
    return orIssue(parseJson, "not valid JSON: ")(value, context);
  });
  return json(unwrapped.pipe(schema));
}

/** An array whose items are kept as the JSON texts they were written in. */
export const rawItems = z.string("is missing").transform(orIssue((text) => sliceArray(text).map(({ raw }) => raw)));

/** The whole value as the JSON text it was written in. */
export const rawText = z.string("is missing");

/** Python source; carriage returns, which some data sets carry, are dropped. */
export const source = z.string().transform((text) => text.replaceAll("\r", ""));

/**
 * The fields of a row by a schema made of `json`, `rawItems` and `rawText`; fields it does not name are left alone.
 * @throws InputError for the first field that is missing or of the wrong type
 */
export function readFields<T extends z.ZodObject>(row: Row, schema: T): z.output<T> {
  const wanted = Object.keys(schema.shape).map((name) => [name, row.fields.get(name)] as const);
  const parsed = schema.safeParse(Object.fromEntries(wanted.filter(([, raw]) => raw !== undefined)));
  if (parsed.success) return parsed.data;
  const { field, message } = findFieldFault(parsed.error);
  throw new InputError(message, { file: row.file, line: row.line, field });
}

/** The row with its key in the id field, where it has no id of its own. */
export function nameByKey(row: Row, idField: string): Row {
  if (row.key === null || row.fields.has(idField)) return row;
  return { ...row, fields: new Map(row.fields).set(idField, JSON.stringify(row.key)) };
}

/** The row with its place in the file, from 0, in the id field, where it has no id of its own. */
export function nameByPlace(row: Row, { idField, numbered }: RowReader, place: number): Row {
  if (numbered !== true || row.fields.has(idField)) return row;
  return { ...row, fields: new Map(row.fields).set(idField, String(place)) };
}

function orIssue<T>(read: (text: string) => T, before = "") {
  return (text: string, context: Pick<z.RefinementCtx, "addIssue">): T => {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      context.addIssue({ code: "custom", message: before + error.message });
      return z.NEVER;
    }
  };
}
