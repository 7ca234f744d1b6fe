import { availableParallelism } from "node:os";

import { extractProgram } from "../grading/extraction/index.js";
import { createGrader, nameGrader, type Grader, type GradeOptions } from "../grading/grader.js";
import type { ProblemSet } from "../grading/problems/index.js";
import { limitsOfRun } from "../grading/time-limits.js";
import type { VerdictRecord } from "../grading/types.js";
import type { CellCounts, Sandbox } from "../sandbox/contract.js";
import { findLanguage as findKnown } from "../sandbox/languages.js";
import { resolveLimits } from "../sandbox/limits.js";
import { Admission } from "./admission.js";
import type { Caller, GradeTask, RunAnswer, RunTask, Service } from "./contract.js";
import { RefusedError } from "./contract.js";
import { ServiceEvents } from "./events.js";
import { bytesOfRecord, bytesOfRun, certaintyOfRecord, certaintyOfRun } from "./remembering.js";
import { findLanguage } from "./languages.js";
import { Memory } from "./memory.js";
import { boundLimits } from "./request-limits.js";
import { describeGrading, describeRun, hideFault, hideRunFault } from "./served.js";
import { runProgram } from "./run-program.js";
import { keyOfGrading, keyOfRun } from "./work-key.js";

export interface ServiceOptions {
  readonly sandbox: Sandbox;
  readonly sets?: readonly ProblemSet[];
  /** Programs in the sandbox at the same time; two per processor by default: one that runs and one behind it. */
  readonly jobs?: number;
  /** Pieces of work that may wait; past it, requests are refused as `busy`. */
  readonly maxQueue?: number;
  /** False: nothing is remembered, and equal work in flight is run each time. */
  readonly cache?: boolean;
  /** Bytes that remembered answers may take. */
  readonly cacheBytes?: number;
}

/** What an operator wants to know of a service besides its answers. */
export interface Operations {
  readonly events: ServiceEvents;
  /** False from the moment the service is being stopped. */
  readonly ready: boolean;
  readonly load: () => Load;
  /** Refuses new work, finishes what was asked for, for at most `limitMs`. True when all of it was answered. */
  drain(limitMs: number): Promise<boolean>;
}

export interface Load {
  readonly waiting: number;
  readonly running: number;
  readonly places: number;
  readonly remembered: number;
  readonly rememberedBytes: number;
  /** Cells of the sandbox; null where the sandbox does not tell. */
  readonly cells: CellCounts | null;
}

export type ManagedService = Service & Operations;

const DEFAULTS: GradeOptions = { comparator: "strict", allTests: false, limits: {}, extraction: "auto" };
const MAX_QUEUE = 4096;
const CACHE_BYTES = 64 << 20;
/** Sets of options whose graders are kept; each keeps the plans of problems. */
const GRADERS_KEPT = 32;

