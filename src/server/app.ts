import express, { type Express } from "express";

import type { Service } from "./contract.js";
import { BadRequestError, handleFaults } from "./http.js";
import { nativeRouter } from "./native/index.js";
import { goJudgeRouter } from "./routers/go-judge.js";
import { judge0Router } from "./routers/judge0.js";
import { nemoGymRouter } from "./routers/nemo-gym.js";
import { openInstructRouter } from "./routers/open-instruct.js";
import { openrlhfRouter } from "./routers/openrlhf.js";
import { pistonRouter } from "./routers/piston.js";
import { sandboxFusionRouter } from "./routers/sandbox-fusion.js";
import { scaleboxRouter } from "./routers/scalebox.js";
import { slimeRouter } from "./routers/slime.js";
import { securityHeaders } from "./security.js";

export interface AppOptions {
  /** Gets the errors that nobody foresaw; the client is told no more than that there was one. */
  readonly onError?: (error: unknown) => void;
}

/** The whole HTTP interface of a service. Listening, and the limits of the socket, are `listen.ts`. */
export function createApp(service: Service, options: AppOptions = {}): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("trust proxy", false);
  app.set("query parser", "simple");
  app.use(securityHeaders);
  app.use(nativeRouter(service));
  // Other people's protocols, one line each.
  app.use(pistonRouter(service));
  app.use(judge0Router(service));
  app.use(goJudgeRouter(service));
  app.use(sandboxFusionRouter(service));
  app.use(scaleboxRouter(service));
  app.use(openrlhfRouter(service));
  app.use(nemoGymRouter(service));
  app.use(slimeRouter(service));
  app.use(openInstructRouter(service));
  app.use((req, _res, next) => next(new BadRequestError(`there is nothing at ${req.method} here`, "path", 404)));
  app.use(handleFaults(options.onError ?? (() => undefined)));
  return app;
}
