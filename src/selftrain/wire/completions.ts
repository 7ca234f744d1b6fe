import { z } from "zod";
import type { EndpointConfig } from "../config/endpoint.js";
import type { Prompt } from "../prompts.js";
import { WireFault } from "./faults.js";
import { readJson, type Wire } from "./wire.js";

/** How completions are drawn; all of it goes with each request. */
export interface Sampling {
  readonly temperature: number;
  readonly top_p: number;
  readonly top_k: number;
  readonly repetition_penalty: number;
  readonly max_tokens: number;
  readonly stop: readonly string[];
}

export interface CompletionRequest {
  readonly model: string;
  readonly prompt: Prompt;
  readonly n: number;
  readonly seed: number;
  readonly sampling: Sampling;
  readonly key: string;
  readonly signal: AbortSignal;
  readonly draining?: AbortSignal;
  readonly patienceMs?: number;
}

export interface Choice {
  readonly text: string;
  readonly finish_reason: string | null;
}
export interface Answer {
  /** At most as many as were asked for, and at least one. */
  readonly choices: readonly Choice[];
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
}

const finish = z.string().nullish();
const usage = z.object({ prompt_tokens: z.int().nullish(), completion_tokens: z.int().nullish() }).nullish();
const textAnswer = z.object({
  choices: z.array(z.object({ index: z.int().nullish(), text: z.string(), finish_reason: finish })).min(1),
  usage,
});
const chatAnswer = z.object({
  choices: z
    .array(
      z.object({
        index: z.int().nullish(),
        message: z.object({ content: z.string().nullish() }),
        finish_reason: finish,
      }),
    )
    .min(1),
  usage,
});

/**
 * Asks for completions.
 * @throws StoppedError, WireFault of the kind `too_long`, the signal's reason
 */
export function complete(
  wire: Wire,
  endpoint: Pick<EndpointConfig, "api" | "extensions" | "max_tokens_field">,
  request: CompletionRequest,
): Promise<Answer> {
  const { model, prompt, n, seed, sampling, key, signal, draining, patienceMs } = request;
  const { temperature, top_p, top_k, repetition_penalty, max_tokens, stop } = sampling;
  const isChat = endpoint.api === "chat";
  return wire.call({
    method: "POST",
    path: isChat ? "/chat/completions" : "/completions",
    body: {
      model,
      ...(isChat ? { messages: prompt } : { prompt }),
      ...{ n, seed, temperature, top_p },
      // Not sent where the server would refuse them.
      ...(endpoint.extensions ? { top_k, repetition_penalty } : {}),
      [endpoint.max_tokens_field]: max_tokens,
      ...(stop.length === 0 ? {} : { stop }),
    },
    ...{ key, signal },
    ...(draining === undefined ? {} : { draining }),
    ...(patienceMs === undefined ? {} : { patienceMs }),
    read: (text) => readAnswer(text, isChat, n),
  });
}

function readAnswer(text: string, isChat: boolean, n: number): Answer {
  const value = readJson(text);
  const parsed = isChat ? chatAnswer.safeParse(value) : textAnswer.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new WireFault(
      `no completion in the answer (${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""})`,
      "transient",
    );
  }
  const { choices, usage: used } = parsed.data;
  const inOrder = choices.map((choice, place) => ({ choice, at: choice.index ?? place })).sort((a, b) => a.at - b.at);
  return {
    choices: inOrder.slice(0, n).map(({ choice }) => ({
      text: "text" in choice ? choice.text : (choice.message.content ?? ""),
      finish_reason: choice.finish_reason ?? null,
    })),
    prompt_tokens: used?.prompt_tokens ?? null,
    completion_tokens: used?.completion_tokens ?? null,
  };
}
