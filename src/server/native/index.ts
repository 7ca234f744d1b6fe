import { Router } from "express";

import type { Service } from "../contract.js";
import { batchRouter } from "./batch.js";
import { docsRouter } from "./docs.js";
import { gradeRouter } from "./grade.js";
import { operationsRouter, type OperationsView } from "./operations.js";
import { problemsRouter } from "./problems.js";
import { rewardRouter } from "./reward.js";
import { runRouter } from "./run.js";

/** The service's own protocol. */
export function nativeRouter(service: Service, view: OperationsView): Router {
  const router = Router();
  router.use(gradeRouter(service), batchRouter(service), runRouter(service), rewardRouter(service));
  router.use(problemsRouter(service), operationsRouter(service, view), docsRouter());
  return router;
}
