import { Prompt } from "./context.js";
import type { Row } from "./language.js";
import type { TinyModel } from "./model.js";
import { Random } from "./random.js";

export interface TrainOptions {
  readonly epochs: number;
  /** Size of a step at the beginning; it falls to a tenth of that at the end. */
  readonly rate: number;
  /** Decides the order of the rows. */
  readonly seed: number;
}

export interface TrainProgress {
  /** Rows learned so far, of all epochs together. */
  readonly step: number;
  readonly steps: number;
  readonly tokens: number;
  /** Mean negative log-likelihood of a token over the last rows, natural logarithm. */
  readonly loss: number;
}

/** Rows between two reports of progress. */
const REPORT_EVERY = 100;

/**
 * Changes the model by stochastic gradient ascent on the likelihood of the completions, one row at a time. It gives way
 * after each row, so that whoever runs it decides how long the process may be busy; it yields null, or how far it is.
 */
export function* train(
  model: TinyModel,
  rows: readonly Row[],
  { epochs, rate, seed }: TrainOptions,
): Generator<TrainProgress | null, TrainProgress> {
  const random = new Random(seed);
  const encoded = rows.map(({ prompt, completion }) => {
    const read = new Prompt(prompt);
    return { prompt: read, tokens: model.encode(read, completion) };
  });
  const order = Uint32Array.from(rows.keys());
  const steps = epochs * rows.length;
  let step = 0;
  let tokens = 0;
  let recent = { loss: 0, tokens: 0 };
  const report = (): TrainProgress => ({ step, steps, tokens, loss: recent.loss / Math.max(1, recent.tokens) });
  for (let epoch = 0; epoch < epochs; epoch++) {
    random.shuffle(order);
    for (const at of order) {
      const row = encoded[at];
      if (row === undefined) continue;
      const likelihood = model.learn(row.prompt, row.tokens, rate * (1 - (0.9 * step) / steps));
      recent.loss -= likelihood;
      recent.tokens += row.tokens.length;
      tokens += row.tokens.length;
      step += 1;
      if (step % REPORT_EVERY === 0 && step < steps) {
        yield report();
        recent = { loss: 0, tokens: 0 };
      } else yield null;
    }
  }
  return report();
}
