import { Router } from "express";
import { z } from "zod";

import type { Service } from "../contract.js";
import { BadRequestError, parse } from "../http.js";

export const problemsQuery = z.strictObject({
  set: z.string().optional().describe("list the problems of this set"),
  id: z.string().optional().describe("show this problem"),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** `GET /v1/problems`: the loaded sets, the ids of one of them, or one problem without its tests. */
export function problemsRouter(service: Service): Router {
  const router = Router();
  router.get("/v1/problems", (req, res) => {
    const { set: name, id, offset, limit } = parse(problemsQuery, req.query);
    const set = name === undefined ? undefined : service.sets.get(name);
    if (name !== undefined && set === undefined) throw new BadRequestError("no such set is loaded", "set", 404);
    if (id !== undefined) {
      const problem = service.findProblem(id, name);
      if (problem === undefined) throw new BadRequestError("there is no such problem", "id", 404);
      const { format, prompt, entryPoint, starterCode, difficulty, tests, invalid } = problem;
      res.json({
        ...{ id: problem.id, format, prompt, entry_point: entryPoint, starter_code: starterCode, difficulty },
        ...{ tests: { kind: tests.kind }, invalid },
      });
    } else if (set === undefined) {
      const sets = [...service.sets.values()];
      res.json({ sets: sets.map(({ name, format, problems }) => ({ name, format, problems: problems.length })) });
    } else {
      const ids = set.problems.slice(offset, offset + limit).map((problem) => problem.id);
      res.json({ set: set.name, format: set.format, total: set.problems.length, offset, ids });
    }
  });
  return router;
}
