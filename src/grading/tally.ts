import { isOutOfMemory, lastLine } from "../sandbox/classify.js";
import type { CheckResult, RunResult } from "../sandbox/contract.js";
import type { Decision } from "./checkers/decision.js";
import type { ScriptTest } from "./checkers/index.js";
import type { Failure, Verdict, VerdictRecord } from "./types.js";

/** Longest text of a failure in a record, in UTF-16 units. */
const SHOWN = 2000;

/** Adds up the runs of one sample. The first failure decides; a fault of ours beats everything. */
export class Tally {
  total = 0;
  run = 0;
  passed = 0;
  queueMs = 0;
  /** The first cause to fail, or null while nothing has. */
  verdict: Verdict | null = null;
  firstFailure: Failure | null = null;
  /** Indices of the tests that were run and did not pass, rising. */
  failed: number[] = [];
  #cpuMs = 0;
  #wallMs = 0;
  #peakMemoryKb = 0;

  /** One test of a stdin program. Without a decision its own ending decides. */
  addScript(result: RunResult, index: number, test: ScriptTest, decision: Decision | null): void {
    this.#measure(result);
    this.run += 1;
    if (decision?.outcome === "right") {
      this.passed += 1;
      return;
    }
    const verdict =
      decision === null
        ? result.ending === "finished"
          ? ("infrastructure_error" as const)
          : result.ending
        : decision.outcome === "wrong"
          ? ("wrong_answer" as const)
          : decision.outcome;
    this.failed.push(index);
    const actual = result.stdout.toString("utf8");
    const stderr = cut(decision?.message ?? "") || tail(result.stderr.toString("utf8")) || result.detail;
    const input = cut(Buffer.from(test.stdin.subarray(0, 4 * SHOWN)).toString("utf8"));
    this.#fail({ index, verdict, input, expected: cut(test.output), actual: cut(actual), stderr });
  }

  /** One test that is one judged run of its own. */
  addJudged(result: RunResult, index: number): void {
    this.#measure(result);
    this.run += 1;
    const failure = judgedFailure(result);
    if (failure === null) {
      this.passed += 1;
      return;
    }
    this.failed.push(index);
    this.#fail({ ...failure, index });
  }

  /** One judged run that holds all the tests. */
  addJudgement(result: RunResult): void {
    this.#measure(result);
    const { judge } = result;
    this.total = judge?.total ?? 0;
    this.run = judge?.run ?? 0;
    this.passed = judge?.passed ?? 0;
    this.failed = [...(judge?.failed ?? [])];
    const failure = judgedFailure(result);
    if (failure !== null) this.#fail(failure);
    // Assertions in branches that the test code did not take are none of this run's.
    else this.total = this.run;
    if (failure === null && this.run === 0) this.invalid("the test code holds no test");
  }

  /**
   * A program that ran its own tests. It passes by what only the end of the tests prints, whatever else it did and
   * whatever status it ended with.
   */
  addShared(result: RunResult, token: string, tellsFailedTest: (stderr: string) => boolean): void {
    this.#measure(result);
    this.total = 1;
    this.run = result.ending === "compile_error" ? 0 : 1;
    const stdout = result.stdout.toString("utf8");
    const stderr = result.stderr.toString("utf8");
    if (result.ending === "finished" && token !== "" && stdout.split("\n").includes(token)) {
      this.passed = 1;
      return;
    }
    if (this.run > 0) this.failed = [0];
    const shown = { index: 0, input: "", expected: "", actual: cut(stdout) };
    const reason = result.ending === "finished" ? "the program ended before its tests did" : result.detail;
    const isRuntime = result.ending === "finished" || result.ending === "runtime_error";
    const verdict = !isRuntime ? result.ending : tellsFailedTest(stderr) ? "wrong_answer" : "runtime_error";
    this.#fail({ ...shown, verdict, stderr: tail(stderr) || reason });
  }

  /** A program that may not be put together with tests. */
  refused(reason: string): void {
    this.total = 1;
    this.#fail({ index: 0, verdict: "compile_error", input: "", expected: "", actual: "", stderr: cut(reason) });
  }

  /** An answer that was compared without running anything; `verdict` is null where it is right. */
  addAnswer(verdict: "wrong_answer" | "no_code" | null, failure: Failure | null): void {
    this.total = 1;
    this.run = verdict === "no_code" ? 0 : 1;
    this.passed = verdict === null ? 1 : 0;
    this.failed = this.run > this.passed ? [0] : [];
    this.verdict = verdict;
    this.firstFailure = failure;
  }

  /** A fault of ours that says nothing about the sample. */
  fault(reason: string): void {
    const verdict = "infrastructure_error";
    this.#fail({ index: 0, verdict, input: "", expected: "", actual: "", stderr: tail(reason) });
  }

  addUsage({ cpuMs, wallMs, peakMemoryKb, queueMs }: RunResult["usage"] & { readonly queueMs: number }): void {
    this.queueMs += queueMs;
    this.#cpuMs += cpuMs;
    this.#wallMs += wallMs;
    this.#peakMemoryKb = Math.max(this.#peakMemoryKb, peakMemoryKb);
  }

  invalid(reason: string): void {
    this.#fail({ index: 0, verdict: "invalid_problem", input: "", expected: "", actual: "", stderr: cut(reason) });
  }

  noCode(): void {
    this.verdict = "no_code";
  }

  usage(): VerdictRecord["usage"] {
    return {
      cpu_ms: round(this.#cpuMs),
      wall_ms: round(this.#wallMs),
      peak_memory_kb: this.#peakMemoryKb,
      queue_ms: round(this.queueMs),
    };
  }

  #measure({ usage }: RunResult): void {
    this.addUsage({ ...usage, queueMs: 0 });
  }

  #fail(failure: Failure): void {
    if (this.verdict !== null && failure.verdict !== "infrastructure_error") return;
    this.verdict = failure.verdict;
    this.firstFailure = failure;
  }
}

/** What a judged run failed by, or null when its tests passed. */
function judgedFailure(result: RunResult): Failure | null {
  const failed = result.judge?.firstFailure ?? null;
  const shown = {
    index: failed?.index ?? 0,
    input: cut(failed?.input ?? ""),
    expected: cut(failed?.expected ?? ""),
    actual: cut(failed?.actual ?? ""),
    stderr: tail(result.detail || (failed?.message ?? "")),
  };
  if (result.ending !== "finished") return { ...shown, verdict: result.ending };
  if (failed !== null) return { ...shown, verdict: checkVerdict(failed) };
  // Silence is never a pass.
  if (result.judge === null) return { ...shown, verdict: "infrastructure_error" };
  return null;
}

function checkVerdict({ outcome, message }: CheckResult): Verdict {
  switch (outcome) {
    case "raised":
      return isOutOfMemory(lastLine(message)) ? "memory_limit" : "runtime_error";
    case "died":
      return "runtime_error";
    case "broken":
      return "invalid_problem";
    default:
      return "wrong_answer";
  }
}

function cut(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`;
}

/** The end of a text: where a traceback says what happened. */
function tail(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed.length <= SHOWN ? trimmed : `…${trimmed.slice(1 - SHOWN)}`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
