import type { Request, Response } from "express";
import type { z } from "zod";

import type { Caller } from "./contract.js";
import { BadRequestError } from "./faults.js";
import { hangUpOf } from "./hang-up.js";
import { factsOf } from "./request-facts.js";

export {
  answerFault,
  BadRequestError,
  describeFault,
  faultBody,
  handleFaults,
  setRetryAfter,
  UngradedError,
  type Fault,
} from "./faults.js";
export { bodyText, jsonBody } from "./json-body.js";

/** Sizes of bodies that routes take, in bytes. */
export const BODY_LIMIT = { small: 1 << 16, usual: 16 << 20, large: 64 << 20 } as const;

/** Milliseconds from the request's arrival; overrides the route's default. */
const DEADLINE_HEADER = "x-assay-deadline-ms";

/** How long one sample or run is worth waiting for where nobody says, milliseconds: every wait has an end. */
export const USUAL_DEADLINE_MS = 600_000;

const MAX_DEADLINE_MS = 24 * 3600 * 1000;

/**
 * The value, checked by a schema.
 * @throws BadRequestError with the path of the first field that is wrong, `body` for the value as a whole
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw new BadRequestError("cannot be used", "body");
  throw new BadRequestError(issue.message, nameField([...issue.path, ...pathOfUnknown(issue)]));
}

/** `["tests", "cases", 0, "input"]` as `tests.cases[0].input`. */
function nameField(path: readonly PropertyKey[]): string {
  const parts = path.map((part) =>
    typeof part === "number" ? `[${part}]` : part === "" ? '[""]' : `.${String(part)}`,
  );
  const name = parts.join("");
  return name === "" ? "body" : name.replace(/^\./, "").slice(0, 200);
}

function pathOfUnknown(issue: z.core.$ZodIssue): string[] {
  return issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
}

/**
 * Who asks: the token's name, else the address; until when the answer is of use: the header, else `deadlineMs` after the
 * request came, else for ever; and a signal that is aborted when the connection closes before the answer is finished.
 * @throws BadRequestError for a header that is no number of milliseconds
 */
export function callerOf(req: Request, res: Response, { deadlineMs }: { deadlineMs?: number } = {}): Caller {
  const facts = factsOf(req);
  const wanted = readDeadline(req) ?? deadlineMs;
  return {
    client: facts.client ?? req.socket.remoteAddress ?? "unknown",
    deadline: wanted === undefined ? null : facts.arrived + wanted,
    signal: hangUpOf(res),
  };
}

function readDeadline(req: Request): number | undefined {
  const given = req.get(DEADLINE_HEADER);
  if (given === undefined) return undefined;
  const milliseconds = /^\d{1,9}$/.test(given) ? Number(given) : 0;
  if (milliseconds >= 1 && milliseconds <= MAX_DEADLINE_MS) return milliseconds;
  throw new BadRequestError(`must be milliseconds, from 1 to ${MAX_DEADLINE_MS}`, DEADLINE_HEADER);
}
