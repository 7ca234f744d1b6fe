import { z } from "zod";

import { estimatePassAtK } from "../../grading/metrics.js";

const TASK = "_ng_task_index";
const ROLLOUT = "_ng_rollout_index";
const FAILURE = "_ng_failure_class";

const responseSchema = z.looseObject({ [TASK]: z.int().default(0), reward: z.number().optional() });
type Response = z.output<typeof responseSchema>;

/** pass@k for every k takes time by the square of it. */
const ROLLOUTS_AT_MOST = 1024;
export const responsesSchema = z.object({
  verify_responses: z
    .array(responseSchema)
    .max(1_000_000)
    .refine((responses) => mostOf(responses) <= ROLLOUTS_AT_MOST, {
      error: `there are more than ${ROLLOUTS_AT_MOST} rollouts of one task`,
    }),
});

type Numbers = Record<string, number>;

/** How many rollouts the task with most of them has. */
function mostOf(responses: readonly Response[]): number {
  const counts = new Map<number, number>();
  for (const { [TASK]: task } of responses) counts.set(task, (counts.get(task) ?? 0) + 1);
  return [...counts.values()].reduce((most, count) => Math.max(most, count), 0);
}

interface AggregateMetrics {
  /** One for each task. */
  readonly group_level_metrics: readonly Record<string, unknown>[];
  readonly agent_metrics: Numbers;
  readonly key_metrics: Numbers;
}

/**
 * NeMo-Gym's baseline statistics over the numbers at the top of verify responses (`mean/reward`, `max/…`, `min/…`,
 * `median/…`, `std/…` with n - 1), for each task and over all, and pass@k of
 * `accuracy` (a reward above 0) in percent. Responses that a judge failed on are left out, as Gym leaves them out.
 */
export function aggregateMetrics(responses: readonly Response[]): AggregateMetrics {
  const scored = responses.filter((response) => response[FAILURE] === undefined);
  if (scored.length === 0) return { group_level_metrics: [], agent_metrics: {}, key_metrics: {} };
  const tasks = new Map<number, Response[]>();
  for (const response of scored) {
    const task = response[TASK];
    const group = tasks.get(task);
    if (group === undefined) tasks.set(task, [response]);
    else group.push(response);
  }
  const groups = [...tasks].sort(([a], [b]) => a - b);
  const agent_metrics = { ...describe(scored.map(readNumbers)), ...passRates(groups.map(([, group]) => group)) };
  const isKey = ([name]: [string, number]): boolean => name.startsWith("mean/") || name.startsWith("pass@");
  return {
    group_level_metrics: groups.map(([task, group]) => ({
      [TASK]: task,
      ...describe(group.map(readNumbers)),
      num_rollouts: group.length,
      rollout_infos: group.map((response) => ({
        ...readNumbers(response),
        [TASK]: task,
        [ROLLOUT]: response[ROLLOUT],
      })),
    })),
    agent_metrics,
    key_metrics: Object.fromEntries(Object.entries(agent_metrics).filter(isKey)),
  };
}

/** Numbers and truth values at the top of a response, and those of the model's `usage`. */
function readNumbers(response: Response): Numbers {
  const { usage } = (response["response"] ?? {}) as { usage?: unknown };
  const all = { ...response, ...(typeof usage === "object" && usage !== null ? usage : {}) };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      name === TASK || name === ROLLOUT || (typeof value !== "number" && typeof value !== "boolean")
        ? []
        : [[name, Number(value)]],
    ),
  );
}

function describe(rows: readonly Numbers[]): Numbers {
  const columns = new Map<string, number[]>();
  for (const [name, value] of rows.flatMap((row) => Object.entries(row))) {
    const column = columns.get(name);
    if (column === undefined) columns.set(name, [value]);
    else column.push(value);
  }
  return Object.fromEntries(
    [...columns].flatMap(([name, values]) => {
      const statistics = summarise(values.sort((a, b) => a - b));
      return Object.entries(statistics).map(([statistic, value]) => [`${statistic}/${name}`, value]);
    }),
  );
}

function summarise(sorted: readonly number[]): Numbers {
  const n = sorted.length;
  const mean = sum(sorted) / n;
  const squares = sum(sorted.map((value) => (value - mean) ** 2));
  const middle = ((sorted[Math.floor((n - 1) / 2)] ?? 0) + (sorted[Math.ceil((n - 1) / 2)] ?? 0)) / 2;
  return {
    mean,
    max: sorted[n - 1] ?? 0,
    min: sorted[0] ?? 0,
    median: middle,
    // Of one value there is no deviation; Gym writes 0.
    std: n < 2 ? 0 : Math.sqrt(squares / (n - 1)),
  };
}

/** For k from 1 to the most rollouts that a task has, over the tasks with as many. */
function passRates(groups: readonly (readonly Response[])[]): Numbers {
  const passes = groups.map((group) => group.map(({ reward = 0 }) => Number(reward > 0)));
  const most = passes.reduce((longest, { length }) => Math.max(longest, length), 0);
  const rates: Numbers = {};
  for (let k = 1; k <= most; k++) {
    const estimates = passes.flatMap((group) => estimatePassAtK(group.length, sum(group), k) ?? []);
    const firsts = passes.map((group) => sum(group.slice(0, k)) / Math.min(k, group.length));
    rates[`pass@${k}/accuracy`] = (100 * sum(estimates)) / estimates.length;
    rates[`pass@1[avg-of-${k}]/accuracy`] = (100 * sum(firsts)) / firsts.length;
  }
  return rates;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
