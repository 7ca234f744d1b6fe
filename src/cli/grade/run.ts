import { EXIT } from "../../errors.js";
import { nameJudge } from "../../grading/checkers/index.js";
import { EXTRACTION_VERSION } from "../../grading/extraction/index.js";
import type { ProblemSet } from "../../grading/problems/index.js";
import type { Enforcement, Sandbox } from "../../sandbox/contract.js";
import { SymbolicCheck } from "../../grading/mathematics/symbolic.js";
import type { Context } from "../context.js";
import { countLines } from "../count.js";
import { escapeControls } from "../../report/escape.js";
import { requireIsolation } from "../options.js";
import { resolveProblems } from "../problem-source.js";
import { startProgress } from "../progress.js";
import { readResults } from "../results/earlier.js";
import { nameGrader } from "../../grading/grader.js";
import { Interrupted, orInterrupt } from "../interrupt.js";
import { gradeSamples } from "./loop.js";
import { prepareOutputs } from "./outputs.js";
import { describeProvenance } from "./provenance.js";
import { openResults, type OpenResults } from "./results.js";
import type { GradeSettings } from "./settings.js";
import type { Counts } from "./summary.js";
import { showOutcome } from "./outcome.js";
import { Tally } from "./tally.js";
import { UnknownTasks } from "./unknown.js";

/**
 * Grades samples as `settings` say and returns the exit code.
 *
 * @throws InputError for unusable input, SandboxUnavailableError, errors of the file system
 */
export async function grade(settings: GradeSettings, context: Context): Promise<number> {
  const { dependencies, interrupt } = context;
  const path = resolveProblems(settings.problems);
  await prepareOutputs(settings, path);
  try {
    const set = await orInterrupt(dependencies.readProblems(path), interrupt);
    say(context, `${set.problems.length} problems, format ${set.format}, from ${path}`);
    const { jobs: cells, isolation } = settings;
    const sandbox = await orInterrupt(dependencies.createSandbox({ cells, isolation }), interrupt);
    try {
      requireIsolation(settings.requireIsolation, sandbox.enforcement);
      sayIsolation(sandbox.enforcement, settings, context);
      return await gradeInSandbox(settings, set, sandbox, context);
    } finally {
      await sandbox.dispose();
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    say(
      context,
      settings.out === "-" ? "interrupted" : "interrupted; running the same command again goes on from here",
    );
    return EXIT.interrupted;
  }
}

async function gradeInSandbox(
  settings: GradeSettings,
  set: ProblemSet,
  sandbox: Sandbox,
  context: Context,
): Promise<number> {
  const { policy, comparator, extraction, equivalence, allTests, limits, timeMultipliers, typeCheck } = settings;
  const graderName = nameGrader(sandbox.enforcement);
  const find = (taskId: string) => set.find(taskId);
  const comparatorOf = (taskId: string): string => {
    const problem = find(taskId);
    return problem === undefined ? comparator : nameJudge(problem.tests, comparator);
  };
  const provenance = {
    rows: { comparatorOf, grader: graderName, extraction: EXTRACTION_VERSION },
    run: describeProvenance(settings, set.problems),
  };
  const results = await openResults(settings, find, provenance, context);
  sayResumed(results, context);

  const grader = context.dependencies.createGrader(sandbox, {
    ...{ comparator, extraction, allTests, limits },
    ...(timeMultipliers === undefined ? {} : { timeMultipliers }),
    ...(equivalence === null ? {} : { equivalence }),
    ...(policy === null ? {} : { policy }),
    ...(typeCheck ? {} : { typeCheck }),
    ...(settings.stdin === undefined ? {} : { stdin: settings.stdin }),
  });
  const tally = new Tally(set);
  const unknown = new UnknownTasks();
  const start = context.now();
  const counts = await gradeAll(settings, { grader, find, results, unknown, tally }, context);
  const seconds = (context.now() - start) / 1000;

  if (results.path !== null) for await (const row of readResults(results.path)) tally.add(row);
  const symbolic = SymbolicCheck.over(sandbox);
  return showOutcome(
    { settings, set, enforcement: sandbox.enforcement, symbolic, graderName, tally, unknown, counts, seconds },
    context,
  );
}

interface Work {
  readonly grader: ReturnType<Context["dependencies"]["createGrader"]>;
  readonly find: ProblemSet["find"];
  readonly results: OpenResults;
  readonly unknown: UnknownTasks;
  readonly tally: Tally;
}

async function gradeAll(settings: GradeSettings, work: Work, context: Context): Promise<Counts> {
  const { results, unknown, tally, grader, find } = work;
  const { sink, path, finished } = results;
  const counts: Counts = { samples: 0, graded: 0 };
  let accepted = results.accepted;
  let total: number | null = null;
  const counting = new AbortController();
  void countLines(settings.samples, counting.signal).then((lines) => (total = lines));
  const progress = startProgress({
    output: context.stderr,
    now: context.now,
    read: () => ({
      done: finished + counts.graded,
      accepted,
      resumed: finished,
      total: total === null ? null : total - unknown.samples,
    }),
  });
  try {
    await gradeSamples({
      ...{ sink, grader, find, jobs: settings.jobs, interrupt: context.interrupt },
      requireIsolated: settings.requireIsolated,
      samples: countSamples(context.dependencies.readSamples(settings.samples), counts),
      onGraded(record, row) {
        counts.graded += 1;
        if (record.verdict === "accepted") accepted += 1;
        if (path === null) tally.add(row);
      },
      onUnknown: (taskId) => unknown.add(taskId),
    });
  } finally {
    counting.abort();
    progress.stop();
    // Also when something went wrong: what was graded is kept.
    await sink.finish();
  }
  return counts;
}

async function* countSamples<T>(samples: AsyncIterable<T>, counts: Counts): AsyncGenerator<T> {
  for await (const sample of samples) {
    counts.samples += 1;
    yield sample;
  }
}

function sayResumed({ path, finished, dropped }: OpenResults, context: Context): void {
  if (path === null || finished + dropped === 0) return;
  const again = dropped === 0 ? "" : `, ${dropped} that ended in an infrastructure error are graded again`;
  say(context, `going on with ${path}: ${finished} rows are there already${again}`);
}

/** Less than there could be is never passed over in silence. */
function sayIsolation({ isolation: tier }: Enforcement, { isolation }: GradeSettings, context: Context): void {
  if (isolation === "auto" && tier !== "namespaces") {
    say(context, `isolation is ${tier}: no namespaces can be had here; assay doctor says why`);
  }
}

function say({ stderr }: Context, line: string): void {
  stderr.write(`${escapeControls(line)}\n`);
}
