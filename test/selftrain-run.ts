import { readProblems } from "../src/grading/problems/index.js";
import { runCommandLine } from "../src/cli/program.js";
import type { Problem, Sample } from "../src/grading/types.js";
import { makeRecord, makeWorld, type FakeWorld } from "./cli-fakes.js";

/** Runs `assay selftrain …` in this process; `Print A + B.` is judged by reading the program instead of running it. */
export async function runSelftrain(...words: string[]): Promise<Ended> {
  return startSelftrain(...words).ended;
}

export interface Ended {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export function startSelftrain(...words: string[]): { readonly world: FakeWorld; readonly ended: Promise<Ended> } {
  const world = makeWorld([], judgeByReading, { readProblems });
  const ended = runCommandLine(world.context, ["selftrain", ...words]).then(() => ({
    code: world.state.code,
    stdout: world.stdout.text,
    stderr: world.stderr.text,
  }));
  return { world, ended };
}

function judgeByReading(problem: Problem, sample: Sample) {
  const [, sum = "?"] = /Print (\d+ \+ \d+)/.exec(problem.prompt) ?? [];
  const text = sample.completion ?? sample.solution ?? "";
  const verdict = text === "" ? "no_code" : text.includes(sum) ? "accepted" : "wrong_answer";
  return makeRecord(problem.id, verdict);
}
