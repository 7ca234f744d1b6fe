import type { ErrorRequestHandler } from "express";

import { describeFault, setRetryAfter, type Fault } from "../http.js";

/**
 * Answers what a router's own routes throw in the shape that its protocol has for it. Errors that nobody foresaw go on to
 * the app, which reports them and answers 500; a client that has gone gets nothing.
 */
export function answerFaults(describe: (fault: Fault) => { status: number; body: unknown }): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const fault = describeFault(error);
    if (fault.kind === "internal") {
      next(error);
      return;
    }
    if (fault.kind === "gone" || res.headersSent) return void res.destroy();
    setRetryAfter(res, fault.retryAfter);
    const { status, body } = describe(fault);
    res.status(status).json(body);
  };
}

/** What is wrong, with the field where the message does not name it: `cmd[0].args: …`. */
export function sayFault({ message, field }: Fault): string {
  return field === null || message.includes(field) ? message : `${field}: ${message}`;
}

/** For protocols whose own words say what is wrong; only those for the body as a whole are ours. */
export function sayInOwnWords(fault: Fault): string {
  return fault.field === "body" ? sayFault(fault) : fault.message;
}
