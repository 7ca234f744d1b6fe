import { BadRequestError } from "../http.js";

/**
 * A path inside a program's working folder, as it is.
 * @throws BadRequestError for one that is empty, absolute, leads out, or cannot be a file name on Linux
 */
export function checkPath(path: string, field: string): string {
  const parts = path.split("/");
  const bad = path.length > 1000 || path.includes("\0") || !path.isWellFormed();
  if (bad || parts.some((part) => part === "" || part === "." || part === ".." || Buffer.byteLength(part) > 255)) {
    throw new BadRequestError("must be a path inside the working folder", field);
  }
  return path;
}
