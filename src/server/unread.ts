import type { RequestHandler } from "express";

const PATIENCE_MS = 300_000;

/**
 * Closes the connection of a client that takes nothing of its finished answer for `withinMs`: until it is taken, the
 * answer and the request it belongs to are held in memory. A slow reader is not cut off.
 */
export function giveUpUnread(withinMs = PATIENCE_MS): RequestHandler {
  return (_req, res, next) => {
    // Counts while nothing moves on the socket. Once the answer is out, the server sets the time of an idle connection.
    res.once("prefinish", () => res.setTimeout(withinMs, () => res.destroy()));
    next();
  };
}
