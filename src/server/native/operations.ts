import { Router } from "express";

import { version } from "../../version.js";
import type { Service } from "../contract.js";
import type { Metrics } from "../metrics.js";

/** What the routes for operators need; without a sandbox behind it (tests of protocols) there are no metrics. */
export interface OperationsView {
  readonly ready: () => boolean;
  readonly metrics: Metrics | null;
}

/** `GET /healthz`, `/readyz` and `/metrics`. */
export function operationsRouter({ enforcement }: Service, { ready, metrics }: OperationsView): Router {
  const router = Router();
  router.get("/healthz", (_req, res) => {
    const { isolation, runtime, walls } = enforcement;
    res.json({ status: "ok", version, isolation, runtime, walls });
  });
  router.get("/readyz", (_req, res) => {
    const isReady = ready();
    res.status(isReady ? 200 : 503).json({ ready: isReady });
  });
  router.get("/metrics", async (_req, res) => {
    res.type(metrics?.contentType ?? "text/plain").send((await metrics?.text()) ?? "");
  });
  return router;
}
