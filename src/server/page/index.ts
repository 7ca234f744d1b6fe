import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";

import { Router } from "express";

import type { Feed } from "./feed.js";

/** What the browser gets lies beside the sources as well as beside what is built of them. */
const FOLDER = new URL("../../../page/", import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};
/**
 * Everything of the page is a file of ours: no inline script or style, nothing from elsewhere, and nothing may turn text
 * into markup (Trusted Types), so what candidates write stays text even if the page had a mistake.
 */
const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
  ...["frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"],
  ...["require-trusted-types-for 'script'", "trusted-types 'none'"],
].join("; ");

/** `GET /` and the files it is made of. They hold no secret, so whoever has to bring a token can be asked for it there. */
export function pageRouter(): Router {
  const router = Router();
  for (const name of readdirSync(FOLDER)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const content = readFileSync(new URL(name, FOLDER));
    router.get(name === "index.html" ? "/" : `/page/${name}`, (_req, res) => {
      res.setHeader("Content-Security-Policy", POLICY);
      res.setHeader("Content-Type", type);
      res.end(content);
    });
  }
  return router;
}

/** `GET /events`: what the page shows, as it happens. */
export function eventsRouter(feed: Feed): Router {
  const router = Router();
  router.get("/events", (_req, res) => feed.watch(res));
  return router;
}
