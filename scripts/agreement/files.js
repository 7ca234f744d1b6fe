import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";

/** The text of a file, gunzipped when its name says so. */
export function readText(path) {
  const bytes = readFileSync(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** The rows of a JSON Lines file, plain or gzip. */
export function readRows(path) {
  return readText(path)
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line.replace(OUTSIDE_JSON, (token) => (token.startsWith('"') ? token : "null"))));
}

/** Strings, which are left alone, and the numbers that Python writes although JSON has none such. */
const OUTSIDE_JSON = /"(?:\\.|[^"\\])*"|-?Infinity|NaN/g;

/** Writes rows as JSON Lines, gzipped when the name says so. */
export function writeRows(path, rows) {
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  writeFileSync(path, path.endsWith(".gz") ? gzipSync(text) : text);
}

/** Positional command-line arguments; ends the process with a usage line when there are too few. */
export function takeArguments(usage) {
  const wanted = usage.split(" ").filter((word) => word.startsWith("<")).length;
  const given = process.argv.slice(2);
  if (given.length >= wanted) return given;
  console.error(`usage: node ${usage}`);
  process.exit(1);
}
