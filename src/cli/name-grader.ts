import type { Enforcement } from "../sandbox/contract.js";
import { version } from "../version.js";

/** The `grader` of every result row of this run, for instance `assay 0.1.0, python 3.11.2`. */
export function nameGrader({ runtime }: Enforcement): string {
  return `assay ${version}, ${runtime}`;
}
