import { Router } from "express";
import { z } from "zod";

import { sliceArray, sliceObject } from "../../grading/input/raw-json.js";
import { VERDICTS, type VerdictRecord } from "../../grading/types.js";
import type { Caller, Service } from "../contract.js";
import { BODY_LIMIT, bodyText, callerOf, jsonBody } from "../http.js";
import { askPatiently } from "../patience.js";
import { answerInDetail, parseBody, requireScored } from "./fastapi.js";
import { readLabel } from "./labels.js";
import { optionsFor, passRate, readRule, rewardFor, type RewardRule } from "./reward-rule.js";
import { takeResponse } from "./special-tokens.js";

const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(10_000);
const requestSchema = z
  .object({ query: list(z.string()), prompts: list(z.string()), labels: list(z.unknown()) })
  .refine(({ query, prompts }) => query.length === prompts.length, {
    path: ["prompts"],
    error: "must be as long as query",
  })
  .refine(({ query, labels }) => query.length === labels.length, {
    path: ["labels"],
    error: "must be as long as query",
  });

/** OpenRLHF waits 180 s for the answer to a whole request. */
const PATIENCE_MS = 170_000;
/** Samples of one request that are asked for at the same time. */
const TOGETHER = 64;
/** A fault is no verdict of a program's, and it is never answered. */
const LOGGED = VERDICTS.filter((verdict) => verdict !== "infrastructure_error");

/**
 * OpenRLHF's remote reward model (`--reward.remote_url`, before 0.9 `--remote_rm_url`): `POST /get_reward`.
 *
 * A fault of ours, a full queue and a deadline are 503, for the whole request: it is tried again five times, and a `null`
 * among the rewards would end the trainer. A label that names no problem is a mistake in the data and a 400; a problem
 * that cannot be graded is a reward of 0 and shows in `extra_logs.invalid_problem`.
 */
export function openrlhfRouter(service: Service): Router {
  const router = Router();

  router.post("/get_reward", jsonBody(BODY_LIMIT.large), async (req, res) => {
    const { query, prompts } = parseBody(requestSchema, req.body);
    const rule = readRule(req);
    const caller = callerOf(req, res, { deadlineMs: PATIENCE_MS });
    // Later URLs of a trainer that has more of them than samples get empty lists.
    if (query.length === 0) return void res.json({ rewards: [], scores: [], extra_logs: {} });
    const labels = sliceArray(sliceObject(bodyText(req)).get("labels")?.raw ?? "[]");
    const tasks = query.map((text, index) => {
      const problem = readLabel(service, labels[index]?.raw ?? "null", `labels[${index}]`);
      const completion = takeResponse(text, prompts[index] ?? "");
      const sample = { taskId: problem.id, completion, solution: null, row: {} };
      return { problem, sample, options: optionsFor(rule) };
    });
    const records = await gradeAll(service, tasks, caller);
    const rewards = records.map((record) => rewardFor(record, rule));
    res.json({ rewards, scores: rewards, extra_logs: describeLogs(records, rule) });
  });

  router.use(answerInDetail(503));
  return router;
}

async function gradeAll(
  service: Service,
  tasks: readonly Parameters<Service["grade"]>[0][],
  caller: Caller,
): Promise<VerdictRecord[]> {
  const records: VerdictRecord[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < tasks.length; index = next++) {
      const task = tasks[index];
      if (task === undefined) return;
      try {
        records[index] = requireScored(await askPatiently(() => service.grade(task, caller), caller));
      } catch (error) {
        next = tasks.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
  return records;
}

/** Numbers only, and the same keys each time: the trainer makes tensors of them and joins those of all samples. */
function describeLogs(records: readonly VerdictRecord[], rule: RewardRule): Record<string, number[]> {
  const verdicts = LOGGED.map(
    (verdict) => [verdict, records.map((record) => Number(record.verdict === verdict))] as const,
  );
  return { ...(rule.rule === "fraction" ? { pass_rate: records.map(passRate) } : {}), ...Object.fromEntries(verdicts) };
}
