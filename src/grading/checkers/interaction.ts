import type { Lease, Limits, RunResult } from "../../sandbox/contract.js";
import { ELAPSED_TIME } from "../../sandbox/classify.js";
import { crossRuns, type Crossing } from "../../sandbox/crossing.js";
import type { JudgingProgram } from "../types.js";
import { blame, type Decision, type Reading, undecided } from "./decision.js";
import type { ScriptTest } from "./index.js";
import { cannotBeGiven, JUDGING_LIMITS, readDecision, toProgram } from "./judging.js";
import { PROTOCOLS } from "./protocols.js";

/** How long an interactor may take to end when the candidate has ended, milliseconds. */
const LAST_MS = 5000;
/** Of the candidate's elapsed time the interactor may work so much of: it comes to its limit first, and is what is at fault. */
const WORK_SHARE = 0.5;
/** Its answers may be longer than the questions. */
const ANSWER_SHARE = 8;
/** It waits for the candidate, which may have to be compiled and to wait for its cell. */
const PATIENCE_MS = 600_000;

/** What became of one test. */
export interface Interaction {
  /** Of the candidate. Its ending says nothing where `decision` does. */
  readonly result: RunResult;
  /** The interactor's; null where the candidate's own ending decides. */
  readonly decision: Decision | null;
}

/** Carries out tests in which a candidate talks to an interactor. */
export function createInteraction(
  interactor: JudgingProgram,
  candidate: Lease,
): (test: ScriptTest, limits: Limits) => Promise<Interaction> {
  let lease: Lease;
  try {
    lease = candidate.besides(toProgram(interactor));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { message } = error;
    return () => Promise.resolve({ result: NOTHING, decision: { outcome: "infrastructure_error", message } });
  }
  return async ({ stdin, output }, limits) => {
    const given = PROTOCOLS[interactor.protocol].give({ input: stdin, answer: Buffer.from(output), output: null });
    const args = [...given.args, ...(interactor.arguments ?? [])];
    const cpuMs = Math.min(JUDGING_LIMITS.cpuMs, WORK_SHARE * limits.wallMs);
    const own = { ...JUDGING_LIMITS, cpuMs, wallMs: PATIENCE_MS, outputBytes: ANSWER_SHARE * limits.outputBytes };
    try {
      const crossing = await crossRuns(
        { lease, spec: { limits: own, files: given.files, args, again: true } },
        { lease: candidate, spec: { limits, again: true } },
        { mayGoOn: (result) => readDecision(interactor, result).outcome === "right", lastMs: LAST_MS },
      );
      const { result, decision } = settle(interactor, crossing);
      if (decision?.outcome !== "undecided") return { result, decision };
      const alone = await lease.run({ limits: JUDGING_LIMITS, files: given.files, args, again: true });
      const known = readDecision(interactor, alone, "interactor");
      return { result, decision: blame(decision.message, known, "where nobody talks to it") };
    } catch (error) {
      return { result: NOTHING, decision: cannotBeGiven(error, "interactor") };
    }
  };
}

/**
 * Whose ending decides. An interactor that has ended first has said what it thinks, and only where that is "right" does it
 * matter how the candidate ended. Where the candidate ended first and not as it should, what the interactor made of
 * that does not matter. Where both waited, the candidate is what reached its limit.
 */
function settle(
  interactor: JudgingProgram,
  crossing: Crossing,
): { readonly result: RunResult; readonly decision: Reading | null } {
  const { leader, follower, leaderEndedFirst, leaderWasStuck } = crossing;
  const decision = leaderWasStuck
    ? undecided("its interactor went on when the program had ended")
    : readDecision(interactor, leader, "interactor");
  const result = follower ?? NOTHING;
  if (decision.outcome === "infrastructure_error" || follower === null) return { result, decision };
  const { ending } = result;
  if (ending === "infrastructure_error" || ending === "compile_error") return { result, decision: null };
  if (leaderEndedFirst && decision.outcome !== "right") return { result, decision };
  // It was at work when the candidate had waited long enough.
  const heldTheTurn = result.detail === ELAPSED_TIME && leader.ending === "time_limit";
  if (leaderWasStuck || heldTheTurn) return { result, decision };
  return { result, decision: ending === "finished" ? decision : null };
}

const NOTHING: RunResult = {
  ...{ ending: "finished", exitCode: null, signal: null, detail: "", judge: null },
  ...{ stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), usage: { cpuMs: 0, wallMs: 0, peakMemoryKb: 0 } },
};
