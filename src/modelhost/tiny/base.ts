import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { z } from "zod";
import { InputError } from "../../errors.js";
import { makeBreath } from "./breath.js";
import { generateCorpus, languageSchema, type Language } from "./language.js";
import { TinyModel } from "./model.js";
import { Vocabulary } from "./tokens.js";
import { train } from "./train.js";
import { loadModel, saveModel } from "./weights-file.js";

const LANGUAGE = fileURLToPath(new URL("../../../fixtures/selftrain/language.json", import.meta.url));
/** Counts up when the same settings would give another model. */
const GENERATION = 1;
/** Step size of the pre-training. */
const RATE = 0.1;

/** The pre-training run of the tiny model; what it comes to depends on nothing else. */
export const tinyConfig = z.strictObject({
  language: z.string().min(1).default(LANGUAGE).describe("what the generated text is made of"),
  rows: z.int().min(1).max(100_000).default(2000).describe("rows of generated text"),
  epochs: z.int().min(1).max(100).default(2),
  seed: z.int().min(0).default(1).describe("decides the text and its order"),
});
export type TinyConfig = z.output<typeof tinyConfig>;

/** The base model, from `folder` if it was made before with the same settings. `say` hears what takes time. */
export async function prepareBase(
  config: TinyConfig,
  folder: string,
  say: (message: string) => void,
  signal: AbortSignal,
): Promise<TinyModel> {
  const text = await readFile(config.language, "utf8");
  const settings = JSON.stringify([GENERATION, RATE, config.rows, config.epochs, config.seed, text]);
  const path = join(folder, `${createHash("sha256").update(settings).digest("hex").slice(0, 32)}.bin.gz`);
  const cached = await loadModel(path).catch(() => null);
  if (cached !== null) return cached;
  const { rows, epochs, seed } = config;
  const corpus = [...generateCorpus(readLanguage(text, config.language), rows, seed)];
  const model = new TinyModel(Vocabulary.of(corpus.map(({ completion }) => completion)));
  say(`pre-training the base model: ${rows} rows of generated text, ${epochs} times, seed ${seed}`);
  const breath = makeBreath(signal);
  const steps = train(model, corpus, { epochs, rate: RATE, seed });
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) await breath();
  say(`pre-trained on ${step.value.tokens} tokens, loss ${step.value.loss.toFixed(3)} a token at the end`);
  await saveModel(path, model);
  return model;
}

function readLanguage(text: string, file: string): Language {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError("is no JSON", { file });
  }
  const parsed = languageSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(issue?.message ?? "cannot be used", { file, field: issue?.path.join(".") });
}
