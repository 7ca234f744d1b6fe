import { Router } from "express";
import { z } from "zod";

import { sliceObject } from "../../grading/input/raw-json.js";
import type { Service } from "../contract.js";
import { BODY_LIMIT, bodyText, callerOf, jsonBody, parse } from "../http.js";
import { askPatiently } from "../patience.js";
import { answerInDetail, parseBody, requireScored } from "./fastapi.js";
import { readLabel } from "./labels.js";
import { optionsFor, passRate, readRule, rewardFor } from "./reward-rule.js";
import { trimEndMarks } from "./special-tokens.js";

/** The prompt is a text or a list of messages; what to test is all in the label. */
const requestSchema = z.object({ prompt: z.unknown(), response: z.string(), label: z.unknown() });
const querySchema = z.object({ answer: z.enum(["number", "object"]).default("number") });

/** slime gives up after 120 s, of which a request may spend some waiting for one of its 64 connections. */
const PATIENCE_MS = 60_000;

/**
 * slime's `--rm-type remote_rm`: `POST /reward` answers a number, or with `?answer=object` in `--rm-url` an object of
 * which `--reward-key` names a field.
 *
 * A fault of ours, a full queue and a deadline are 503: slime tries any status again that is none of success, ten times
 * and ever more slowly.
 */
export function slimeRouter(service: Service): Router {
  const router = Router();

  router.post("/reward", jsonBody(BODY_LIMIT.usual), async (req, res) => {
    const { response } = parseBody(requestSchema, req.body);
    const rule = readRule(req);
    const { answer } = parse(querySchema, req.query);
    const caller = callerOf(req, res, { deadlineMs: PATIENCE_MS });
    const problem = readLabel(service, sliceObject(bodyText(req)).get("label")?.raw ?? "null", "label");
    const sample = { taskId: problem.id, completion: trimEndMarks(response), solution: null, row: {} };
    const task = { problem, sample, options: optionsFor(rule) };
    const record = requireScored(await askPatiently(() => service.grade(task, caller), caller));
    const reward = rewardFor(record, rule);
    if (answer === "number") return void res.json(reward);
    const { verdict, tests } = record;
    res.json({ reward, verdict, pass_rate: rule.rule === "fraction" ? passRate(record) : null, tests });
  });

  router.use(answerInDetail(503));
  return router;
}
