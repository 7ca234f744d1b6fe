import type { ErrorRequestHandler, RequestHandler } from "express";

import { BadRequestError, describeFault, setRetryAfter } from "../server/faults.js";

/** A request that cannot be answered, with the word that the published API has for it. */
export class ApiError extends BadRequestError {
  constructor(
    message: string,
    status: number,
    readonly param: string | null = null,
    readonly code: string | null = null,
  ) {
    super(message, param ?? "body", status);
  }
}

/** No such model, in the words of the published API. */
export function noModel(name: string): ApiError {
  return new ApiError(
    `The model \`${name}\` does not exist or you do not have access to it.`,
    404,
    null,
    "model_not_found",
  );
}

export const nothingHere: RequestHandler = (req, _res, next) => {
  next(new ApiError(`Invalid URL (${req.method} ${req.path})`, 404));
};

/** Errors as the published API writes them: `{"error": {"message", "type", "param", "code"}}`. */
export function handleApiErrors(onUnforeseen: (error: unknown) => void): ErrorRequestHandler {
  return (error, _req, res, next) => {
    const fault = describeFault(error);
    if (fault.kind === "internal") onUnforeseen(error);
    if (res.headersSent) {
      next(error);
      return;
    }
    setRetryAfter(res, fault.retryAfter);
    const own = error instanceof ApiError ? error : null;
    res.status(fault.status).json({
      error: {
        message: fault.message,
        type: typeOf(fault.status),
        param: own === null ? fault.field : own.param,
        code: own === null ? (fault.status === 401 ? "invalid_api_key" : null) : own.code,
      },
    });
  };
}

function typeOf(status: number): string {
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
