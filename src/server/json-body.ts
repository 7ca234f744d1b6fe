import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

import { json, type RequestHandler } from "express";

import { bodyRoomOf, type BodyHold } from "./body-room.js";
import { BadRequestError } from "./faults.js";
import { hangUpOf } from "./hang-up.js";

/** Deeper nesting than any protocol here has; past it, code that walks a value could run out of stack. */
export const MAX_DEPTH = 100;

/** Time for a whole body to arrive, milliseconds. */
const BODY_MS = 120_000;

const texts = new WeakMap<IncomingMessage, Buffer>();
const holds = new WeakMap<IncomingMessage, BodyHold>();

/**
 * Reads a JSON body of at most `limitBytes` into `req.body`. Compressed bodies count as unpacked. What is wrong becomes a
 * BadRequestError: 408 not there after `withinMs`, 413 too large, 415 no JSON by its type, 400 no JSON by its content or
 * nested deeper than 100. Where bodies under way leave no room for it (see `BodyRoom`), it is a RefusedError `busy`.
 */
export function jsonBody(limitBytes: number, withinMs = BODY_MS): RequestHandler {
  const read: RequestHandler = json({ limit: limitBytes, strict: false, type: isJson, verify: checkBody });
  const readInTime: RequestHandler = (req, res, next) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      // What is still on its way is not waited for.
      res.setHeader("Connection", "close").once("finish", () => req.destroy());
      next(new BadRequestError(`did not arrive within ${withinMs} ms`, "body", 408));
    }, withinMs);
    read(req, res, (error?: unknown) => {
      clearTimeout(timer);
      if (late) return;
      if (error !== undefined && error !== null) next(translate(error, limitBytes));
      else if (req.body !== undefined) next();
      else if (isJson(req)) next(new BadRequestError("must be there and be JSON", "body"));
      else next(new BadRequestError("must be application/json", "content-type", 415));
    });
  };
  return async (req, res, next) => {
    const bytes = bytesAhead(req, limitBytes);
    const hold = await bodyRoomOf(req.app).take(bytes, hangUpOf(res));
    holds.set(req, hold);
    res.once("close", () => hold.release());
    if (res.closed) hold.release();
    readInTime(req, res, next);
  };
}

/** What a body may take once it is read: as much as it says, or as the route allows where that says nothing. */
function bytesAhead({ headers }: IncomingMessage, limitBytes: number): number {
  const { "content-length": length, "content-encoding": encoding = "identity" } = headers;
  if (length === undefined && headers["transfer-encoding"] === undefined) return 0;
  if (length === undefined || encoding !== "identity") return limitBytes;
  // What is too large is refused before it is read.
  return Number(length) <= limitBytes ? Number(length) : 0;
}

/** The body that `jsonBody` read, as the text it was written in; for numbers that JSON.parse would round. */
export function bodyText(req: IncomingMessage): string {
  return texts.get(req)?.toString("utf8") ?? "";
}

/**
 * Whether a JSON text nests deeper than `limit`. Broken JSON gets some answer too.
 * Strings are jumped over, since that is where the bytes of a large body are.
 */
export function nestsDeeper(text: Uint8Array, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === QUOTE) at = skipString(text, at);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return false;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The place of the quotation mark that ends the string begun at `start`. */
function skipString(text: Uint8Array, start: number): number {
  for (let from = start + 1; ;) {
    const end = text.indexOf(QUOTE, from);
    if (end === -1) return text.length;
    let slashes = 0;
    while (text[end - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
    from = end + 1;
  }
}

/** No type at all is taken for JSON; a form's is not, so that no page of another site can post here unasked. */
function isJson({ headers }: { readonly headers: IncomingHttpHeaders }): boolean {
  const type = headers["content-type"];
  return type === undefined || /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type);
}

function checkBody(req: IncomingMessage, _res: unknown, body: Buffer, encoding: string): void {
  if (encoding !== "utf-8") throw new BadRequestError("must be in UTF-8", "content-type", 415);
  // The reader would take no bytes for an empty object.
  if (body.length === 0) throw new BadRequestError("must be there and be JSON", "body");
  if (nestsDeeper(body, MAX_DEPTH)) throw new BadRequestError(`is nested deeper than ${MAX_DEPTH}`, "body");
  texts.set(req, body);
  holds.get(req)?.shrink(body.length);
}

/** The reader's own errors hold a stack and pieces of the body. */
function translate(error: unknown, limitBytes: number): unknown {
  if (error instanceof BadRequestError || !(error instanceof Error)) return error;
  const { type, status } = error as Error & { type?: unknown; status?: unknown };
  switch (type) {
    case "entity.too.large":
      return new BadRequestError(`is larger than ${limitBytes} bytes`, "body", 413);
    case "entity.parse.failed":
      return new BadRequestError("is not valid JSON", "body");
    case "encoding.unsupported":
      return new BadRequestError("must be gzip, deflate, br or identity", "content-encoding", 415);
    case "charset.unsupported":
      return new BadRequestError("must be in UTF-8", "content-type", 415);
    default:
      // An aborted or cut-off body, a broken compression.
      return typeof status === "number" && status >= 400 && status < 500
        ? new BadRequestError("could not be read", "body", status)
        : error;
  }
}
