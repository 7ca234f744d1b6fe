import express, { type Express } from "express";
import type { Logger } from "pino";

import { observeRequests } from "../server/observe.js";
import { securityHeaders } from "../server/security.js";
import { requireToken, type Tokens } from "../server/tokens.js";
import type { Backend } from "./contract.js";
import { handleApiErrors, nothingHere } from "./errors.js";
import type { Jobs } from "./jobs.js";
import { filesRouter } from "./routes/files.js";
import { fineTuningRouter } from "./routes/fine-tuning.js";
import { modelsRouter } from "./routes/models.js";
import type { Store } from "./state/store.js";

export interface HostParts {
  readonly store: Store;
  readonly backend: Backend;
  readonly jobs: Jobs;
  /** Who may come in; everybody by default. */
  readonly tokens?: Tokens;
  readonly log?: Logger;
}

/** The whole HTTP interface of a model host. */
export function createHostApp({ store, backend, jobs, tokens, log }: HostParts): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("trust proxy", false);
  app.set("query parser", "simple");
  app.use(observeRequests(null, log ?? null), securityHeaders);
  if (tokens !== undefined) app.use(requireToken(tokens));
  app.get("/health", (_req, res) => void res.json({ status: "ok" }));
  app.use(modelsRouter(jobs), filesRouter(store), fineTuningRouter(store, jobs), backend.inference(jobs));
  app.use(nothingHere);
  app.use(handleApiErrors((error) => log?.error({ error }, "an error that nobody foresaw")));
  return app;
}
