import type { IncomingMessage } from "node:http";

/** What is known of a request besides what it says. */
export interface RequestFacts {
  /** When it came, on the clock of `performance.now()`. */
  readonly arrived: number;
  /** Its name in the log and in the X-Request-Id header. */
  readonly id: string;
  /** The name of the token it came with, or null. */
  client: string | null;
}

const known = new WeakMap<IncomingMessage, RequestFacts>();
const serial = { value: 0 };

/** The facts of a request; the first call is its arrival. */
export function factsOf(req: IncomingMessage): RequestFacts {
  let facts = known.get(req);
  if (facts === undefined) {
    serial.value = (serial.value + 1) % 0x1_0000_0000;
    const id = `${START}-${serial.value.toString(36)}`;
    facts = { arrived: performance.now(), id, client: null };
    known.set(req, facts);
  }
  return facts;
}

/** Tells the requests of one start of the service from those of the next. */
const START = Math.trunc(performance.timeOrigin).toString(36);
