/** Exit codes of every verb. */
export const EXIT = { ok: 0, badInput: 1, infrastructure: 2, interrupted: 130 } as const;

/** Where in an input something is wrong: file, 1-based line (or null for a file that is no list of lines), field. */
export interface Location {
  readonly file: string;
  readonly line?: number | undefined;
  readonly field?: string | undefined;
}

/** Input that cannot be used. The message names the place, so that a person can go there. Ends a verb with exit 1. */
export class InputError extends Error {
  override readonly name = "InputError";
  constructor(
    problem: string,
    readonly location?: Location,
  ) {
    super(location === undefined ? problem : `${describe(location)}: ${problem}`);
  }
}

/** The sandbox cannot be had on this machine at all: nothing can be graded here. */
export class SandboxUnavailableError extends Error {
  override readonly name = "SandboxUnavailableError";
}

function describe({ file, line, field }: Location): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return field === undefined ? place : `${place}: field "${field}"`;
}
