import { isIP, isIPv4 } from "node:net";

import type { Request, RequestHandler } from "express";

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
  } else if (isRebound(req)) {
    next(new BadRequestError("a browser on this machine reaches the service as localhost only", "host", 403));
  } else next();
};

/**
 * Whether a browser on this machine came here by somebody's domain: whoever owns one can let its name mean this machine,
 * and its pages then count as this service's own. Programs, which send no `sec-fetch-site`, may use any name.
 */
function isRebound({ headers, socket }: Request): boolean {
  const isLocal = /^(::ffff:)?127\.|^::1$/.test(socket.localAddress ?? "");
  if (!isLocal || headers["sec-fetch-site"] === undefined) return false;
  const name = /^(\[[^\]]*\]|[^:]*)/.exec(headers.host ?? "")?.[0] ?? "";
  return name !== "localhost" && !isIPv4(name) && isIP(name.slice(1, -1)) !== 6;
}
