import { z } from "zod";
import { Random } from "./random.js";

const step = z.strictObject({
  id: z.string(),
  sentences: z.array(z.string().min(1)).min(1),
  code: z.record(z.string().min(1), z.number().positive()).refine((code) => Object.keys(code).length > 0),
});

/** `fixtures/selftrain/language.json`: what generated text is made of. It does not say which code is right. */
export const languageSchema = z.strictObject({
  about: z.string(),
  names: z.array(z.string().min(1)).min(1),
  arguments: z.array(z.string().min(1)).min(1),
  headers: z.array(z.string().min(1)).min(1),
  steps: z.array(step).min(1),
  endings: z.array(step).min(1),
});
export type Language = z.output<typeof languageSchema>;
type Step = z.output<typeof step>;

export interface Row {
  readonly prompt: string;
  readonly completion: string;
}

/** The sum of the Dirichlet distribution's parameters: the smaller, the more a sentence has habits of its own. */
const CONCENTRATION = 4;

/**
 * Rows of generated text: a description in some steps, and a program written under it. Each sentence has habits of its
 * own, drawn from the seed: under one most people write this, under another that, and whether it is right plays no part.
 */
export function* generateCorpus(language: Language, rows: number, seed: number): Generator<Row> {
  const random = new Random(seed);
  const habits = new Map<string, readonly [string, number][]>();
  for (const step of [...language.steps, ...language.endings]) {
    for (const sentence of step.sentences) habits.set(sentence, drawHabit(step, random));
  }
  for (let row = 0; row < rows; row++) {
    const steps = Array.from({ length: 1 + random.below(3) }, () => random.pick(language.steps));
    const fill = { name: random.pick(language.names), a: random.pick(language.arguments) };
    const prompt = [random.pick(language.headers).replace("{name}", fill.name).replace("{a}", fill.a)];
    const program = [`def ${fill.name}(${fill.a}):`];
    for (const step of [...steps, random.pick(language.endings)]) {
      const k = String(2 + random.below(8));
      const sentence = random.pick(step.sentences);
      const code = drawCode(habits.get(sentence) ?? [], random);
      prompt.push(`- ${sentence.replaceAll("{k}", k)}`);
      program.push(`    ${code.replaceAll("{a}", fill.a).replaceAll("{k}", k)}`);
    }
    yield { prompt: prompt.join("\n") + "\n", completion: program.join("\n") + "\n" };
  }
}

/** A Dirichlet draw around the language's own frequencies. */
function drawHabit({ code }: Step, random: Random): [string, number][] {
  const total = Object.values(code).reduce((sum, weight) => sum + weight, 0);
  return Object.entries(code).map(([line, weight]) => [line, drawGamma((CONCENTRATION * weight) / total, random)]);
}

/** Gamma with this shape: a sum of exponentials for the whole part, Ahrens and Dieter's method for the rest. */
function drawGamma(shape: number, random: Random): number {
  let sum = 0;
  for (let part = 1; part <= shape; part++) sum += random.exponential();
  const rest = shape % 1;
  if (rest === 0) return sum;
  for (;;) {
    const bound = (Math.E + rest) / Math.E;
    const u = bound * random.next();
    const x = u <= 1 ? u ** (1 / rest) : -Math.log((bound - u) / rest);
    if (random.next() <= (u <= 1 ? Math.exp(-x) : x ** (rest - 1))) return sum + x;
  }
}

function drawCode(habit: readonly [string, number][], random: Random): string {
  let left = random.next() * habit.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [line, weight] of habit) if ((left -= weight) <= 0) return line;
  return habit.at(-1)?.[0] ?? "";
}
