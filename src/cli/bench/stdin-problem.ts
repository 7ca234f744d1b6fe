import type { Problem } from "../../grading/types.js";
import { times } from "./numbers.js";

export const TESTS_PER_PROGRAM = 20;

export interface StdinTest {
  readonly input: string;
  readonly output: string;
  readonly reference: string;
}

/** A problem that has one and the same stdin test `tests` times over. */
export function makeStdinProblem({ input, output, reference }: StdinTest, tests = TESTS_PER_PROGRAM): Problem {
  return {
    id: "bench/stdin",
    aliases: [],
    format: "apps",
    prompt: "",
    entryPoint: null,
    starterCode: "",
    difficulty: null,
    tests: { kind: "stdin", cases: times([{ input, output }], tests) },
    references: [reference],
    limits: {},
    invalid: null,
  };
}
