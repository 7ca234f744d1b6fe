import type { Grader } from "../grading/grader.js";
import { makeStdinProblem } from "../grading/problems/stdin.js";
import { sampleOf } from "./problem.js";

const WARM_UPS = 3;
/** What sharing caches and a core's threads may cost a neighbour; more is an attack that reaches over. */
const TIMES_AS_LONG = 4;
const SLACK_MS = 60;

const COUNTING = makeStdinProblem("neighbour", [{ input: "200000\n", output: "399999\n" }]);
const PROGRAM = "print(sum(i * i % 7 for i in range(int(input()))))\n";

/** An honest program that runs in a cell of its own, over and over, while something else goes on. */
export class Neighbour {
  private constructor(
    private readonly grader: Grader,
    /** CPU time in milliseconds that it takes with nobody beside it. */
    readonly usualMs: number,
  ) {}

  /** Measures how long the program takes when all is quiet. */
  static async meet(grader: Grader): Promise<Neighbour> {
    const times: number[] = [];
    for (let round = 0; round < WARM_UPS; round++) times.push((await runOnce(grader)).cpuMs);
    return new Neighbour(grader, Math.min(...times));
  }

  /** Runs beside `work`, once at least, and says in words what was not as usual. */
  async beside<T>(work: () => Promise<T>): Promise<{ value: T; complaints: string[] }> {
    const state = { over: false };
    const value = work().finally(() => (state.over = true));
    value.catch(() => undefined);
    const complaints = new Set<string>();
    do {
      const { verdict, cpuMs } = await runOnce(this.grader);
      if (verdict !== "accepted") complaints.add(`a neighbour beside it got ${verdict}`);
      else if (cpuMs > TIMES_AS_LONG * this.usualMs + SLACK_MS) {
        complaints.add(`a neighbour beside it took ${cpuMs.toFixed(0)} ms of CPU time, not ${this.usualMs.toFixed(0)}`);
      }
    } while (!state.over);
    return { value: await value, complaints: [...complaints] };
  }
}

async function runOnce(grader: Grader): Promise<{ verdict: string; cpuMs: number }> {
  const { verdict, usage } = await grader.grade(COUNTING, sampleOf(COUNTING, PROGRAM, true));
  return { verdict, cpuMs: usage.cpu_ms };
}
