import { Router } from "express";

import type { Service } from "../contract.js";
import { BODY_LIMIT, bodyText, callerOf, jsonBody, parse, USUAL_DEADLINE_MS } from "../http.js";
import { gradeRequest } from "./schemas.js";
import { toGradeTask } from "./task.js";

/** `POST /v1/grade`: one sample, answered with its verdict record. */
export function gradeRouter(service: Service): Router {
  const router = Router();
  router.post("/v1/grade", jsonBody(BODY_LIMIT.usual), async (req, res) => {
    const request = parse(gradeRequest, req.body);
    const task = toGradeTask(service, request, () => bodyText(req));
    const record = await service.grade(task, callerOf(req, res, { deadlineMs: USUAL_DEADLINE_MS }));
    res.json(request.id === undefined ? record : { id: request.id, ...record });
  });
  return router;
}
