import { z } from "zod";
import { EXIT } from "../../errors.js";
import { writeLines } from "../../grading/problems/rewrite.js";
import { writeCustomRow } from "../../grading/problems/write-custom.js";
import { escapeLine } from "../../report/escape.js";
import type { Context } from "../context.js";
import { Interrupted, orInterrupt } from "../interrupt.js";
import { parseOptions } from "../options.js";
import { resolveProblems } from "../problem-source.js";

const schema = z.object({ out: z.string("is needed: the file to write").min(1, "expected a file") });

/** `assay problems convert`: writes a set of any format in assay's own, and returns the exit code. */
export async function convertSet(
  given: string,
  raw: Readonly<Record<string, unknown>>,
  { dependencies, interrupt, stderr }: Context,
): Promise<number> {
  const { out } = parseOptions(schema, raw);
  try {
    const { problems, format } = await orInterrupt(dependencies.readProblems(resolveProblems(given)), interrupt);
    const rows = function* (): Generator<string> {
      for (const problem of problems) yield writeCustomRow(problem);
    };
    await writeLines(out, rows());
    stderr.write(`${problems.length} problems of the format ${format} written to ${escapeLine(out)}\n`);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof Interrupted) return EXIT.interrupted;
    throw error;
  }
}
