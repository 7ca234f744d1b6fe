import { readFile } from "node:fs/promises";

/** A result row as JSON.parse gives it, less what differs from run to run. */
export interface Row {
  readonly task_id: string;
  readonly verdict: string;
  readonly [field: string]: unknown;
}

export const toLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** The whole lines of a JSON Lines file; none where there is no file yet. A line that is still being written is left out. */
export async function readRows(path: string): Promise<Row[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);
}

/** Rows without their timings. */
export function withoutUsage(rows: readonly Row[]): object[] {
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([field]) => field !== "usage")));
}

export const verdictsOf = (rows: readonly Row[]): string[] => rows.map(({ verdict }) => verdict);
