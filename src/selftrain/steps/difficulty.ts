import type { DifficultyBin } from "../config/schema.js";

/** The paper's bins of problems, by the base model's success rate. */
export function binOf(successRate: number): DifficultyBin {
  if (successRate >= 0.75) return "easy";
  if (successRate >= 0.5) return "medium";
  return successRate >= 0.25 ? "hard" : "very_hard";
}
