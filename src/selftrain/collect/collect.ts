import { rm } from "node:fs/promises";
import PQueue from "p-queue";
import type { Problem } from "../../grading/types.js";
import { readLines } from "../../grading/input/lines.js";
import type { FileFacts } from "../folder/files.js";
import { sampleRow, type Cost, type StepName } from "../records.js";
import { StoppedError } from "../stopped.js";
import type { Watch } from "../watch.js";
import { ask, type Range, type Source } from "./ask.js";
import type { Judge } from "./judge.js";
import { toVerdictRow, verdictRow, type Judged } from "./rows.js";
import { Store } from "./store.js";

export interface CollectOptions {
  readonly step: StepName;
  readonly problems: readonly Problem[];
  readonly source: Source;
  readonly judge: Judge;
  /** Programs in flight. */
  readonly jobs: number;
  readonly samplesPath: string;
  readonly verdictsPath: string;
  readonly watch: Watch;
  readonly signal: AbortSignal;
}

export interface Collected {
  readonly cost: Cost;
  readonly files: ReadonlyMap<string, FileFacts>;
}

/** Samples that may wait to be judged before no more are asked for, for each program in flight. */
const BACKLOG = 32;

/**
 * Draws samples of every problem and judges them while more are drawn. Each answer is on disk before it is used; what
 * an earlier process left is gone on with. At the end there are two files, in the order of the problems.
 *
 * @throws StoppedError when the server cannot be used; what it answered until then is kept
 */
export async function collect(options: CollectOptions): Promise<Collected> {
  const { problems, source, samplesPath, verdictsPath, watch, step } = options;
  const logs = [`${samplesPath}.log`, `${verdictsPath}.log`] as const;
  const store = await Store.open(...logs);
  const resumed = store.judged;
  const stop = watch.begin(() => ({
    ...{ iteration: source.iteration, step, doing: source.purpose, resumed },
    ...{ done: store.judged, total: problems.length * source.samples, accepted: store.accepted },
  }));
  try {
    await drawAndJudge(store, options);
    const files = await store.finish(problems, { samples: samplesPath, verdicts: verdictsPath });
    return { cost: store.cost(), files };
  } finally {
    await stop();
    await store.close();
  }
}

/** Removes the logs of a step that is marked as done; its files say the same. */
export async function clearLogs(paths: Iterable<string>): Promise<void> {
  for (const path of paths) await rm(`${path}.log`, { force: true });
}

async function drawAndJudge(store: Store, options: CollectOptions): Promise<void> {
  const { problems, source, judge, jobs, signal } = options;
  const failures: unknown[] = [];
  const draining = new AbortController();
  const fail = (error: unknown): void => {
    failures.push(error);
    draining.abort();
  };
  const isOver = (): boolean => failures.length > 0 || signal.aborted;
  const judging = new PQueue({ concurrency: jobs });
  const submit = (problem: Problem, text: string, sample: number): void => {
    const work = async (): Promise<void> => {
      if (isOver()) return;
      const record = await judge(problem, text);
      // The sandbox may be on its way out then, and the verdict may speak of that.
      if (!signal.aborted) await store.keepVerdict(toVerdictRow(sample, record));
    };
    judging.add(work).catch(fail);
  };
  const roomToJudge = (): Promise<void> => judging.onSizeLessThan(BACKLOG * jobs);

  const old = async (): Promise<void> => {
    for await (const { problem, row, at } of store.unjudged(problems)) {
      if (isOver()) return;
      submit(problem, row.choices[at]?.text ?? "", row.first + at);
      await roomToJudge();
    }
  };
  const fresh = store.missing(problems, source.samples, source.endpoint.max_n);
  const draw = async (): Promise<void> => {
    for (let next = fresh.next(); next.done !== true; next = fresh.next()) {
      for (let open: Range | null = next.value; open !== null;) {
        if (isOver()) return;
        const row = await ask(source, open, { signal, draining: draining.signal });
        await store.keepAnswer(row);
        for (const [at, { text }] of row.choices.entries()) submit(open.problem, text, row.first + at);
        open = restOf(open, row.choices.length);
        await roomToJudge();
      }
    }
  };

  // What is there already is looked up first, before new answers change the index.
  await old().catch(fail);
  await Promise.all(Array.from({ length: source.endpoint.concurrency }, () => draw().catch(fail)));
  await judging.onIdle();
  signal.throwIfAborted();
  if (failures.length > 0) throw failures.find((error) => error instanceof StoppedError) ?? failures[0];
}

/** What a server left out when it answered with fewer choices than it was asked for. */
function restOf({ problem, first, count }: Range, got: number): Range | null {
  return got < count ? { problem, first: first + got, count: count - got } : null;
}

/** Samples with their verdicts, from the two files of a step that is whole. */
export async function* readJudged(samplesPath: string, verdictsPath: string): AsyncGenerator<Judged> {
  const verdicts = readLines(verdictsPath);
  try {
    for await (const { text } of readLines(samplesPath)) {
      const sample = sampleRow.parse(JSON.parse(text));
      const next = await verdicts.next();
      const verdict = verdictRow.parse(JSON.parse(next.done === true ? "null" : next.value.text));
      if (verdict.task_id !== sample.task_id || verdict.sample !== sample.sample) {
        throw new Error(`${samplesPath} and ${verdictsPath} are not in step at ${sample.task_id}`);
      }
      yield { sample, verdict };
    }
  } finally {
    await verdicts.return();
  }
}
