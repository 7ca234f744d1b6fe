import express, { type Express } from "express";
import type { Logger } from "pino";

import { setBodyRoom, type BodyRoomOptions } from "./body-room.js";
import type { Service } from "./contract.js";
import { BadRequestError, handleFaults } from "./http.js";
import type { Metrics } from "./metrics.js";
import { nativeRouter } from "./native/index.js";
import { observeRequests } from "./observe.js";
import type { Feed } from "./page/feed.js";
import { eventsRouter, pageRouter } from "./page/index.js";
import { foreignRouter } from "./routers/index.js";
import { securityHeaders } from "./security.js";
import { requireToken, type Tokens } from "./tokens.js";
import { giveUpUnread } from "./unread.js";

export interface AppOptions {
  /** Who may come in; everybody by default. */
  readonly tokens?: Tokens;
  readonly metrics?: Metrics;
  readonly log?: Logger;
  /** Whether new work is taken; yes by default. */
  readonly ready?: () => boolean;
  /** What the page at `/` shows. */
  readonly feed?: Feed;
  /** The memory that bodies of requests may take together. */
  readonly bodies?: BodyRoomOptions;
}

/** The whole HTTP interface of a service. Listening, and the limits of the socket, are in `listen.ts`. */
export function createApp(service: Service, options: AppOptions = {}): Express {
  const { tokens, metrics = null, log = null, ready = () => true, feed, bodies = {} } = options;
  const app = express();
  setBodyRoom(app, bodies);
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("trust proxy", false);
  app.set("query parser", "simple");
  app.use(observeRequests(metrics, log), giveUpUnread(), securityHeaders, (_req, res, next) => {
    // Whoever keeps its connection would keep a service that stops from ending.
    if (!ready()) res.setHeader("Connection", "close");
    next();
  });
  app.use(pageRouter());
  if (tokens !== undefined) app.use(requireToken(tokens));
  if (feed !== undefined) app.use(eventsRouter(feed));
  app.use(nativeRouter(service, { ready, metrics }));
  app.use(foreignRouter(service));
  app.use((req, _res, next) => next(new BadRequestError(`there is nothing at ${req.method} here`, "path", 404)));
  app.use(handleFaults((error) => log?.error({ error }, "an error that nobody foresaw")));
  return app;
}
