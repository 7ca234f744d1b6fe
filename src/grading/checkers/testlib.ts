import { existsSync, readFileSync } from "node:fs";
import type { JudgingProgram } from "../types.js";

const HEADER = "testlib.h";
/** Where it is looked for, in this order; the first is a path in an environment variable. */
const VARIABLE = "ASSAY_TESTLIB";
const PLACES = ["/usr/local/include/testlib.h", "/usr/include/testlib.h"];

/**
 * The file that a program needs beside its own where it includes testlib.h (github.com/MikeMirzayanov/testlib) and does
 * not bring it. A text says why it cannot be had. testlib.h does not come with assay.
 */
export function findTestlib({
  source,
  files = [],
}: JudgingProgram): { path: string; content: Uint8Array } | string | null {
  const texts = [source, ...files.map(({ content }) => content)];
  const isIncluded = texts.some((text) => /^[ \t]*#[ \t]*include[ \t]*[<"]testlib\.h[>"]/m.test(text));
  if (!isIncluded || files.some(({ path }) => path === HEADER)) return null;
  const named = process.env[VARIABLE];
  const places = named === undefined || named === "" ? PLACES : [named];
  const place = places.find((path) => existsSync(path));
  if (place === undefined)
    return `${HEADER} is not here: put it at ${places.join(" or ")}, or name its place in ${VARIABLE}`;
  try {
    return { path: HEADER, content: readFileSync(place) };
  } catch (error) {
    return `${place} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
