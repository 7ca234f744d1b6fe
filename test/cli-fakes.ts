import { Writable } from "node:stream";
import type { Context, Dependencies } from "../src/cli/context.js";
import { EXTRACTION_VERSION } from "../src/grading/extraction/index.js";
import type { ProblemSet } from "../src/grading/problems/index.js";
import { readSamples } from "../src/grading/samples.js";
import type { Problem, Sample, Verdict, VerdictRecord } from "../src/grading/types.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { version } from "../src/version.js";

/** The grader that the fakes claim to be. */
export const GRADER = `assay ${version}, fake 1`;

export function makeRecord(
  taskId: string,
  verdict: Verdict = "accepted",
  fields: Partial<VerdictRecord> = {},
): VerdictRecord {
  const passed = verdict === "accepted";
  return {
    ...{
      task_id: taskId,
      verdict,
      passed,
      reward: passed ? 1 : 0,
      tests: { total: 2, run: 2, passed: passed ? 2 : 1 },
    },
    first_failure: passed ? null : { index: 1, verdict, input: "1", expected: "2", actual: "3", stderr: "" },
    usage: { cpu_ms: 2, wall_ms: 3, peak_memory_kb: 10_000, queue_ms: 0 },
    extraction: { rule: "solution", version: EXTRACTION_VERSION, language: "python", truncated: false, blocks: 0 },
    ...{ integrity: "isolated", isolation: "namespaces", comparator: "strict", cached: false, grader: GRADER },
    ...fields,
  };
}

export function makeProblem(id: string, fields: Partial<Problem> = {}): Problem {
  return {
    ...{ id, aliases: [], format: "humaneval", prompt: "", entryPoint: null, starterCode: "", difficulty: null },
    tests: { kind: "stdin", cases: [{ input: "1", output: "2" }] },
    ...{ references: [], limits: {}, invalid: null },
    ...fields,
  };
}

/** An output that keeps what is written to it. */
export class Captured extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    done();
  }
}

export type FakeGrade = (problem: Problem, sample: Sample) => VerdictRecord | Promise<VerdictRecord>;

export interface FakeWorld {
  readonly context: Context;
  readonly stdout: Captured;
  readonly stderr: Captured;
  /** Task ids in the order in which they were graded. */
  readonly graded: string[];
  readonly interruption: AbortController;
  readonly state: { code: number | undefined; disposed: number };
}

/** A context whose grader is `grade` and whose problems are `problems`; samples are read from real files. */
export function makeWorld(
  problems: readonly Problem[],
  grade: FakeGrade,
  fakes: Partial<Dependencies> = {},
): FakeWorld {
  const stdout = new Captured();
  const stderr = new Captured();
  const graded: string[] = [];
  const interruption = new AbortController();
  const state: FakeWorld["state"] = { code: undefined, disposed: 0 };
  const set: ProblemSet = {
    ...{ name: "fake", format: "humaneval", path: "fake.jsonl", problems },
    find: (taskId) => problems.find(({ id, aliases }) => id === taskId || aliases.includes(taskId)),
    copy: (keep) => problems.filter((_, place) => keep(place)).map(({ id }) => JSON.stringify({ id })),
  };
  const sandbox: Sandbox = {
    enforcement: { isolation: "namespaces", runtime: "fake 1", walls: [{ name: "network", means: "none" }] },
    withProgram: () => Promise.reject(new Error("nothing runs here")),
    dispose: () => Promise.resolve(void (state.disposed += 1)),
  };
  const dependencies: Dependencies = {
    readProblems: () => Promise.resolve(set),
    readSamples,
    createSandbox: () => Promise.resolve(sandbox),
    createGrader: () => ({
      async grade(problem, sample) {
        graded.push(problem.id);
        return await grade(problem, sample);
      },
    }),
    makeMutants: () => Promise.resolve([]),
    probe: () => Promise.reject(new Error("not asked for")),
    ...fakes,
  };
  const context: Context = {
    ...{ dependencies, stdout, stderr, interrupt: interruption.signal },
    now: () => performance.now(),
    exit: (code) => (state.code = code),
  };
  return { context, stdout, stderr, graded, interruption, state };
}
