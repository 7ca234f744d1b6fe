import { Router } from "express";

import type { Service } from "../contract.js";

/** The service's own protocol. */
export function nativeRouter(service: Service): Router {
  const router = Router();
  router.get("/healthz", (_req, res) => {
    res.json({ status: "ok", enforcement: service.enforcement });
  });
  return router;
}
