import { InputError } from "../../errors.js";
import type { Problem } from "../../grading/types.js";
import type { Dependencies } from "../context.js";
import { START_OVER, type EarlierResults } from "../results/earlier.js";
import { fingerprintSample } from "../results/row.js";
import { statIfThere } from "./outputs.js";

/**
 * Throws `InputError` when a row of `earlier` (read from `path`) comes from none of the samples. Samples that can be
 * read only once are taken on trust. Reads no further than the last sample that has a row.
 */
export async function checkSamples(
  path: string,
  earlier: EarlierResults,
  samples: string,
  find: (taskId: string) => Problem | undefined,
  readSamples: Dependencies["readSamples"],
): Promise<void> {
  if (samples === "-" || (await statIfThere(samples))?.isFile() !== true) return;
  const left = new Map<string, number[]>();
  for (const { fingerprint, line } of earlier.rows) {
    const lines = left.get(fingerprint);
    if (lines === undefined) left.set(fingerprint, [line]);
    else lines.push(line);
  }
  try {
    for await (const { sample } of readSamples(samples)) {
      const problem = find(sample.taskId);
      if (problem === undefined) continue;
      const fingerprint = fingerprintSample(sample.row, problem.id);
      const lines = left.get(fingerprint);
      lines?.shift();
      if (lines?.length === 0) left.delete(fingerprint);
      if (left.size === 0) return;
    }
  } catch (error) {
    // A row that cannot be read is reported when its turn comes; until then nothing can be said of what follows it.
    if (error instanceof InputError) return;
    throw error;
  }
  const [line] = [...left.values()].flat().sort((a, b) => a - b);
  throw new InputError(`this row belongs to no sample of ${samples}; ${START_OVER}`, { file: path, line });
}
