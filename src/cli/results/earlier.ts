import { InputError } from "../../errors.js";
import { readLines, type Line } from "./lines.js";
import type { Range } from "./rewrite.js";
import { fingerprintRow, parseResultRow, type ResultRow } from "./row.js";

/** What every row of a results file must have been made with, for a run to go on with it. */
export interface Provenance {
  /** What decides for a problem: its own checker or comparator, else that of the run. */
  readonly comparatorOf: (taskId: string) => string;
  readonly grader: string;
  /** Version of the extraction rules. */
  readonly extraction: number;
}

/** A finished row of an earlier run: its bytes with the newline, its line, the sample it came from. */
export interface EarlierRow extends Range {
  readonly line: number;
  readonly fingerprint: string;
}

/** What an earlier run left in a results file. */
export interface EarlierResults {
  readonly rows: readonly EarlierRow[];
  readonly accepted: number;
  /** Rows that ended in `infrastructure_error`, to be graded again. */
  readonly dropped: number;
  /** Where the complete lines end; a half-written line may follow. */
  readonly end: number;
  /** The last row is complete but for its newline. */
  readonly lacksNewline: boolean;
}

export const START_OVER = "--force starts over and overwrites it";

/**
 * Reads a results file that a run is to go on with. Throws `InputError` with file and line for a row that is no
 * result row or was made by another comparator or grader.
 */
export async function readEarlierResults(path: string, expected: Provenance): Promise<EarlierResults> {
  const rows: EarlierRow[] = [];
  let accepted = 0;
  let dropped = 0;
  let end = 0;
  let lacksNewline = false;
  for await (const line of readLines(path)) {
    if (isHalfWritten(line)) break;
    const row = readRow(path, line, expected);
    end = line.end + 1;
    lacksNewline = !line.ended;
    if (row.verdict === "infrastructure_error") dropped += 1;
    else rows.push({ line: line.number, start: line.start, end, fingerprint: fingerprintRow(row) });
    if (row.verdict === "accepted") accepted += 1;
  }
  return { rows, accepted, dropped, end, lacksNewline };
}

/** A line that its writer was stopped in: no newline, and the beginning of an object but not the whole of it. */
function isHalfWritten({ ended, text }: Line): boolean {
  if (ended || !/^\{("|$)/.test(text)) return false;
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

function readRow(path: string, line: Line, expected: Provenance): ResultRow {
  const parsed = parseResultRow(line.text);
  if (!("row" in parsed)) {
    const location = { file: path, line: line.number, field: parsed.field };
    throw new InputError(`${parsed.problem}; this is no row of a results file; ${START_OVER}`, location);
  }
  // It will be graded again, whoever made it.
  if (parsed.row.verdict === "infrastructure_error") return parsed.row;
  const { task_id, comparator, grader, extraction } = parsed.row;
  const now = { ...expected, comparator: expected.comparatorOf(task_id) };
  const found = { comparator, grader, extraction: extraction.version };
  for (const field of ["comparator", "grader", "extraction"] as const) {
    if (found[field] === now[field]) continue;
    const [was, is] = [JSON.stringify(found[field]), JSON.stringify(now[field])];
    const what = field === "extraction" ? `version ${was} of the extraction rules` : was;
    throw new InputError(`graded with ${what}, and now it would be ${is}; ${START_OVER}`, {
      ...{ file: path, line: line.number, field },
    });
  }
  return parsed.row;
}

/** The rows of a results file that is known to be sound, one at a time. */
export async function* readResults(path: string): AsyncGenerator<ResultRow> {
  for await (const line of readLines(path)) {
    const parsed = parseResultRow(line.text);
    if ("row" in parsed) yield parsed.row;
    else throw new InputError(parsed.problem, { file: path, line: line.number, field: parsed.field });
  }
}
