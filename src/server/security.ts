import type { RequestHandler } from "express";

import { BadRequestError } from "./faults.js";

/** What a page of this service may do: nothing but show itself. Pages that need more say so themselves. */
const CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * Headers of every answer. There are none of CORS, so no page of another site can read an answer; and what a browser says
 * is such a page's request is refused before it can have programs run.
 */
export const securityHeaders: RequestHandler = (req, res, next) => {
  res.setHeader("X-Content-Type-Options", "nosniff");
  res.setHeader("Content-Security-Policy", CONTENT_POLICY);
  res.setHeader("Referrer-Policy", "no-referrer");
  res.setHeader("Cache-Control", "no-store");
  if (req.headers["sec-fetch-site"] === "cross-site" && req.headers["sec-fetch-mode"] !== "navigate") {
    next(new BadRequestError("no requests from pages of other sites", "sec-fetch-site", 403));
  } else next();
};
