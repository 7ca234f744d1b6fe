import { Router } from "express";

import type { Service } from "../contract.js";
import { BODY_LIMIT, BadRequestError, callerOf, jsonBody } from "../http.js";
import { evaluate, evaluateNothing } from "./eval-result.js";
import { answerInDetail, GraderFaultError, parseBody } from "./fastapi.js";
import { insist } from "./insist.js";
import * as data from "./sandbox-fusion-data.js";
import {
  COMPILE_SECONDS,
  findLanguage,
  runCodeSchema,
  sandboxError,
  toRunCodeResponse,
  toRunTask,
} from "./sandbox-fusion-wire.js";

/** verl waits for compile + run + 10 s; its answer has to be there a little before. */
const VERL_EXTRA_MS = 10_000;
const MARGIN_MS = 2_000;
/** Seconds that SandboxFusion allows for a test of `/submit` where a request does not say. */
const RUN_SECONDS = 20;

/**
 * SandboxFusion (https://github.com/bytedance/SandboxFusion): `/run_code`, `/submit`, the routes about data sets and
 * `/v1/ping`; the sets that were loaded are its data sets.
 *
 * A fault of ours, a full queue and a deadline are all 504. verl tries nothing but a 504 again (three times) and scores
 * every other status, and `SandboxError` with a 200, as a failed test; SandboxFusion's own SDK and ROLL try any status
 * again that is not 200. `SandboxError` is left for what no other attempt can change: a language that is not installed.
 */
export function sandboxFusionRouter(service: Service): Router {
  const router = Router();
  const body = jsonBody(BODY_LIMIT.large);

  router.get("/v1/ping", (_req, res) => void res.json("pong"));

  router.post("/run_code", body, async (req, res) => {
    const wanted = parseBody(runCodeSchema, req.body);
    const seconds = (wanted.compile_timeout ?? COMPILE_SECONDS) + wanted.run_timeout;
    const caller = callerOf(req, res, { deadlineMs: seconds * 1000 + VERL_EXTRA_MS - MARGIN_MS });
    const language = findLanguage(wanted.language);
    if (language === undefined) return void res.json(sandboxError(`${wanted.language} is not installed here`));
    const task = toRunTask(wanted, language);
    const answer = await insist(
      caller,
      () => service.run(task, caller),
      ({ ending }) => ending === "infrastructure_error",
    );
    if (answer.ending === "infrastructure_error") throw new GraderFaultError();
    res.json(toRunCodeResponse(answer, wanted.fetch_files));
  });

  router.post("/submit", body, async (req, res) => {
    const { id, completion, config, ...rest } = parseBody(data.submitSchema, req.body);
    const caller = callerOf(req, res);
    const language = config.language ? findLanguage(config.language) : null;
    if (language === undefined) {
      return void res.json(evaluateNothing(id, `${config.language ?? ""} is not installed here`));
    }
    refuseForeignCode(config);
    const problem = data.findSubmitted(service, { id, completion, config, ...rest });
    // Problems of a loaded set bring limits of their own.
    const seconds = config.run_timeout ?? (service.sets.has(rest.dataset) ? null : RUN_SECONDS);
    const limits = seconds === null ? {} : data.limitSeconds(seconds);
    const all = config.extra?.["run_all_cases"] === true;
    const task = { id, problem, completion, language, limits, all, totalMs: null };
    res.json(await evaluate(service, task, caller));
  });

  router.get("/list_datasets", (_req, res) => void res.json([...service.sets.keys()]));

  router.post("/list_ids", body, (req, res) => {
    res.json(data.listPrompts(service, parseBody(data.promptsSchema, req.body)).map(({ id }) => id));
  });

  router.post("/get_prompts", body, (req, res) => {
    res.json(data.listPrompts(service, parseBody(data.promptsSchema, req.body)));
  });

  router.post("/get_prompt_by_id", body, (req, res) => {
    const { dataset, id } = parseBody(data.promptByIdSchema, req.body);
    const problem = data.findInSet(service, dataset, id);
    if (problem === undefined) throw new BadRequestError("no such dataset is loaded", "dataset");
    res.json(data.describePrompt(problem));
  });

  router.use(answerInDetail(504));
  return router;
}

/** Python that picks the code out of a completion would have to run outside of any sandbox. */
export function refuseForeignCode({ custom_extract_logic: logic }: data.TestConfig): void {
  if (typeof logic === "string") throw new BadRequestError("is not supported", "config.custom_extract_logic", 422);
}
