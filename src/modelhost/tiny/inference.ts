import { Router, type Request, type Response } from "express";
import { z } from "zod";
import { BODY_LIMIT, bodyText, callerOf, jsonBody, parse } from "../../server/http.js";
import { Answers } from "../answers.js";
import type { ModelEntry, ModelList } from "../contract.js";
import { ApiError, noModel } from "../errors.js";
import { messagesSchema, renderMessages } from "../rows.js";
import { newId, nowSeconds } from "../state/store.js";
import { makeBreath } from "./breath.js";
import { Prompt } from "./context.js";
import type { TinyModel } from "./model.js";
import { draw, type Drawn, type Sampling } from "./sample.js";
import { splitTokens } from "./tokens.js";

const MOST_TOKENS = 4096;
const MOST_CHOICES = 4096;
const REMEMBERED_BYTES = 64 << 20;

const common = {
  model: z.string(),
  n: z.int().min(1).max(MOST_CHOICES).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  repetition_penalty: z.number().positive().nullish(),
  max_tokens: z.int().min(1).max(MOST_TOKENS).nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: z.int().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
};
const completionBody = z.looseObject({
  ...common,
  prompt: z.union([z.string(), z.array(z.string()).min(1).max(2048)]),
});
const chatBody = z.looseObject({
  ...common,
  max_completion_tokens: common.max_tokens,
  messages: messagesSchema,
});
type Settings = z.output<z.ZodObject<typeof common>>;

/** What one request asks for, whichever of the two routes it came by. */
interface Wanted {
  readonly kind: "text" | "chat";
  readonly prompts: readonly string[];
  readonly settings: Settings;
  readonly maxTokens: number;
}

/** How the two routes differ in what they answer. */
const SHAPE = {
  text: {
    id: "cmpl",
    object: "text_completion",
    part: "text_completion",
    whole: (text: string) => ({ text }),
    delta: (text: string) => ({ text }),
  },
  chat: {
    id: "chatcmpl",
    object: "chat.completion",
    part: "chat.completion.chunk",
    whole: (content: string) => ({ message: { role: "assistant", content, refusal: null } }),
    delta: (content: string) => ({ delta: content === "" ? {} : { role: "assistant", content } }),
  },
} as const;

/** `/v1/completions` and `/v1/chat/completions` of tiny models. */
export function inferenceRouter(models: ModelList, load: (entry: ModelEntry) => Promise<TinyModel>): Router {
  const router = Router();
  const answers = new Answers<string>(REMEMBERED_BYTES, (answer) => answer.length);
  const answer = async (req: Request, res: Response, wanted: Wanted): Promise<void> => {
    const entry = models.find(wanted.settings.model);
    if (entry === undefined) throw noModel(wanted.settings.model);
    const model = await load(entry);
    if (wanted.settings.stream === true) {
      await stream(model, wanted, res, callerOf(req, res).signal);
      return;
    }
    const key = req.get("idempotency-key");
    // What has a key is finished even when the client has hung up: it will ask again.
    const signal = key === undefined ? callerOf(req, res).signal : undefined;
    const text = await answers.once(key, `${req.path} ${bodyText(req)}`, () => complete(model, wanted, signal));
    if (!res.destroyed) res.type("application/json").send(text);
  };
  router.post("/v1/completions", jsonBody(BODY_LIMIT.usual), async (req, res) => {
    const { prompt, ...settings } = parse(completionBody, req.body);
    const prompts = typeof prompt === "string" ? [prompt] : prompt;
    await answer(req, res, { kind: "text", prompts, settings, maxTokens: settings.max_tokens ?? 16 });
  });
  router.post("/v1/chat/completions", jsonBody(BODY_LIMIT.usual), async (req, res) => {
    const { messages, ...settings } = parse(chatBody, req.body);
    const maxTokens = settings.max_completion_tokens ?? settings.max_tokens ?? 1024;
    await answer(req, res, { kind: "chat", prompts: [renderMessages(messages)], settings, maxTokens });
  });
  return router;
}

/** The choices in the order of the published API: all of the first prompt, then all of the second. */
function* choicesOf({ prompts, settings, maxTokens }: Wanted): Generator<{ prompt: Prompt; sampling: Sampling }> {
  const { n, seed, stop } = settings;
  const stops = (typeof stop === "string" ? [stop] : (stop ?? [])).filter((text) => text !== "");
  const first = seed ?? Math.floor(Math.random() * 2 ** 31);
  for (const text of prompts) {
    const prompt = new Prompt(text);
    for (let choice = 0; choice < (n ?? 1); choice++) {
      const sampling = {
        temperature: settings.temperature ?? 1,
        topP: settings.top_p ?? 1,
        topK: settings.top_k ?? 0,
        repetitionPenalty: settings.repetition_penalty ?? 1,
        maxTokens,
        stop: stops,
        // As vLLM does, so that it does not matter how samples are split into requests.
        seed: first + choice,
      };
      yield { prompt, sampling };
    }
  }
}

async function complete(model: TinyModel, wanted: Wanted, signal?: AbortSignal): Promise<string> {
  const shape = SHAPE[wanted.kind];
  const breath = makeBreath(signal);
  const drawn: Drawn[] = [];
  for (const { prompt, sampling } of choicesOf(wanted)) {
    drawn.push(draw(model, prompt, sampling));
    await breath();
  }
  return JSON.stringify({
    id: newId(shape.id),
    object: shape.object,
    created: nowSeconds(),
    model: wanted.settings.model,
    choices: drawn.map(({ text, finishReason }, index) => ({
      index,
      ...shape.whole(text),
      finish_reason: finishReason,
      logprobs: null,
    })),
    usage: usageOf(wanted, drawn),
  });
}

/** Server-sent events, choice after choice; a part for each token whose text is certain. */
async function stream(model: TinyModel, wanted: Wanted, res: Response, signal: AbortSignal): Promise<void> {
  const shape = SHAPE[wanted.kind];
  if (wanted.prompts.length > 1) throw new ApiError("one prompt only where the answer is streamed", 400, "prompt");
  const head = { id: newId(shape.id), object: shape.part, created: nowSeconds(), model: wanted.settings.model };
  const breath = makeBreath(signal);
  const drawn: Drawn[] = [];
  res.type("text/event-stream");
  const send = (part: object): void => void res.write(`data: ${JSON.stringify({ ...head, ...part })}\n\n`);
  for (const { prompt, sampling } of choicesOf(wanted)) {
    const index = drawn.length;
    const choice = (text: string, reason: string | null) =>
      send({ choices: [{ index, ...shape.delta(text), finish_reason: reason, logprobs: null }] });
    const one = draw(model, prompt, sampling, (part) => choice(part, null));
    choice("", one.finishReason);
    drawn.push(one);
    await breath();
  }
  if (wanted.settings.stream_options?.include_usage === true) send({ choices: [], usage: usageOf(wanted, drawn) });
  res.end("data: [DONE]\n\n");
}

function usageOf({ prompts }: Wanted, drawn: readonly Drawn[]) {
  const prompt_tokens = prompts.reduce((sum, prompt) => sum + splitTokens(prompt).length, 0);
  const completion_tokens = drawn.reduce((sum, { tokens }) => sum + tokens, 0);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
