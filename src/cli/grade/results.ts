import { createWriteStream } from "node:fs";
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { InputError } from "../../errors.js";
import type { Problem } from "../../grading/types.js";
import type { Context } from "../context.js";
import { readEarlierResults, type EarlierResults, type Provenance as RowProvenance } from "../results/earlier.js";
import { mendResultsFile, openResultsFile, startResultsFile } from "../results/file.js";
import type { ResultSink } from "../results/sink.js";
import { createStreamSink } from "../results/stream.js";
import { statIfThere } from "./outputs.js";
import { checkProvenance, writeProvenance, type Provenance } from "./provenance.js";
import { checkSamples } from "./same-samples.js";
import type { GradeSettings } from "./settings.js";

/** A sink, and what an earlier run left in it. */
export interface OpenResults {
  readonly sink: ResultSink;
  /** The results file, to be read back at the end; null when rows go to a stream. */
  readonly path: string | null;
  readonly finished: number;
  readonly accepted: number;
  /** Rows of the earlier run that are graded again. */
  readonly dropped: number;
}

/** Rows that may be held back for the sake of order, for each job, when they go to a stream. */
const WINDOW_A_JOB = 16;

/**
 * Where the rows of this run go. Files that exist are gone on with, unless `--force`.
 *
 * Throws `InputError` when what is there was made with other settings or belongs to other samples; nothing has been
 * changed then.
 */
export async function openResults(
  settings: GradeSettings,
  find: (taskId: string) => Problem | undefined,
  { rows, run }: { rows: RowProvenance; run: Provenance },
  context: Context,
): Promise<OpenResults> {
  const { out, jobs, force } = settings;
  if (out === "-") return toStream(context.stdout, jobs);
  const status = await statIfThere(out);
  if (status !== null && !status.isFile()) {
    if (status.isDirectory()) throw new InputError("--out: is a folder", { file: out });
    return toStream(createWriteStream(out), jobs);
  }
  // A link is followed once, so that what it points to is rewritten and not the link replaced.
  const path = status === null ? resolve(out) : await realpath(out);
  let earlier: EarlierResults | null = null;
  if (status !== null && !force) {
    earlier = await readEarlierResults(path, rows);
    if (earlier.rows.length > 0) {
      await checkProvenance(path, run);
      await checkSamples(path, earlier, settings.samples, find, context.dependencies.readSamples);
    }
    await mendResultsFile(path, earlier);
  } else await startResultsFile(path);
  await writeProvenance(path, run);
  const sink = await openResultsFile(path, earlier);
  return {
    sink,
    path,
    finished: earlier?.rows.length ?? 0,
    accepted: earlier?.accepted ?? 0,
    dropped: earlier?.dropped ?? 0,
  };
}

function toStream(stream: Context["stdout"], jobs: number): OpenResults {
  const sink = createStreamSink(stream, WINDOW_A_JOB * jobs);
  return { sink, path: null, finished: 0, accepted: 0, dropped: 0 };
}
