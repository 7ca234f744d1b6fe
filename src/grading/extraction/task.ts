import type { Problem } from "../types.js";
import { scanTopLevel } from "./top-level.js";

/** What extraction has to know of a problem. */
export interface Task {
  readonly prompt: string;
  /** The prompt is the beginning of a function that a completion may go on with. */
  readonly functionPrompt: boolean;
  /** Whether there is a function that tests call. */
  readonly hasEntryPoint: boolean;
  /** Whether `code` defines that function at its top level (or as a method of `class Solution`). */
  definesEntryPoint(code: string): boolean;
}

export function describeTask(problem: Problem): Task {
  const { tests, prompt } = problem;
  const entryPoint = tests.kind === "calls" ? tests.functionName : problem.entryPoint;
  const definesEntryPoint = (code: string): boolean => {
    // Most texts do not even hold the name; that is cheaper to see.
    if (entryPoint === null || !code.includes(entryPoint)) return false;
    const { names, methods, inherits } = scanTopLevel(code);
    if (names.has(entryPoint)) return true;
    return tests.kind === "calls" && methods !== null && (inherits || methods.has(entryPoint));
  };
  return {
    prompt,
    functionPrompt: tests.kind === "assertions" && problem.format !== "mbpp" && definesEntryPoint(prompt),
    hasEntryPoint: entryPoint !== null,
    definesEntryPoint,
  };
}
