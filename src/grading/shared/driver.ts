import type { Secret } from "./secret.js";

/** What a test program is put together from. */
export interface Parts {
  /** The candidate's, without its own `main`, with as many braces open as the tests want. */
  readonly program: string;
  readonly tests: string;
  /** Goes before both: imports that the data set gives its programs. */
  readonly setup: string;
  readonly secret: Secret;
}

/** How the tests of one language are run in one process with the candidate. */
export interface Driver {
  /** The test program: it prints the secret's token, on a line, if and only if all tests were run and none failed. */
  assemble(parts: Parts): string;
  /** What stderr holds where a test failed, apart from what drivers write themselves; else it was the program. */
  readonly failed?: RegExp;
  /** What may stand in the source before it is compiled, or null: a program that reads its own source reads the secret. */
  readonly refuse?: (program: string) => string | null;
}
