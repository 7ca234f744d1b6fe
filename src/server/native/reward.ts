import { Router } from "express";

import type { VerdictRecord } from "../../grading/types.js";
import { RefusedError, type Caller, type GradeTask, type Service } from "../contract.js";
import {
  BadRequestError,
  BODY_LIMIT,
  bodyText,
  callerOf,
  describeFault,
  jsonBody,
  parse,
  UngradedError,
  USUAL_DEADLINE_MS,
} from "../http.js";
import { sliceArray, sliceObject } from "../../grading/input/raw-json.js";
import { askPatiently } from "../patience.js";
import { rewardRequest, type RewardRequest } from "./schemas.js";
import { toGradeTask } from "./task.js";

/** Samples of one request that are with the service at a time. */
const IN_FLIGHT = 64;

interface Rewarded {
  readonly reward: number | null;
  readonly verdict: string | null;
  readonly error: { readonly kind: string; readonly message: string } | null;
}

/** `POST /v1/reward`: samples to numbers. What could not be graded is null, never a number. */
export function rewardRouter(service: Service): Router {
  const router = Router();
  router.post("/v1/reward", jsonBody(BODY_LIMIT.large), async (req, res) => {
    const request = parse(rewardRequest, req.body);
    const tasks = toTasks(service, request, () => bodyText(req));
    const caller = callerOf(req, res, { deadlineMs: 6 * USUAL_DEADLINE_MS });
    const found = await inWindow(tasks, (task) => rewardOne(service, task, request, caller));
    res.json({
      rewards: found.map(({ reward }) => reward),
      verdicts: found.map(({ verdict }) => verdict),
      errors: found.map(({ error }) => error),
    });
  });
  return router;
}

function toTasks(service: Service, request: RewardRequest, text: () => string): GradeTask[] {
  let raw: readonly { readonly raw: string }[] | null = null;
  const textOf = (index: number) => (): string => {
    raw ??= sliceArray(sliceObject(text()).get("samples")?.raw ?? "[]");
    return raw[index]?.raw ?? "{}";
  };
  return request.samples.map((sample, index) => {
    try {
      const task = toGradeTask(service, sample, textOf(index));
      return request.rule.kind === "fraction" ? { ...task, options: { allTests: true, ...task.options } } : task;
    } catch (error) {
      if (!(error instanceof BadRequestError)) throw error;
      throw new BadRequestError(error.message, `samples[${index}].${error.field}`);
    }
  });
}

async function rewardOne(service: Service, task: GradeTask, request: RewardRequest, caller: Caller): Promise<Rewarded> {
  let record: VerdictRecord;
  try {
    record = await askPatiently(() => service.grade(task, caller), caller);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.reason === "gone" || request.on_fault === "fail") throw error;
    const { kind, message } = describeFault(error);
    return { reward: null, verdict: null, error: { kind, message } };
  }
  const { verdict } = record;
  if (verdict !== "infrastructure_error" && verdict !== "invalid_problem") {
    return { reward: rewardOf(record, task, request), verdict, error: null };
  }
  const message = verdict === "infrastructure_error" ? "the sandbox failed" : (record.first_failure?.stderr ?? "");
  if (request.on_fault === "fail") {
    if (verdict === "invalid_problem") throw new BadRequestError(`the problem cannot be graded: ${message}`, "samples");
    throw new UngradedError(message);
  }
  return { reward: null, verdict, error: { kind: verdict, message } };
}

function rewardOf(
  { verdict, tests, extraction }: VerdictRecord,
  { sample }: GradeTask,
  request: RewardRequest,
): number {
  const { rule, format_penalty } = request;
  const malformed = sample.completion !== null && (extraction.blocks === 0 || extraction.truncated);
  const penalty = malformed ? format_penalty : 0;
  switch (rule.kind) {
    case "binary":
      return (verdict === "accepted" ? 1 : 0) - penalty;
    case "fraction":
      return (tests.total === 0 ? 0 : tests.passed / tests.total) - penalty;
    case "table":
      return (rule.values[verdict] ?? rule.otherwise) - penalty;
  }
}

/** Maps with at most `IN_FLIGHT` at a time; the first failure is thrown once nothing is in flight any more. */
async function inWindow<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length && !failed; index = next++) {
      try {
        results[index] = await map(items[index] as T);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(IN_FLIGHT, items.length) }, work);
  const ends = await Promise.allSettled(workers);
  const failure = ends.find((end) => end.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return results;
}
