import { Router } from "express";
import type { ModelEntry, ModelList } from "../contract.js";
import { noModel } from "../errors.js";

/** `/v1/models`: the base models and all that were made of them. */
export function modelsRouter(models: ModelList): Router {
  const router = Router();
  router.get("/v1/models", (_req, res) => {
    res.json({ object: "list", data: models.list().map(showModel) });
  });
  router.get("/v1/models/:id", (req, res) => {
    const model = models.find(req.params.id);
    if (model === undefined) throw noModel(req.params.id);
    res.json(showModel(model));
  });
  return router;
}

function showModel({ name, created }: ModelEntry) {
  return { id: name, object: "model", created, owned_by: "assay" };
}
