import { z } from "zod";
import { readLastBoxed } from "../mathematics/boxed.js";
import type { Problem } from "../types.js";
import { json, readFields, type RowReader } from "./schema.js";

const text = json(z.string());
const schema = z.object({
  unique_id: json(z.union([z.string().min(1), z.int()])).optional(),
  problem: text,
  solution: text,
  answer: json(z.union([z.string(), z.number()])).optional(),
  level: json(z.union([z.string(), z.number()]).nullish()).optional(),
});

/** What a MATH problem is made of, whichever way it is laid out. */
export interface MathParts {
  /** For instance `test/algebra/1` or a line number. */
  readonly name: string;
  readonly problem: string;
  readonly solution: string;
  /** Where it is stated apart from the solution (MATH-500). */
  readonly answer: string | null;
  readonly level: string | null;
}

/**
 * MATH in rows: `problem`, `solution`, and where they are there `level`, `answer` (MATH-500) and `unique_id`. Without
 * an id a problem is named by its line, from 1. The answer is what the solution's last `\boxed{…}` holds.
 */
export const math: RowReader = {
  format: "math",
  recognisedBy: `MATH: "problem" and "solution"`,
  idField: "unique_id",
  recognises: (fields) => fields.has("problem") && fields.has("solution") && !fields.has("input_output"),
  read(row): Problem {
    const { unique_id, problem, solution, answer, level } = readFields(row, schema);
    return makeMathProblem({
      ...{ problem, solution },
      name: String(unique_id ?? row.line),
      answer: answer === undefined ? null : String(answer),
      level: level == null ? null : String(level),
    });
  },
};

/** A problem named `MATH/<name>`; its difficulty is the level (`Level 5`). */
export function makeMathProblem({ name, problem, solution, answer, level }: MathParts): Problem {
  const plain = name.replace(/\.json$/, "").replace(/^MATH\//i, "");
  const expected = answer ?? readLastBoxed(solution);
  return {
    id: `MATH/${plain}`,
    aliases: [...new Set([plain, name, `${plain}.json`, plain.replace(/^(?:train|test)\//, "")])],
    format: "math",
    prompt: problem,
    entryPoint: null,
    starterCode: "",
    difficulty: level === null || level.startsWith("Level") ? level : `Level ${level}`,
    tests: { kind: "answer", answer: expected ?? "" },
    references: expected === null ? [] : [expected],
    limits: {},
    invalid: expected === null || expected.trim() === "" ? "no answer: the solution has no \\boxed{…}" : null,
  };
}
