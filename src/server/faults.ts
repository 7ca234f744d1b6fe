import type { ErrorRequestHandler, Response } from "express";

import { RefusedError, type RefusalReason } from "./contract.js";

/** A request that cannot be used. `field` is where: a path in the body such as `tests.cases[0].input`, or a header. */
export class BadRequestError extends Error {
  override readonly name = "BadRequestError";
  constructor(
    message: string,
    readonly field: string,
    /** The HTTP status, from 400 to 499. */
    readonly status = 400,
  ) {
    super(message);
  }
}

/** A sample could not be graded by a fault of ours, in an answer that has no word for that. Worth asking again. */
export class UngradedError extends Error {
  override readonly name = "UngradedError";
}

/** An error as it may be told to a client: no path, no environment and no stack of this machine is in it. */
export interface Fault {
  readonly status: number;
  readonly kind: "bad_request" | "unauthorized" | "not_found" | "internal" | "infrastructure_error" | RefusalReason;
  readonly message: string;
  readonly field: string | null;
  /** Seconds for a Retry-After header, or null. */
  readonly retryAfter: number | null;
}

const REFUSAL_STATUS: Record<RefusalReason, number> = { busy: 429, late: 504, stopping: 503, gone: 499 };

/** What a client is told of an error, with the status of the native protocol. Whatever is not foreseen is a 500. */
export function describeFault(error: unknown): Fault {
  if (error instanceof BadRequestError) {
    const { status, message, field } = error;
    const kind = status === 401 || status === 403 ? "unauthorized" : status === 404 ? "not_found" : "bad_request";
    return { status, kind, message, field, retryAfter: null };
  }
  if (error instanceof RefusedError) {
    const { reason, message, retryAfter } = error;
    return { status: REFUSAL_STATUS[reason], kind: reason, message, field: null, retryAfter };
  }
  if (error instanceof UngradedError) {
    return { status: 503, kind: "infrastructure_error", message: error.message, field: null, retryAfter: 5 };
  }
  return { status: 500, kind: "internal", message: "an error of the service's own", field: null, retryAfter: null };
}

/** The body of an error in the native protocol. */
export function faultBody({ kind, message, field }: Fault) {
  return { error: { kind, message, field } };
}

/** Says after how many seconds it is worth asking again: whole ones, at least one; nothing for null. */
export function setRetryAfter(res: Response, seconds: number | null): void {
  if (seconds !== null) res.setHeader("Retry-After", String(Math.max(1, Math.ceil(seconds))));
}

/** Answers an error in the native protocol; a client that has gone gets nothing. */
export function answerFault(res: Response, error: unknown): void {
  const fault = describeFault(error);
  if (fault.kind === "gone" || res.headersSent) return void res.destroy();
  setRetryAfter(res, fault.retryAfter);
  res.status(fault.status).json(faultBody(fault));
}

/** The last handler of an app or of a native router. `report` gets the errors that nobody foresaw. */
export function handleFaults(report: (error: unknown) => void): ErrorRequestHandler {
  // Express tells such a handler by its four parameters.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  return (error: unknown, _req, res, _next) => {
    const known = toFault(error);
    if (describeFault(known).status === 500) report(known);
    answerFault(res, known);
  };
}

/** Express itself throws for a path with a bad percent sign in it; its message holds the path. */
function toFault(error: unknown): unknown {
  return error instanceof URIError ? new BadRequestError("the path is not well encoded", "path") : error;
}
