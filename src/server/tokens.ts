import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";

import type { RequestHandler } from "express";

import { InputError } from "../errors.js";
import { BadRequestError } from "./faults.js";
import { factsOf } from "./request-facts.js";

/** Digests of tokens by the names they go by. The tokens themselves are not kept. */
export type Tokens = ReadonlyMap<string, Buffer>;

const SHORTEST = 16;
/** What those ask who look whether the service is alive; they tell nothing that is worth a token. */
const OPEN_PATHS = new Set(["/healthz", "/readyz", "/health", "/v1/ping"]);

/**
 * Reads a file of tokens: `name:token` on each line; blank lines and lines that begin with # are left out.
 * @throws InputError naming the line, never with the token in it
 */
export async function readTokens(file: string): Promise<Tokens> {
  const tokens = new Map<string, Buffer>();
  const text = await readFile(file, "utf8");
  text.split(/\r?\n/).forEach((line, index) => {
    if (/^\s*(?:#|$)/.test(line)) return;
    const [, name, token] = /^([\w.@-]{1,64}):(\S+)\s*$/.exec(line) ?? [];
    const place = { file, line: index + 1 };
    if (name === undefined || token === undefined) throw new InputError("is not name:token", place);
    if (token.length < SHORTEST) throw new InputError(`the token is shorter than ${SHORTEST} characters`, place);
    if (tokens.has(name)) throw new InputError(`there is a token for ${name} already`, place);
    tokens.set(name, digest(token));
  });
  if (tokens.size === 0) throw new InputError("holds no token", { file });
  return tokens;
}

/**
 * Lets in who brings a token: as a bearer, as the password of basic authentication (so that it can be part of a URL, for
 * clients that know no headers), or as Judge0's X-Auth-Token. The token's name becomes the client's.
 */
export function requireToken(tokens: Tokens): RequestHandler {
  return (req, res, next) => {
    const given = readToken(req.headers.authorization, req.get("x-auth-token"));
    const name = given === null ? null : findName(tokens, given);
    factsOf(req).client = name;
    if (name !== null || OPEN_PATHS.has(req.path)) {
      next();
      return;
    }
    // A browser asks its user for the password then.
    res.setHeader("WWW-Authenticate", ["Bearer", 'Basic realm="assay"']);
    next(new BadRequestError(given === null ? "a token is needed" : "no such token", "authorization", 401));
  };
}

function readToken(authorization: string | undefined, header: string | undefined): string | null {
  const [, scheme = "", value = ""] = /^(bearer|basic)\s+(\S+)\s*$/i.exec(authorization ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme !== "")
    return Buffer.from(value, "base64")
      .toString("utf8")
      .replace(/^[^:]*:/, "");
  return header ?? null;
}

/** Compares with every token, each in constant time, so that how long it takes tells nothing. */
function findName(tokens: Tokens, given: string): string | null {
  const wanted = digest(given);
  let found: string | null = null;
  for (const [name, known] of tokens) if (timingSafeEqual(known, wanted)) found = name;
  return found;
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
