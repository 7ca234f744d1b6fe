import type { Lease, Limits, LiveEnd, RunResult } from "../sandbox/contract.js";
import { judgeOutputs, type ScriptTest } from "./checkers/index.js";
import { createInteraction } from "./checkers/interaction.js";
import type { Comparator } from "./comparators/index.js";
import { inTurn } from "./in-turn.js";
import type { Tally } from "./tally.js";
import type { StdinTests } from "./types.js";

export interface ScriptPlan {
  readonly tests: readonly ScriptTest[];
  /** What says how outputs are judged. */
  readonly of: StdinTests;
}

export interface ScriptRun {
  /** Of the candidate. */
  readonly lease: Lease;
  readonly limits: Limits;
  readonly comparator: Comparator;
  readonly tally: Tally;
  /** The input comes through a pipe, not from a file. */
  readonly isPiped: boolean;
  /** Whether the next test is to be begun. */
  readonly goesOn: () => boolean;
}

/** Runs a program that reads stdin once for each test, and counts what became of each. */
export async function runScripts(plan: ScriptPlan, run: ScriptRun): Promise<void> {
  const { tests } = plan;
  run.tally.total = tests.length;
  await (plan.of.interactor === undefined ? compareOutputs(plan, run) : interact(plan, run));
}

async function compareOutputs({ tests, of }: ScriptPlan, run: ScriptRun): Promise<void> {
  const { lease, limits, comparator, tally, goesOn, isPiped } = run;
  const judge = judgeOutputs(of, comparator, lease);
  const begin = (index: number): Promise<RunResult> => {
    const stdin = tests[index]?.stdin ?? EMPTY;
    return lease.run({ limits, again: tests.length > 1, ...(isPiped ? { live: feed(stdin) } : { stdin }) });
  };
  await inTurn(tests.length, begin, async (result, index) => {
    const test = tests[index];
    if (test === undefined) return false;
    tally.addScript(result, index, test, result.ending === "finished" ? await judge(test, result) : null);
    return goesOn();
  });
}

/** One after the other: each takes two cells. */
async function interact({ tests, of }: ScriptPlan, { lease, limits, tally, goesOn }: ScriptRun): Promise<void> {
  if (of.interactor === undefined) return;
  const talk = createInteraction(of.interactor, lease);
  for (const [index, test] of tests.entries()) {
    const { result, decision } = await talk(test, limits);
    tally.addScript(result, index, test, decision);
    if (!goesOn()) return;
  }
}

/** A whole input, written into the program's pipe. */
function feed(stdin: Uint8Array): LiveEnd {
  return {
    begun(input) {
      input.write(stdin);
      input.close();
    },
    heard: () => undefined,
  };
}

const EMPTY = new Uint8Array();
