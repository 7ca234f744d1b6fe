import type { Limits, Program, RunResult } from "../../sandbox/contract.js";
import { resolveLimits } from "../../sandbox/limits.js";
import type { CheckerProtocol, JudgingProgram } from "../types.js";
import { broken, type Decision, type Reading, undecided } from "./decision.js";
import { writeFunctionProgram } from "./function.js";
import { PROTOCOLS } from "./protocols.js";
import { findTestlib } from "./testlib.js";

/** What a judging program may use for one test, whatever the candidate may. */
export const JUDGING_LIMITS: Limits = resolveLimits({
  ...{ cpuMs: 10_000, wallMs: 30_000, memoryKb: 1 << 20 },
  ...{ outputBytes: 1 << 20, fileBytes: 1 << 20 },
});

/** The program to run. Throws a RangeError where it cannot be put together here: that says nothing of the problem. */
export function toProgram(judging: JudgingProgram): Program {
  const { protocol, language, source, files = [] } = judging;
  if (protocol === "function") return { language: "python", source: writeFunctionProgram(source) };
  const testlib = findTestlib(judging);
  if (typeof testlib === "string") throw new RangeError(testlib);
  const beside = [
    ...files.map(({ path, content }) => ({ path, content: Buffer.from(content) })),
    ...(testlib === null ? [] : [testlib]),
  ];
  return { language, source, ...(beside.length === 0 ? {} : { files: beside }) };
}

/** What an error means that came of its files or its arguments: they cannot be given to any program. */
export function cannotBeGiven(error: unknown, what: "checker" | "interactor"): Decision {
  if (!(error instanceof RangeError)) throw error;
  return broken(`its ${what} cannot be run: ${error.message}`);
}

/** What a run of it says. */
export function readDecision(
  { protocol }: JudgingProgram,
  result: RunResult,
  what: "checker" | "interactor" = "checker",
): Reading {
  const decision = read(protocol, result);
  if (decision.outcome === "right" || decision.outcome === "wrong") return decision;
  return { ...decision, message: `its ${what} ${decision.message}` };
}

function read(protocol: CheckerProtocol, result: RunResult): Reading {
  switch (result.ending) {
    case "infrastructure_error":
      return { outcome: "infrastructure_error", message: `could not be run: ${result.detail}` };
    case "compile_error":
      return broken(`does not compile: ${result.detail}`);
    case "time_limit":
    case "memory_limit":
    case "output_limit":
      return undecided(`ended in ${result.ending}${result.detail === "" ? "" : ` (${result.detail})`}`);
    case "finished":
    case "runtime_error":
      return PROTOCOLS[protocol].read(result);
  }
}
