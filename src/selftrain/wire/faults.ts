import { z } from "zod";

/**
 * What a server's answer (or silence) means for whoever asked.
 * - `transient`: the same request may do later
 * - `missing_model`: so may this, once the model is served
 * - `quota`: money or allowance has run out; waiting does not help
 * - `too_long`: this prompt can never be answered
 * - `refused`: the request will never do
 */
export type FaultKind = "transient" | "missing_model" | "quota" | "too_long" | "refused";

export class WireFault extends Error {
  override readonly name = "WireFault";
  constructor(
    message: string,
    readonly kind: FaultKind,
    /** The server asks not to be asked again for so long. */
    readonly retryAfterMs: number | null = null,
    readonly status: number | null = null,
  ) {
    super(message);
  }
}

const errorBody = z.object({
  error: z.union([
    z.string(),
    z.object({ message: z.string().nullish(), code: z.unknown().optional(), type: z.unknown().optional() }),
  ]),
});
const plainBody = z.object({ message: z.string(), code: z.unknown().optional(), type: z.unknown().optional() });

interface HeaderReader {
  get(name: string): string | null;
}

const QUOTA = /insufficient_quota|billing|quota_exceeded|credit/i;
const TOO_LONG =
  /context_length_exceeded|maximum context length|prompt is too long|longer than the maximum model length/i;
const MISSING_MODEL = /model_not_found|model.{0,200}(?:does not exist|not found|not loaded|is not served)/is;
const MOST_SHOWN = 500;

/** Reads an answer that is no success. */
export function readFault(status: number, headers: HeaderReader, text: string, now: number): WireFault {
  const { message, code } = readMessage(text);
  const words = `${code} ${message}`;
  const said = `${status}${message === "" ? "" : ` ${message.slice(0, MOST_SHOWN)}`}`;
  const wait = readRetryAfter(headers, now);
  const fault = (kind: FaultKind) => new WireFault(said, kind, wait, status);
  if (status === 402 || (status === 429 && QUOTA.test(words))) return fault("quota");
  if (status === 400 && TOO_LONG.test(words)) return fault("too_long");
  if ((status === 404 || status === 400) && MISSING_MODEL.test(words)) return fault("missing_model");
  if (status === 501 || status === 505) return fault("refused");
  const again = status >= 500 || [408, 409, 423, 425, 429].includes(status);
  return fault(again ? "transient" : "refused");
}

/** Milliseconds that the headers ask to wait, or null: `retry-after-ms`, or `Retry-After` in seconds or as a date. */
export function readRetryAfter(headers: HeaderReader, now: number): number | null {
  const ms = Number(headers.get("retry-after-ms") ?? NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = headers.get("retry-after");
  if (text === null) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function readMessage(text: string): { message: string; code: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { message: text.trim().replace(/\s+/g, " "), code: "" };
  }
  const body = errorBody.safeParse(value);
  if (body.success) {
    const { error } = body.data;
    if (typeof error === "string") return { message: error, code: "" };
    return { message: error.message ?? "", code: `${asText(error.code)} ${asText(error.type)}` };
  }
  const plain = plainBody.safeParse(value);
  if (plain.success) return { message: plain.data.message, code: asText(plain.data.code) };
  return { message: text.trim(), code: "" };
}

function asText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
