import { InputError } from "../../errors.js";

export interface CsvRow {
  /** By the names of the head row. */
  readonly fields: ReadonlyMap<string, string>;
  /** 1-based line on which the row begins. */
  readonly line: number;
}

/**
 * Reads comma-separated values (RFC 4180) with a head row. Spreadsheets that write semicolons or tabs are told by the
 * head row; line ends may be LF or CRLF, and blank rows are skipped.
 *
 * @throws InputError with file, line and field: no head row, a name twice, too many cells, a quote that is not closed
 */
export function readCsv(text: string, file: string): CsvRow[] {
  const rows = splitCells(text.replace(/^\uFEFF/, ""), file).filter(({ cells }) =>
    cells.some((cell) => cell.trim() !== ""),
  );
  const [head, ...body] = rows;
  if (head === undefined) throw new InputError("is empty: expected a row of column names", { file });
  const names = head.cells.map((name) => name.trim().toLowerCase());
  const repeated = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (repeated !== undefined) throw new InputError("is a column twice", { file, line: head.line, field: repeated });
  return body.map(({ cells, line }) => {
    if (cells.slice(names.length).some((cell) => cell.trim() !== "")) {
      throw new InputError(`has ${cells.length} cells, the head row ${names.length}`, { file, line });
    }
    return { line, fields: new Map(names.map((name, index) => [name, cells[index] ?? ""])) };
  });
}

interface Cells {
  readonly cells: string[];
  readonly line: number;
}

function splitCells(text: string, file: string): Cells[] {
  const head = /^[^\r\n]*/.exec(text)?.[0] ?? "";
  const separator = [",", ";", "\t"].find((mark) => head.includes(mark)) ?? ",";
  const rows: Cells[] = [];
  let [cells, cell, line, begin]: [string[], string, number, number] = [[], "", 1, 1];
  const endRow = (): void => {
    rows.push({ cells: [...cells, cell], line: begin });
    [cells, cell] = [[], ""];
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"' && cell === "") {
      const end = findClosing(text, at + 1);
      if (end === -1) throw new InputError("a quote is not closed", { file, line });
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      line += cell.split("\n").length - 1;
      at = end;
    } else if (character === separator) {
      cells.push(cell);
      cell = "";
    } else if (character === "\n") {
      endRow();
      line += 1;
      begin = line;
    } else if (character !== "\r") cell += character;
  }
  if (cell !== "" || cells.length > 0) endRow();
  return rows;
}

/** Where the quoted cell that begins at `from` ends: at a quote that is not doubled. */
function findClosing(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text.charAt(at + 1) !== '"') return at;
  }
  return -1;
}

/** One row as comma-separated values. Cells that a spreadsheet would take for a formula get an apostrophe in front. */
export function writeCsvRow(cells: readonly (string | number)[]): string {
  return cells
    .map((cell) => (typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell)))
    .map((cell) => (/[",;\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(",");
}
