import type { RunSpec } from "./contract.js";

/** How much a run may be given and may give back. Paths and arguments are measured in bytes of UTF-8. */
export const FILES_AT_MOST = 256;
export const FILES_BYTES = 32 << 20;
/** Of all fetched files of a run together; each alone is bounded by `limits.fileBytes`. */
export const FETCHED_BYTES = 64 << 20;
export const ARGUMENTS_AT_MOST = 1024;
export const ARGUMENTS_BYTES = 128 << 10;
const PATH_BYTES = 1024;
const NAME_BYTES = 255;
const DEPTH_AT_MOST = 16;

/**
 * Checks the files, arguments and fetched paths of a run. Throws a RangeError that names what is wrong: a path that is
 * absolute, empty, ends in a slash, has a `..` or a NUL in it or is too long; two files in the same place or one where
 * another needs a folder; an argument with a NUL; more than may be given; any of them for a judged run. So does a live run that is judged, or has an input or files to fetch besides.
 */
export function checkFiles({ judge, files = [], args = [], fetch = [], live, stdin }: RunSpec): void {
  if (live !== undefined && (judge !== undefined || fetch.length > 0 || (stdin?.length ?? 0) > 0)) {
    throw new RangeError("a live run has neither a judge, nor another input, nor files to fetch");
  }
  if (judge !== undefined && files.length + args.length + fetch.length > 0) {
    throw new RangeError("files and arguments are for scripts, not for judged runs");
  }
  for (const [what, list] of [["files", files] as const, ["paths to fetch", fetch] as const]) {
    if (list.length > FILES_AT_MOST) throw new RangeError(`${list.length} ${what} are more than ${FILES_AT_MOST}`);
  }
  const bytes = files.reduce((sum, { content }) => sum + content.byteLength, 0);
  if (bytes > FILES_BYTES) throw new RangeError(`files of ${bytes} bytes are more than ${FILES_BYTES}`);
  checkPlaces(files.map(({ path }) => path));
  fetch.forEach(plainPath);
  checkArguments(args);
}

/**
 * A path as the warden takes it: names with a slash between each two, without the empty ones and the `.` that say
 * nothing. Throws a RangeError that names the path where it does not name a file below the working folder.
 */
export function plainPath(path: string): string {
  const refuse = (why: string): RangeError => new RangeError(`the path ${JSON.stringify(path.slice(0, 200))} ${why}`);
  if (path.startsWith("/")) throw refuse("is absolute");
  if (path.includes("\0")) throw refuse("has a NUL in it");
  if (!path.isWellFormed()) throw refuse("is not valid Unicode");
  if (/(^|\/)\.?$/.test(path)) throw refuse("names no file");
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw refuse("has a .. in it");
  if (names.length > DEPTH_AT_MOST) throw refuse(`is more than ${DEPTH_AT_MOST} deep`);
  const plain = names.join("/");
  if (Buffer.byteLength(plain) > PATH_BYTES || names.some((name) => Buffer.byteLength(name) > NAME_BYTES)) {
    throw refuse("is too long");
  }
  return plain;
}

/** No two files may want the same place, and none the place of a folder that another is in. */
function checkPlaces(paths: readonly string[]): void {
  const plain = paths.map(plainPath);
  const taken = new Set<string>();
  for (const path of plain) {
    if (taken.has(path)) throw new RangeError(`the path ${JSON.stringify(path)} is given twice`);
    taken.add(path);
  }
  for (const path of plain) {
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
      const folder = path.slice(0, end);
      if (taken.has(folder)) throw new RangeError(`the path ${JSON.stringify(folder)} is a file and a folder`);
    }
  }
}

function checkArguments(args: readonly string[]): void {
  if (args.length > ARGUMENTS_AT_MOST) {
    throw new RangeError(`${args.length} arguments are more than ${ARGUMENTS_AT_MOST}`);
  }
  const bytes = args.reduce((sum, argument) => sum + Buffer.byteLength(argument), 0);
  if (bytes > ARGUMENTS_BYTES) throw new RangeError(`arguments of ${bytes} bytes are more than ${ARGUMENTS_BYTES}`);
  args.forEach((argument, index) => {
    if (argument.includes("\0")) throw new RangeError(`argument ${index + 1} has a NUL in it`);
    if (!argument.isWellFormed()) throw new RangeError(`argument ${index + 1} is not valid Unicode`);
  });
}
