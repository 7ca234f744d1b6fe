import { Context, type Prompt } from "./context.js";
import type { Candidate, TinyModel } from "./model.js";
import { Random } from "./random.js";
import { END } from "./tokens.js";

/** How one completion is drawn, in the words of the OpenAI protocol and of vLLM's extensions to it. */
export interface Sampling {
  /** 0 takes the most probable token each time. */
  readonly temperature: number;
  /** From 0 to 1: the smallest set of tokens that has this much probability. */
  readonly topP: number;
  /** So many of the most probable tokens; 0 or less: all. */
  readonly topK: number;
  readonly repetitionPenalty: number;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly seed: number;
}

export interface Drawn {
  readonly text: string;
  readonly tokens: number;
  readonly finishReason: "stop" | "length";
}

/** Draws a completion, token by token; the same arguments give the same text. `onText` gets each part that is certain. */
export function draw(model: TinyModel, prompt: Prompt, sampling: Sampling, onText?: (part: string) => void): Drawn {
  const random = new Random(sampling.seed);
  const context = new Context(prompt);
  const written = new Set<string>();
  const longestStop = Math.max(0, ...sampling.stop.map((stop) => stop.length));
  let text = "";
  let shown = 0;
  const show = (upTo: number): void => {
    if (upTo > shown) onText?.(text.slice(shown, upTo));
    shown = Math.max(shown, upTo);
  };
  for (let tokens = 1; tokens <= sampling.maxTokens; tokens++) {
    const token = pickToken(model.next(context), sampling, written, random);
    if (token === END) {
      show(text.length);
      return { text, tokens, finishReason: "stop" };
    }
    const searchFrom = Math.max(0, text.length - longestStop);
    text += token;
    const end = findStop(text, sampling.stop, searchFrom);
    if (end !== -1) {
      show(end);
      return { text: text.slice(0, end), tokens, finishReason: "stop" };
    }
    // What could still turn out to be the beginning of a stop text waits.
    show(text.length - Math.max(0, longestStop - 1));
    context.push(token);
    written.add(token);
  }
  show(text.length);
  return { text, tokens: sampling.maxTokens, finishReason: "length" };
}

function findStop(text: string, stops: readonly string[], from: number): number {
  const found = stops.map((stop) => text.indexOf(stop, from)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** In the order of vLLM: penalty, temperature, top-k, top-p. */
function pickToken(
  next: readonly Candidate[],
  { temperature, topP, topK, repetitionPenalty }: Sampling,
  written: ReadonlySet<string>,
  random: Random,
): string {
  const candidates = next.map(({ token, probability }) => {
    const score = Math.log(probability);
    return { token, score: written.has(token) ? score * repetitionPenalty : score };
  });
  // Equal scores keep the vocabulary's order.
  candidates.sort((a, b) => b.score - a.score);
  const best = candidates[0] ?? { token: END, score: 0 };
  if (temperature === 0) return best.token;
  const kept = (topK > 0 ? candidates.slice(0, topK) : candidates).map(({ token, score }) => ({
    token,
    weight: Math.exp((score - best.score) / temperature),
  }));
  const nucleus = takeNucleus(kept, topP);
  let left = random.next() * sumOf(nucleus);
  for (const { token, weight } of nucleus) if ((left -= weight) < 0) return token;
  return best.token;
}

interface Weighted {
  readonly token: string;
  readonly weight: number;
}

function takeNucleus(kept: readonly Weighted[], topP: number): readonly Weighted[] {
  if (topP >= 1) return kept;
  let left = topP * sumOf(kept);
  const last = kept.findIndex(({ weight }) => (left -= weight) <= 0);
  return last === -1 ? kept : kept.slice(0, last + 1);
}

function sumOf(items: readonly Weighted[]): number {
  return items.reduce((sum, { weight }) => sum + weight, 0);
}
