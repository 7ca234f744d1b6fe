import type { RequestHandler } from "express";
import type { Logger } from "pino";

import type { Metrics } from "./metrics.js";
import { factsOf } from "./request-facts.js";

/** Asked every few seconds by whoever watches; they would fill the log. */
const QUIET = new Set(["/healthz", "/readyz", "/metrics"]);

/**
 * Gives each request its id, and counts and logs it when it is answered. Nothing of its body or its path is logged, only
 * the route it matched: both can hold anything.
 */
export function observeRequests(metrics: Metrics | null, log: Logger | null): RequestHandler {
  return (req, res, next) => {
    const facts = factsOf(req);
    res.setHeader("X-Request-Id", facts.id);
    res.once("close", () => {
      const route = routeOf(req);
      const ms = performance.now() - facts.arrived;
      const status = res.writableFinished ? res.statusCode : 499;
      metrics?.request({ method: req.method, route, status, seconds: ms / 1000 });
      const level = status >= 500 ? "warn" : route !== null && QUIET.has(route) ? "debug" : "info";
      log?.[level]({ request: facts.id, client: facts.client, method: req.method, route, status, ms: Math.round(ms) });
    });
    next();
  };
}

/** The pattern of the route that the request matched, or null: one of as many as there are in the source. */
function routeOf(req: Parameters<RequestHandler>[0]): string | null {
  const route = req.route as { readonly path?: unknown } | undefined;
  return typeof route?.path === "string" ? route.path : null;
}
