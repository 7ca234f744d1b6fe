import { existsSync } from "node:fs";

import { createGrader } from "../../grading/grader.js";
import type { Problem } from "../../grading/types.js";
import type { Sandbox } from "../../sandbox/contract.js";
import { runFloor } from "./floor.js";
import { times } from "./numbers.js";

/** A function problem whose tests call the program's function, with a right program. */
interface FunctionSet {
  readonly prompt: string;
  readonly body: string;
  readonly tests: string;
  /** How the program with its tests behind it is started without a sandbox. */
  readonly command: readonly string[];
}

/** The one that cells would run. */
const NODE = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => existsSync(path)) ?? "/usr/bin/node";

/** For languages whose functions a judge calls, beside those that have a set of problems of their own. */
const SETS: Readonly<Record<string, FunctionSet>> = {
  javascript: {
    prompt: "/* Numbers below a limit whose digits add up to an even number.\n */\nconst evenSums = (limit) => {\n",
    body: `  const found = [];
  for (let number = 0; number < limit; number++) {
    const sum = [...String(number)].reduce((all, digit) => all + Number(digit), 0);
    if (sum % 2 === 0) found.push(number);
  }
  return found;
}
`,
    tests: `const testEvenSums = () => {
  console.assert(JSON.stringify(evenSums(0)) === JSON.stringify([]))
  console.assert(JSON.stringify(evenSums(3)) === JSON.stringify([0, 2]))
  console.assert(JSON.stringify(evenSums(14)) === JSON.stringify([0, 2, 4, 6, 8, 11, 13]))
  console.assert(evenSums(100).length === 50)
  console.assert(evenSums(200).length === 100)
}

testEvenSums()
`,
    command: [NODE, "{program}"],
  },
};

/** Programs per second of a function problem: graded, and as one process of the language for each. */
export interface FunctionRates {
  bare(programs: number, workers: number): Promise<number>;
  assay(programs: number): Promise<number>;
}

/** Null for a language whose functions no judge calls here. Rates throw an Error when a program is not accepted. */
export function functionRates(sandbox: Sandbox, language: string): FunctionRates | null {
  const set = SETS[language];
  if (set === undefined) return null;
  const { prompt, body, tests, command } = set;
  const problem: Problem = {
    ...{ id: "bench/function", aliases: [], format: "humaneval-x", language, prompt, entryPoint: "evenSums" },
    ...{ starterCode: "", difficulty: null, references: [], limits: {}, invalid: null },
    tests: { kind: "shared", source: tests, setup: "", open: 0 },
  };
  const grader = createGrader(sandbox, { comparator: "strict", allTests: false, limits: {}, extraction: "auto" });
  const grade = async (solution: string): Promise<void> => {
    const sample = { taskId: problem.id, completion: null, solution, row: {} };
    const { verdict, first_failure } = await grader.grade(problem, sample);
    if (verdict !== "accepted") throw new Error(`a function was graded ${verdict} ${JSON.stringify(first_failure)}`);
  };
  // Each is another program, as samples are.
  const make = (index: number): string => `${prompt}${body}// ${index}\n`;
  return {
    async bare(programs, workers) {
      const job = { programs: times([`${prompt}${body}\n${tests}`], programs), stdin: "", output: null, workers };
      const { seconds, failed } = await runFloor("bare", { ...job, command: { arguments: command, environment: [] } });
      if (failed > 0) throw new Error(`${failed} programs failed without a sandbox`);
      return programs / seconds;
    },
    async assay(programs) {
      const all = Array.from({ length: programs }, (_, index) => make(index));
      const began = performance.now();
      await Promise.all(all.map(grade));
      return programs / ((performance.now() - began) / 1000);
    },
  };
}
