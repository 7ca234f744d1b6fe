import PQueue from "p-queue";
import type { Grader } from "../../grading/grader.js";
import type { Problem, VerdictRecord } from "../../grading/types.js";
import type { Context } from "../context.js";
import { orInterrupt } from "../interrupt.js";
import { startProgress } from "../progress.js";
import type { Soundness } from "./soundness.js";

export interface CheckOptions {
  readonly problems: readonly Problem[];
  readonly grader: Grader;
  readonly jobs: number;
  readonly context: Pick<Context, "stderr" | "now" | "interrupt">;
}

/** Grades every reference of every problem. Throws `Interrupted`, and what the grader throws. */
export async function checkReferences({ problems, grader, jobs, context }: CheckOptions): Promise<Soundness> {
  const references = problems.reduce((sum, problem) => sum + countReferences(problem), 0);
  const found: Soundness = {
    ...{ problems: problems.length, references, sound: 0 },
    ...{ no_reference: [], invalid: [], failing: [], infrastructure_errors: 0 },
  };
  let done = 0;
  let accepted = 0;
  const progress = startProgress({
    output: context.stderr,
    now: context.now,
    read: () => ({ done, accepted, resumed: 0, total: references }),
  });
  const queue = new PQueue({ concurrency: jobs });
  const unsound = new Set<string>();

  const checkOne = async (problem: Problem, reference: number): Promise<void> => {
    const solution = problem.references[reference] ?? "";
    const record = await grader.grade(problem, { taskId: problem.id, completion: null, solution, row: {} });
    done += 1;
    if (record.verdict === "accepted") accepted += 1;
    else {
      unsound.add(problem.id);
      addFailure(found, record, reference);
    }
  };

  try {
    const failed = queue.onError();
    failed.catch(() => undefined);
    for (const problem of problems) {
      if (problem.invalid !== null) found.invalid.push({ task_id: problem.id, reason: problem.invalid });
      else if (problem.references.length === 0) found.no_reference.push(problem.id);
      for (let reference = 0; reference < countReferences(problem); reference += 1) {
        queue.add(() => checkOne(problem, reference)).catch(() => undefined);
        await orInterrupt(Promise.race([queue.onSizeLessThan(1), failed]), context.interrupt);
      }
    }
    await orInterrupt(Promise.race([queue.onIdle(), failed]), context.interrupt);
  } finally {
    queue.clear();
    progress.stop();
  }
  found.sound = problems.filter((problem) => countReferences(problem) > 0 && !unsound.has(problem.id)).length;
  // Programs end in any order; what is shown is in the order of the set.
  const order = new Map(problems.map(({ id }, at) => [id, at]));
  const place = (id: string): number => order.get(id) ?? 0;
  found.failing.sort((a, b) => place(a.task_id) - place(b.task_id) || a.reference - b.reference);
  return found;
}

/** References that are worth running: none of a problem that cannot be graded. */
function countReferences({ invalid, references }: Problem): number {
  return invalid === null ? references.length : 0;
}

function addFailure(found: Soundness, { task_id, verdict, first_failure }: VerdictRecord, reference: number): void {
  if (verdict === "infrastructure_error") found.infrastructure_errors += 1;
  else found.failing.push({ task_id, reference, verdict, first_failure });
}
