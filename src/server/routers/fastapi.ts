import type { ErrorRequestHandler } from "express";
import type { z } from "zod";

import type { VerdictRecord } from "../../grading/types.js";
import { RefusedError } from "../contract.js";
import { BadRequestError, describeFault, parse, setRetryAfter } from "../http.js";

/** The grader failed and not the program, so there is nothing that a protocol could score. */
export class GraderFaultError extends Error {
  override readonly name = "GraderFaultError";
  constructor() {
    super("the grader failed, not the program: nothing was scored, ask again");
  }
}

/**
 * The record, when it says something about the program.
 * @throws GraderFaultError when it ended in `infrastructure_error`
 */
export function requireScored(record: VerdictRecord): VerdictRecord {
  if (record.verdict === "infrastructure_error") throw new GraderFaultError();
  return record;
}

/**
 * As `parse`, with the status that FastAPI gives to a body of the wrong shape: 422.
 * @param at where in the body the value stands, for the name of a field that is wrong
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, value: unknown, at = "body"): z.output<Schema> {
  try {
    return parse(schema, value);
  } catch (error) {
    if (!(error instanceof BadRequestError)) throw error;
    const field = error.field === "body" ? at : at === "body" ? error.field : `${at}.${error.field}`;
    throw new BadRequestError(error.message, field, 422);
  }
}

/**
 * Answers errors in FastAPI's words, which the servers of most trainers are made with: `{"detail": text}`, and for a
 * body of the wrong shape `{"detail": [{"type", "loc", "msg"}]}`.
 *
 * @param faultStatus what the protocol's clients try again: for a fault of ours, and for a request that was refused
 */
export function answerInDetail(faultStatus: 503 | 504): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const { status, kind, message, field, retryAfter } = describeFault(error);
    if (kind === "gone" || res.headersSent) return void res.destroy();
    if (error instanceof GraderFaultError || error instanceof RefusedError) {
      setRetryAfter(res, retryAfter ?? 1);
      res.status(faultStatus).json({ detail: error.message });
    } else if (kind === "internal") next(error);
    else if (status === 422) res.status(422).json({ detail: [describeField(message, field ?? "body")] });
    else res.status(status).json({ detail: field === null ? message : `${field}: ${message}` });
  };
}

/** `config.language` as `["body", "config", "language"]`. */
function describeField(message: string, field: string) {
  const path = field.match(/[^.[\]]+/g) ?? [];
  const loc = path.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return { type: "value_error", loc: field === "body" ? ["body"] : ["body", ...loc], msg: message };
}
