import { addCosts } from "./context.js";
import { SETS, type Report } from "./records.js";

/** One line for each iteration and set; shares from 0 to 1. */
export function renderCsv({ name, iterations }: Report): string {
  const ks = [
    ...new Set(iterations.flatMap((one) => SETS.flatMap((set) => Object.keys(one[set]?.pass_at_k ?? {})))),
  ].sort((a, b) => Number(a) - Number(b));
  const head = [
    ...["run", "iteration", "model", "set", "problems", "scored", "pass_at_1", "ci95_low", "ci95_high"],
    ...["gain", "gain_ci95_low", "gain_ci95_high", "majority", ...ks.map((k) => `pass_at_${k}_sampled`)],
    ...["samples", "accepted", "selected", "prompt_tokens", "completion_tokens", "job_seconds", "grading_cpu_seconds"],
  ];
  const rows = iterations.flatMap((one) => {
    const cost = addCosts(Object.values(one.cost));
    return SETS.flatMap((set) => {
      const at = one[set];
      if (at === undefined) return [];
      return [
        [
          ...[name, one.iteration, one.model, set, at.problems, at.scored, at.pass_at_1, ...at.ci95],
          ...[at.gain?.difference, at.gain?.ci95[0], at.gain?.ci95[1], at.majority],
          ...ks.map((k) => at.pass_at_k?.[k]),
          ...[one.generation?.samples, one.generation?.accepted, one.generation?.selected],
          ...[cost.prompt_tokens, cost.completion_tokens, cost.job_seconds, cost.grading_cpu_seconds],
        ],
      ];
    });
  });
  return [head, ...rows].map((row) => row.map(writeCell).join(",") + "\n").join("");
}

function writeCell(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
