import { Router, type Request, type Response } from "express";

import type { Service } from "../contract.js";
import { BODY_LIMIT, BadRequestError, callerOf, jsonBody } from "../http.js";
import { findByJudge0Id, listLanguages, type Language } from "../languages.js";
import { answerFaults, sayInOwnWords } from "./answer-faults.js";
import { JUDGE0_CONFIG, JUDGE0_VERSION, nameForJudge0, STATUSES } from "./judge0-config.js";
import { SubmissionDesk, type DeskOptions } from "./judge0-desk.js";
import { readOrder } from "./judge0-submission.js";
import { describeSubmission, readFields } from "./judge0-view.js";

/** Milliseconds that a client with `wait=true` is kept waiting at most. */
const WAIT_MS = 10 * 60_000;
const NO_UTF8 = "cannot be converted to UTF-8, use base64_encoded=true query parameter";

/**
 * Judge0 (https://github.com/judge0/judge0/tree/master/docs/api): `/submissions` with `wait`, `base64_encoded`, `fields`
 * and `batch`, `/languages`, `/statuses`, `/config_info`, `/about`. Texts are base64 where `base64_encoded=true`, as
 * documented. Submissions are kept in memory and go after an hour. A fault of ours is status 13, a full queue 503.
 */
export function judge0Router(service: Service, options: DeskOptions = {}): Router {
  const router = Router();
  const desk = new SubmissionDesk(service, options);
  const body = jsonBody(BODY_LIMIT.usual);

  router.post("/submissions", body, async (req, res) => {
    const base64 = isTrue(req, "base64_encoded");
    const fields = demandFields(req);
    const read = await readOrder(req.body, base64);
    if ("complaints" in read) return void res.status(422).json(read.complaints);
    if (!isTrue(req, "wait")) {
      const { token } = desk.runLater(read.order, callerOf(req, res).client);
      return void res.status(201).json({ token });
    }
    const submission = await desk.runNow(read.order, callerOf(req, res, { deadlineMs: WAIT_MS }));
    const error = `some attributes for this submission ${NO_UTF8}`;
    res.status(201).json(describeSubmission(submission, fields, base64) ?? { token: submission.token, error });
  });

  router.post("/submissions/batch", body, async (req, res) => {
    const given = (req.body as { submissions?: unknown } | null)?.submissions;
    const batch = checkBatch(Array.isArray(given) ? (given as unknown[]) : []);
    const orders = await Promise.all(batch.map((one) => readOrder(one, isTrue(req, "base64_encoded"))));
    const { client } = callerOf(req, res);
    const answers = orders.map((one) =>
      "order" in one ? { token: desk.runLater(one.order, client).token } : one.complaints,
    );
    res.status(orders.some((one) => "order" in one) ? 201 : 422).json(answers);
  });

  router.get("/submissions/batch", (req, res) => {
    const fields = demandFields(req);
    const tokens = (req.get("tokens") ?? queryOf(req, "tokens")).trim().split(",");
    const submissions = checkBatch(tokens.filter((token) => token !== "")).map((token) => {
      const found = desk.find(token);
      if (found === undefined) return null;
      const described = describeSubmission(found, fields, isTrue(req, "base64_encoded"));
      if (described === null)
        throw new BadRequestError(`some attributes for one or more submissions ${NO_UTF8}`, "base64_encoded");
      return described;
    });
    res.json({ submissions });
  });

  router.get("/submissions/:token", (req, res) => {
    const fields = demandFields(req);
    const submission = desk.find(req.params.token);
    if (submission === undefined) return void notFound(res);
    const described = describeSubmission(submission, fields, isTrue(req, "base64_encoded"));
    if (described === null)
      throw new BadRequestError(`some attributes for this submission ${NO_UTF8}`, "base64_encoded");
    res.json(described);
  });

  router.delete("/submissions/:token", () => {
    throw new BadRequestError("delete not allowed", "token");
  });

  router.get("/languages", async (_req, res) => void res.json(await listRows()));
  router.get("/languages/all", async (_req, res) => {
    res.json((await listRows()).map((row) => ({ ...row, is_archived: false })));
  });
  router.get("/languages/:id", async (req, res) => {
    const id = Number(req.params.id);
    const language = findByJudge0Id(id);
    if (language === undefined) return void notFound(res);
    res.json(await describeLanguage(id, language));
  });
  router.get("/statuses", (_req, res) => void res.json(STATUSES));
  router.get("/config_info", (_req, res) => void res.json(JUDGE0_CONFIG));
  router.get("/about", (_req, res) => {
    res.json({ version: JUDGE0_VERSION, homepage: null, source_code: null, maintainer: null });
  });
  router.get("/version", (_req, res) => void res.type("text/plain").send(JUDGE0_VERSION));

  for (const path of ["/submissions", "/languages"]) router.use(path, answerError);
  return router;
}

const answerError = answerFaults((fault) =>
  fault.kind === "busy"
    ? { status: 503, body: { error: "queue is full" } }
    : { status: fault.status, body: { error: sayInOwnWords(fault) } },
);

/** A row for each id of each language, in the order of the ids. */
async function listRows(): Promise<{ id: number; name: string }[]> {
  const rows = listLanguages().map(async (one) => {
    const name = one.judge0Ids.length === 0 ? "" : await nameForJudge0(one);
    return one.judge0Ids.map((id) => ({ id, name }));
  });
  return (await Promise.all(rows)).flat().sort((one, other) => one.id - other.id);
}

async function describeLanguage(id: number, language: Language) {
  const { sourceFile, compiler, runner } = language;
  return {
    id,
    name: await nameForJudge0(language),
    is_archived: false,
    source_file: sourceFile,
    compile_cmd: compiler === null ? null : `${compiler} ${sourceFile}`,
    run_cmd: compiler === null ? `${runner} ${sourceFile}` : runner,
  };
}

function checkBatch<T>(items: readonly T[]): readonly T[] {
  const { max_submission_batch_size: most } = JUDGE0_CONFIG;
  if (items.length === 0)
    throw new BadRequestError("there should be at least one submission in a batch", "submissions");
  if (items.length <= most) return items;
  throw new BadRequestError(`number of submissions in a batch should be less than or equal to ${most}`, "submissions");
}

function demandFields(req: Request): readonly string[] {
  const read = readFields(queryOf(req, "fields").slice(0, 10_000));
  if ("fields" in read) return read.fields;
  throw new BadRequestError(`invalid fields: [${read.invalid.join(", ")}]`, "fields");
}

function notFound(res: Response): Response {
  return res.status(404).json({ status: 404, error: "Not Found" });
}

function isTrue(req: Request, name: string): boolean {
  return queryOf(req, name) === "true";
}

function queryOf(req: Request, name: string): string {
  const value = req.query[name];
  return typeof value === "string" ? value : "";
}
