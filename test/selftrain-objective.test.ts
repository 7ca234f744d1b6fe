import { describe, expect, it } from "vitest";
import type { Judged } from "../src/selftrain/collect/rows.js";
import { createRandom } from "../src/selftrain/seeds.js";
import { Selector, type SelectOptions } from "../src/selftrain/steps/select.js";
import { makeProblem } from "./cli-fakes.js";

/** A discrete model: for each context a table of what it may say, and how likely that is. */
type Model = Readonly<Record<string, Readonly<Record<string, number>>>>;
const base: Model = {
  x1: { "print(1)": 0.5, "print(2)": 0.3, "print(3)": 0.2 },
  x2: { "print(1)": 0.1, "print(2)": 0.1, "print(3)": 0.8 },
  x3: { "print(1)": 0.6, "print(2)": 0.4, "print(3)": 0 },
};
const other: Model = {
  x1: { "print(1)": 0.2, "print(2)": 0.2, "print(3)": 0.6 },
  x2: { "print(1)": 0.3, "print(2)": 0.3, "print(3)": 0.4 },
  x3: { "print(1)": 0.9, "print(2)": 0.05, "print(3)": 0.05 },
};
const CORRECT: Readonly<Record<string, string>> = { x1: "print(1)", x2: "print(2)", x3: "print(3)" };
const problems = Object.keys(base).map((id) => makeProblem(id));

/** The E-step: D = {(x, y)}, y drawn from the model, each with its reward. */
function draw(model: Model, samples: number): (Judged & { reward: number })[] {
  return Object.entries(model).flatMap(([x, table]) => {
    const random = createRandom("draw", x);
    return Array.from({ length: samples }, (_, sample) => {
      let left = random();
      const y = Object.keys(table).find((one) => (left -= table[one] ?? 0) < 0) ?? "print(1)";
      const reward = y === CORRECT[x] ? 1 : 0;
      const row = { task_id: x, sample, completion: y, finish_reason: "stop", model: "base", seed: sample };
      const verdict = reward === 1 ? ("accepted" as const) : ("wrong_answer" as const);
      return { sample: row, verdict: { task_id: x, sample, verdict, cached: false, usage: { cpu_ms: 1 } }, reward };
    });
  });
}

/** Algorithm 1's objective: the sum over D of r(x, y) log p(y | x). */
function objective(data: readonly { x: string; y: string; reward: number }[], model: Model): number {
  return data.reduce((sum, { x, y, reward }) => sum + (reward === 0 ? 0 : reward * Math.log(model[x]?.[y] ?? 0)), 0);
}

async function select(data: readonly Judged[], how: Partial<SelectOptions["select"]>) {
  const selector = await Selector.open({
    select: { max_per_problem: null, deduplicate: false, rule: "random", reward: "correct", ...how },
    ...{ seed: 1, iteration: 1, model: "base", extraction: "auto", baseRates: null },
    find: (id) => problems.find((problem) => problem.id === id),
    read: async function* () {
      await Promise.resolve();
      yield* data;
    },
  });
  const rows: { x: string; y: string; reward: number }[] = [];
  for await (const { task_id: x, completion: y } of selector.rows()) rows.push({ x, y, reward: 1 });
  return { rows, counts: selector.counts };
}

describe("the rows that the M-step learns from", () => {
  const drawn = draw(base, 50);
  const data = drawn.map(({ sample, reward }) => ({ x: sample.task_id, y: sample.completion, reward }));

  it("have the reward-weighted log-likelihood of Algorithm 1 as their log-likelihood, under any model", async () => {
    const { rows } = await select(drawn, {});
    expect(rows.length).toBe(data.filter(({ reward }) => reward === 1).length);
    for (const model of [base, other]) expect(objective(rows, model)).toBeCloseTo(objective(data, model), 10);
    // By hand: x1 has 0.5 of it right, x2 0.1, x3 nothing; the numbers drawn are counted here.
    const n1 = rows.filter(({ x }) => x === "x1").length;
    const n2 = rows.filter(({ x }) => x === "x2").length;
    expect(objective(rows, base)).toBeCloseTo(n1 * Math.log(0.5) + n2 * Math.log(0.1), 10);
    expect([n1 > 15 && n1 < 35, n2 > 0 && n2 < 15, rows.length - n1 - n2]).toEqual([true, true, 0]);
  });

  it("have their maximum at the model tilted by the reward: p(y | x) r(x, y), made to sum to 1", async () => {
    const { rows } = await select(drawn, {});
    const share = (x: string, y: string): number => {
      const of = rows.filter((row) => row.x === x);
      return of.filter((row) => row.y === y).length / of.length;
    };
    for (const x of ["x1", "x2"]) expect(share(x, CORRECT[x] ?? "")).toBe(1);
  });

  it("weigh a problem by at most its cap, and each program once where equal ones are one", async () => {
    const capped = await select(drawn, { max_per_problem: 3 });
    const once = await select(drawn, { deduplicate: true });
    expect(objective(capped.rows, base)).toBeCloseTo(3 * Math.log(0.5) + 3 * Math.log(0.1), 10);
    expect(objective(once.rows, base)).toBeCloseTo(Math.log(0.5) + Math.log(0.1), 10);
    expect(once.counts).toMatchObject({ distinct: 2, selected: 2, problems_selected: 2 });
  });

  it("are as many with shuffled rewards, and no more often right than the samples are", async () => {
    const many = draw(base, 400);
    const { rows, counts } = await select(many, { reward: "shuffled" });
    expect(rows.length).toBe(counts.accepted);
    const right = rows.filter(({ x, y }) => CORRECT[x] === y).length / rows.length;
    expect(Math.abs(right - counts.accepted / counts.samples)).toBeLessThan(0.1);
  });

  it("hold no sample whose verdict is the grader's fault, whatever the rewards are", async () => {
    const faulty = drawn.map((one) => ({
      ...one,
      verdict: { ...one.verdict, verdict: "infrastructure_error" as const },
    }));
    for (const reward of ["correct", "shuffled"] as const) {
      expect(
        (await select([...faulty.slice(0, 149), ...drawn.slice(149)], { reward })).rows.length,
      ).toBeLessThanOrEqual(1);
    }
  });
});
