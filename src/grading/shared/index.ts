import { dropMain } from "../languages/definitions.js";
import { countOpenBraces, maskText } from "../languages/syntax.js";
import type { SharedTests } from "../types.js";
import { cpp } from "./cpp.js";
import { d } from "./dlang.js";
import type { Driver } from "./driver.js";
import { go } from "./go.js";
import { java } from "./java.js";
import { julia } from "./julia.js";
import { racket } from "./racket.js";
import { rust } from "./rust.js";
import { bash, csharp, javascript, lua, perl, php, r, ruby, scala, typescript } from "./scripts.js";
import { swift } from "./swift.js";
import { drawSecret, FAILED, type Secret } from "./secret.js";

const DRIVERS: Readonly<Record<string, Driver>> = {
  ...{
    bash,
    cpp,
    csharp,
    d,
    go,
    java,
    javascript,
    julia,
    lua,
    perl,
    php,
    r,
    racket,
    ruby,
    rust,
    scala,
    swift,
    typescript,
  },
};

/** Whether test code in this language can be run. */
export function hasDriver(language: string): boolean {
  return Object.hasOwn(DRIVERS, language);
}

/** A candidate's program with the tests of its problem, as one program. */
export interface TestProgram {
  readonly source: string;
  /** What is on a line of stdout if and only if the tests were run to their end and held. */
  readonly token: string;
}

/** What the candidate wrote, and the prompt before it where it goes on from there. */
export interface CandidateProgram {
  readonly source: string;
  /** It was handed in as a program, so that it has to close its braces by itself; a completion may have been cut off. */
  readonly isWhole: boolean;
}

/** A test program, or why the candidate's program may not be put into one. */
export type Assembled = { readonly program: TestProgram } | { readonly refused: string };

/**
 * Puts tests behind a program, under a new secret.
 *
 * @throws RangeError for a language without a driver
 */
export function assembleTests(
  language: string,
  tests: SharedTests,
  { source: program, isWhole }: CandidateProgram,
  secret: Secret = drawSecret(),
): Assembled {
  const driver = DRIVERS[language];
  if (driver === undefined) throw new RangeError(`test code in ${language} cannot be run`);
  const refused = driver.refuse?.(program) ?? null;
  if (refused !== null) return { refused };
  const ready = leaveOpen({ source: dropMain(program, language), isWhole }, language, tests.open);
  const source = driver.assemble({ program: ready, tests: tests.source, setup: tests.setup, secret });
  return { program: { source, token: secret.token } };
}

/** Whether stderr tells that a test failed, and not the program. */
export function tellsFailedTest(language: string, stderr: string): boolean {
  return stderr.includes(FAILED) || DRIVERS[language]?.failed?.test(stderr) === true;
}

/**
 * Closes braces, or takes closing ones off the end, until as many are open as the tests go on in. A whole program whose
 * braces do not fit is left to fail.
 */
export function leaveOpen({ source, isWhole }: CandidateProgram, language: string, open: number | null): string {
  if (open === null) return source;
  const masked = maskText(source, language);
  const depth = countOpenBraces(masked);
  if (isWhole && depth !== 0) return source;
  if (depth >= open) return `${source}\n${"}\n".repeat(Math.min(depth - open, MOST_BRACES))}`;
  let end = masked.length;
  for (let surplus = open - depth; surplus > 0; surplus--) end = masked.lastIndexOf("}", end - 1);
  return end >= 0 && /^[\s};]*$/.test(masked.slice(end)) ? source.slice(0, end) : source;
}

const MOST_BRACES = 16;