/** The service over a sandbox, which stays the caller's to dispose of. */
export function createService(options: ServiceOptions): ManagedService {
  const { sandbox, sets = [], cache: caching = true, cacheBytes = CACHE_BYTES, maxQueue = MAX_QUEUE } = options;
  const places = options.jobs ?? 2 * availableParallelism();
  const admission = new Admission<VerdictRecord | RunAnswer>({ places, maxWaiting: maxQueue });
  const records = new Memory<VerdictRecord>(cacheBytes / 2, (one, other) => one.verdict === other.verdict);
  const answers = new Memory<RunAnswer>(cacheBytes / 2, (one, other) => one.ending === other.ending);
  const events = new ServiceEvents();
  const byName = new Map(sets.map((set) => [set.name, set]));
  const graders = new Map<string, Grader>();
  const grader = nameGrader(sandbox.enforcement);

  const graderFor = (wanted: GradeOptions): Grader => {
    const name = JSON.stringify([
      wanted.comparator,
      wanted.allTests,
      wanted.limits,
      wanted.extraction,
      wanted.equivalence,
      wanted.timeMultipliers,
    ]);
    const made = graders.get(name) ?? createGrader(sandbox, wanted);
    graders.delete(name);
    graders.set(name, made);
    for (const oldest of graders.keys()) if (graders.size > GRADERS_KEPT) graders.delete(oldest);
    return made;
  };

  /** Says so to the events when the caller is refused. */
  const watch = async <T>(caller: Caller, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof RefusedError) {
        events.refused({ at: Date.now(), client: caller.client, reason: error.reason });
      }
      throw error;
    }
  };

  const grade = async (task: GradeTask, caller: Caller): Promise<VerdictRecord> => {
    const { problem, sample, cache = true } = task;
    const given = { ...DEFAULTS, ...task.options };
    const wanted = { ...given, limits: boundLimits(given.limits) };
    // Answers are compared here and now; nothing is run.
    if (problem.tests.kind === "answer") return graderFor(wanted).grade(problem, sample);
    const { source, extraction } = extractProgram(problem, sample, wanted.extraction);
    // There is nothing to run then, so nothing to wait for.
    if (source === null || problem.invalid !== null) return graderFor(wanted).grade(problem, sample);
    const language = sample.language ?? extraction.language;
    const isToldByTag = sample.language === undefined && problem.language === undefined;
    if (isToldByTag && "missing" in findLanguage(language)) {
      // The service offers what is installed. A fault would let a model that writes in another language stop its trainer.
      const nothing = { ...sample, completion: "", solution: null };
      return { ...(await graderFor(wanted).grade(problem, nothing)), extraction };
    }
    const program = { taskId: sample.taskId, completion: null, solution: source, language, row: {} };
    const limits = resolveLimits(wanted.limits, problem.limits);
    const key = cache && caching ? keyOfGrading({ problem, source, language, limits }, wanted, grader) : null;
    const known = key === null ? undefined : records.recall(key);
    if (known !== undefined) return asAnswer(known, { cached: true, queueMs: 0 });
    const { value, queueMs, shared } = await admission.ask({
      key,
      caller,
      work: async (abandoned) => {
        const { record, detail } = hideFault(await graderFor(wanted).grade(problem, program, abandoned));
        if (detail !== null) events.fault({ taskId: problem.id, detail });
        if (key !== null && !abandoned.aborted) {
          records.remember(key, record, bytesOfRecord(record), certaintyOfRecord(record));
        }
        return record;
      },
    });
    return asAnswer(value as VerdictRecord, { cached: shared, queueMs });

    function asAnswer(record: VerdictRecord, { cached, queueMs }: { cached: boolean; queueMs: number }): VerdictRecord {
      const queue_ms = round(cached ? queueMs : queueMs + record.usage.queue_ms);
      return { ...record, task_id: problem.id, extraction, cached, usage: { ...record.usage, queue_ms } };
    }
  };

  const run = async (task: RunTask, caller: Caller): Promise<RunAnswer> => {
    const language = findKnown(task.language);
    const stated = boundLimits(task.limits ?? {});
    const limits = language === null ? resolveLimits(stated) : limitsOfRun(language, { limits: stated });
    const bounded = { ...task, compilerLimits: boundLimits(task.compilerLimits ?? {}) };
    const key = task.cache !== false && caching ? keyOfRun(bounded, limits, grader) : null;
    const known = key === null ? undefined : answers.recall(key);
    if (known !== undefined) return { ...known, queueMs: 0, cached: true };
    const { value, queueMs, shared } = await admission.ask({
      key,
      caller,
      work: async (abandoned) => {
        const { answer, detail } = hideRunFault(await runProgram(sandbox, bounded, limits, abandoned));
        if (detail !== null) events.fault({ taskId: "", detail });
        if (key !== null && !abandoned.aborted) {
          answers.remember(key, answer, bytesOfRun(answer), certaintyOfRun(answer));
        }
        return answer;
      },
    });
    const answer = value as RunAnswer;
    return { ...answer, cached: shared, queueMs: round(shared ? queueMs : queueMs + answer.queueMs) };
  };

  return {
    enforcement: sandbox.enforcement,
    sets: byName,
    events,
    get ready() {
      return !admission.stopping;
    },
    findProblem(id, set) {
      if (set !== undefined) return byName.get(set)?.find(id);
      // An id that fits in two sets names neither: the wrong tests would look like a verdict.
      const found = new Set(sets.flatMap((one) => one.find(id) ?? []));
      const [only] = found;
      return found.size === 1 ? only : undefined;
    },
    grade: (task, caller) =>
      watch(caller, async () => {
        const record = await grade(task, caller);
        events.served(describeGrading(record, caller));
        return record;
      }),
    run: (task, caller) =>
      watch(caller, async () => {
        const answer = await run(task, caller);
        events.served(describeRun(answer, task, caller));
        return answer;
      }),
    load: () => ({
      waiting: admission.waiting,
      running: admission.running,
      places,
      remembered: records.size + answers.size,
      rememberedBytes: records.bytes + answers.bytes,
      cells: sandbox.stats?.() ?? null,
    }),
    drain: (limitMs) => admission.drain(limitMs),
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
