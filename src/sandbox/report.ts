import { z } from "zod";

import type { JudgeReport } from "./contract.js";

/** What a judge sends: its report, and why the program could not be loaded (exception families, message, traceback). */
export type WireReport = JudgeReport & { readonly loadError: readonly [readonly string[], string, string] | null };

const count = z.int().nonnegative();
const text = z.string();

const wireReport = z
  .object({
    ...{ total: count, run: count, passed: count, failed: z.array(count) },
    firstFailure: z
      .object({
        index: count,
        outcome: z.enum(["passed", "failed", "raised", "died", "broken"]),
        ...{ input: text, expected: text, actual: text, message: text },
      })
      .nullable(),
    loadError: z.tuple([z.array(text), text, text]).nullable(),
  })
  .refine(({ total, run, passed, failed }) => passed + failed.length === run && run <= total, "counts that cannot be")
  .refine(isWhole, "a report of success that names no success");

/**
 * Reads a judge's report. The judge has read what a candidate sent, so its words are checked like anybody's.
 * @throws Error for anything but a report that holds together: no failure means that all passed
 */
export function readReport(body: Buffer): WireReport {
  return wireReport.parse(JSON.parse(body.toString()));
}

function isWhole({ run, passed, firstFailure, loadError }: WireReport): boolean {
  return firstFailure !== null || (passed === run && loadError === null);
}
