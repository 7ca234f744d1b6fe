import { Context, Prompt } from "./context.js";
import { coreOf, END, splitTokens, type Vocabulary } from "./tokens.js";

/** Rows of weights for writing, one weight for each token of the vocabulary, and weights for copying. */
const ROWS = 1 << 14;
const COPY_WEIGHTS = 1 << 16;
/** What is less probable than this is never drawn: most of the vocabulary, at most places. */
const NEVER = 1e-6;
/** Gradients smaller than this are left out: they would touch every weight and change nothing. */
const NEGLIGIBLE = 1e-4;

export interface Weights {
  readonly write: Float32Array;
  readonly copy: Float32Array;
}

export interface Candidate {
  readonly token: string;
  readonly probability: number;
}

/** A way to a token: from the vocabulary (`id`), or copied from the prompt, with its features. */
interface Route {
  readonly token: string;
  readonly features: readonly number[];
}

/** The next token's distribution; the probabilities of equal tokens belong together. */
interface Distribution {
  readonly rows: readonly number[];
  readonly copies: readonly Route[];
  /** Of the vocabulary's tokens, then of the copies. */
  readonly probability: Float64Array;
}

/**
 * A log-linear language model of what follows a prompt (a maximum entropy model, as in Rosenfeld 1996) with a pointer
 * network (as in See et al. 2017): the next token is written from the vocabulary or copied from the prompt; each way has
 * a score that is a sum of learned weights, one for each active feature, and a softmax makes them probabilities.
 * Features are hashed into a fixed number of weights.
 */
export class TinyModel {
  readonly vocabulary: Vocabulary;
  readonly weights: Weights;

  constructor(vocabulary: Vocabulary, weights?: Weights) {
    this.vocabulary = vocabulary;
    this.weights = weights ?? {
      write: new Float32Array(ROWS * vocabulary.tokens.length),
      copy: new Float32Array(COPY_WEIGHTS),
    };
  }

  /** A model that learns by itself from here. */
  clone(): TinyModel {
    const { write, copy } = this.weights;
    return new TinyModel(this.vocabulary, { write: write.slice(), copy: copy.slice() });
  }

  /** Tokens that may come next, each once, with their probabilities; the order depends on nothing but the model. */
  next(context: Context): Candidate[] {
    const { copies, probability } = this.#distribute(context);
    const { tokens } = this.vocabulary;
    const copied: Candidate[] = [];
    copies.forEach(({ token }, at) => {
      const p = probability[tokens.length + at] ?? 0;
      const id = this.vocabulary.id(token);
      if (id === undefined) copied.push({ token, probability: p });
      else probability[id] = (probability[id] ?? 0) + p;
    });
    const candidates = copied.filter((candidate) => candidate.probability >= NEVER);
    for (let id = 0; id < tokens.length; id++) {
      if ((probability[id] ?? 0) >= NEVER)
        candidates.push({ token: tokens[id] ?? END, probability: probability[id] ?? 0 });
    }
    return candidates;
  }

  /** The tokens of a completion as this model writes them, with the end. */
  encode(prompt: Prompt, completion: string): string[] {
    const context = new Context(prompt);
    const encoded: string[] = [];
    for (const token of splitTokens(completion)) {
      const known =
        this.vocabulary.id(token) !== undefined || context.pointers().some(({ core }) => core === coreOf(token));
      for (const part of known ? [token] : this.vocabulary.spell(token)) {
        encoded.push(part);
        context.push(part);
      }
    }
    return [...encoded, END];
  }

  /** The log-likelihood of a completion and its end behind a prompt, and over how many tokens; nothing is learned. */
  logLikelihood(prompt: string, completion: string): { sum: number; tokens: number } {
    const read = new Prompt(prompt);
    const tokens = this.encode(read, completion);
    return { sum: this.learn(read, tokens, 0), tokens: tokens.length };
  }

  /**
   * One step of gradient ascent on the log-likelihood of each token of a completion; the prompt's own tokens are
   * not learned. Returns the log-likelihood before the steps.
   */
  learn(prompt: Prompt, tokens: readonly string[], rate: number): number {
    const context = new Context(prompt);
    let sum = 0;
    for (const token of tokens) {
      const distribution = this.#distribute(context);
      sum += Math.log(this.#ascend(distribution, token, rate));
      context.push(token);
    }
    return sum;
  }

  #distribute(context: Context): Distribution {
    const { write, copy } = this.weights;
    const size = this.vocabulary.tokens.length;
    const rows = context.features().map((hash) => (hash & (ROWS - 1)) * size);
    const copies = context.pointers().flatMap((pointer) =>
      [false, true].map((space) => ({
        token: (space ? " " : "") + pointer.core,
        features: context.pointerFeatures(pointer, space).map((hash) => hash & (COPY_WEIGHTS - 1)),
      })),
    );
    const scores = new Float64Array(size + copies.length);
    for (const row of rows) for (let id = 0; id < size; id++) scores[id] = (scores[id] ?? 0) + (write[row + id] ?? 0);
    copies.forEach(({ features }, at) => {
      for (const feature of features) scores[size + at] = (scores[size + at] ?? 0) + (copy[feature] ?? 0);
    });
    return { rows, copies, probability: softmax(scores) };
  }

  /** Returns the probability that the token had. */
  #ascend({ rows, copies, probability }: Distribution, token: string, rate: number): number {
    const { write, copy } = this.weights;
    const size = this.vocabulary.tokens.length;
    const id = this.vocabulary.id(token);
    let reached = id === undefined ? 0 : (probability[id] ?? 0);
    copies.forEach((route, at) => (reached += route.token === token ? (probability[size + at] ?? 0) : 0));
    // d log(sum over ways to the token) / d score = share of the way in that sum - its probability
    const share = 1 / Math.max(reached, Number.MIN_VALUE);
    for (let at = 0; at < size; at++) {
      const p = probability[at] ?? 0;
      const gradient = (at === id ? p * share : 0) - p;
      if (Math.abs(gradient) < NEGLIGIBLE) continue;
      for (const row of rows) write[row + at] = (write[row + at] ?? 0) + rate * gradient;
    }
    copies.forEach((route, at) => {
      const p = probability[size + at] ?? 0;
      const gradient = (route.token === token ? p * share : 0) - p;
      for (const feature of route.features) copy[feature] = (copy[feature] ?? 0) + rate * gradient;
    });
    return reached;
  }
}

/** In place. */
function softmax(scores: Float64Array): Float64Array {
  let most = -Infinity;
  for (const score of scores) if (score > most) most = score;
  let sum = 0;
  for (let at = 0; at < scores.length; at++) sum += scores[at] = Math.exp((scores[at] ?? 0) - most);
  for (let at = 0; at < scores.length; at++) scores[at] = (scores[at] ?? 0) / sum;
  return scores;
}
