import { Router } from "express";

import type { Service } from "../contract.js";
import { goJudgeRouter } from "./go-judge.js";
import { judge0Router } from "./judge0.js";
import { nemoGymRouter } from "./nemo-gym.js";
import { openInstructRouter } from "./open-instruct.js";
import { openrlhfRouter } from "./openrlhf.js";
import { pistonRouter } from "./piston.js";
import { sandboxFusionRouter } from "./sandbox-fusion.js";
import { scaleboxRouter } from "./scalebox.js";
import { slimeRouter } from "./slime.js";

/** Other people's protocols, each a router of its own. */
export function foreignRouter(service: Service): Router {
  const router = Router();
  router.use(sandboxFusionRouter(service));
  router.use(scaleboxRouter(service));
  router.use(openrlhfRouter(service));
  router.use(nemoGymRouter(service));
  router.use(slimeRouter(service));
  router.use(openInstructRouter(service));
  router.use(pistonRouter(service));
  router.use(judge0Router(service));
  router.use(goJudgeRouter(service));
  return router;
}
