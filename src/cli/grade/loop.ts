import PQueue from "p-queue";
import type { Grader } from "../../grading/grader.js";
import { refuseShared } from "../../grading/integrity.js";
import type { Problem, Sample, VerdictRecord } from "../../grading/types.js";
import { fingerprintSample, joinRow, type ResultRow } from "../results/row.js";
import type { ResultSink } from "../results/sink.js";
import { Interrupted, orInterrupt } from "../interrupt.js";

export interface LoopOptions {
  readonly samples: AsyncIterable<{ readonly sample: Sample; readonly line: number }>;
  /** The problem that a sample's task id names. */
  readonly find: (taskId: string) => Problem | undefined;
  readonly grader: Grader;
  readonly sink: ResultSink;
  /** Most samples in flight at once. */
  readonly jobs: number;
  /** Passes count only where the tests ran apart from the candidate. */
  readonly requireIsolated: boolean;
  readonly interrupt: AbortSignal;
  readonly onGraded: (record: VerdictRecord, row: ResultRow) => void;
  readonly onUnknown: (taskId: string) => void;
}

/**
 * Grades a stream of samples, reading on only when a job is free. Unreadable samples, and failures of the grader or
 * of the sink, are thrown after what is in flight is finished and handed to the sink; `Interrupted` at once.
 */
export async function gradeSamples(options: LoopOptions): Promise<void> {
  const { samples, find, sink, interrupt, onUnknown } = options;
  const queue = new PQueue({ concurrency: options.jobs });
  const iterator = samples[Symbol.asyncIterator]();
  const failures: unknown[] = [];
  let index = 0;
  try {
    while (failures.length === 0) {
      const next = await orInterrupt(iterator.next(), interrupt);
      if (next.done === true) break;
      const { sample } = next.value;
      const problem = find(sample.taskId);
      if (problem === undefined) {
        onUnknown(sample.taskId);
        continue;
      }
      const place = index++;
      if (sink.claim(place, fingerprintSample(sample.row, problem.id))) continue;
      void queue.add(() => gradeOne(options, problem, sample, place)).catch((error: unknown) => failures.push(error));
      await orInterrupt(queue.onSizeLessThan(1), interrupt);
    }
  } catch (error) {
    if (error instanceof Interrupted) {
      queue.clear();
      throw error;
    }
    failures.push(error);
  } finally {
    // Not awaited: it settles only when the reading it may be in the midst of does.
    iterator.return?.().catch(() => undefined);
  }
  await orInterrupt(queue.onIdle(), interrupt);
  if (failures.length > 0) throw failures[0];
}

async function gradeOne(options: LoopOptions, problem: Problem, sample: Sample, index: number): Promise<void> {
  const { grader, sink, interrupt, onGraded, requireIsolated } = options;
  const graded = await grader.grade(problem, sample);
  const record = requireIsolated ? refuseShared(graded) : graded;
  // The sandbox is on its way out then, and the verdict may speak of that.
  if (interrupt.aborted) return;
  const row = joinRow(sample.row, record);
  await sink.write(index, row);
  onGraded(record, row);
}
