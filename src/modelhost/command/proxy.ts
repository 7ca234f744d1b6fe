import { pipeline } from "node:stream/promises";

import { Router, type Request, type Response } from "express";
import { z } from "zod";
import { BODY_LIMIT, bodyText, callerOf, jsonBody, parse } from "../../server/http.js";
import { Answers } from "../answers.js";
import { JobError, type ModelEntry, type ModelList } from "../contract.js";
import { ApiError, noModel } from "../errors.js";
import { messageOf, type Upstream } from "./upstream.js";
import type { Weights } from "./weights.js";

const REMEMBERED_BYTES = 256 << 20;
const body = z.looseObject({ model: z.string(), stream: z.boolean().nullish() });

interface Whole {
  readonly status: number;
  readonly text: string;
}

/** A refusal by the server, which is passed on but not remembered. */
class Refused extends Error {
  constructor(
    readonly whole: Whole,
    readonly retryAfter: string | null,
  ) {
    super(`the inference server answered ${whole.status}`);
  }
}

/** Completions, as the inference server answers them. */
export function passThrough(models: ModelList, upstream: Upstream, weights: Weights): Router {
  const router = Router();
  const answers = new Answers<Whole>(REMEMBERED_BYTES, ({ text }) => text.length);
  for (const path of ["/completions", "/chat/completions"] as const) {
    router.post(`/v1${path}`, jsonBody(BODY_LIMIT.usual), async (req, res) => {
      const wanted = parse(body, req.body);
      const model = models.find(wanted.model);
      if (model === undefined) throw noModel(wanted.model);
      const send = (signal: AbortSignal) => sendOn(upstream, weights, { path, model, wanted, signal });
      if (wanted.stream === true) await stream(send, req, res);
      else await answerWhole(answers, send, req, res);
    });
  }
  return router;
}

type Send = (signal: AbortSignal) => ReturnType<Upstream["forward"]>;

interface Sending {
  readonly path: string;
  readonly model: ModelEntry;
  readonly wanted: z.output<typeof body>;
  readonly signal: AbortSignal;
}

/** A server that was started again has lost its adapters; it is given them again, once. */
async function sendOn(upstream: Upstream, weights: Weights, { path, model, wanted, signal }: Sending) {
  const attempt = () =>
    weights.withModel(model, signal, (servedAs) => upstream.forward(path, { ...wanted, model: servedAs }, signal));
  try {
    const answer = await attempt();
    if (answer.statusCode !== 404 || model.folder === null) return answer;
    await answer.body.dump();
    weights.forget(model);
    return await attempt();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(error instanceof JobError ? error.message : `the inference server: ${messageOf(error)}`, 502);
  }
}

async function answerWhole(answers: Answers<Whole>, send: Send, req: Request, res: Response): Promise<void> {
  const key = req.get("idempotency-key");
  // What has a key is finished even when the client has hung up: it will ask again.
  const signal = key === undefined ? callerOf(req, res).signal : new AbortController().signal;
  const make = async (): Promise<Whole> => {
    const answer = await send(signal);
    const whole = { status: answer.statusCode, text: await answer.body.text() };
    if (whole.status !== 200) throw new Refused(whole, String(answer.headers["retry-after"] ?? "") || null);
    return whole;
  };
  const whole = await answers.once(key, `${req.path} ${bodyText(req)}`, make).catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error;
    if (error.retryAfter !== null) res.setHeader("Retry-After", error.retryAfter);
    return error.whole;
  });
  if (!res.destroyed) res.status(whole.status).type("application/json").send(whole.text);
}

async function stream(send: Send, req: Request, res: Response): Promise<void> {
  const answer = await send(callerOf(req, res).signal);
  res.status(answer.statusCode).type(String(answer.headers["content-type"] ?? "text/event-stream"));
  // Whoever hung up has the server's answer broken off, too.
  await pipeline(answer.body, res).catch(() => undefined);
}
