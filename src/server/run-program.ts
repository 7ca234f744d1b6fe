import type { Limits, RunResult, Sandbox } from "../sandbox/contract.js";
import type { RunAnswer, RunTask } from "./contract.js";
import { findLanguage } from "./languages.js";

/** A fault of ours is tried again on a fresh cell this often before it is reported. */
const ATTEMPTS = 3;

/** Runs the program of a task once, as a script; a compiler is given its files as well. Never rejects; `abandoned` keeps it from being tried again. */
export async function runProgram(
  sandbox: Sandbox,
  { language, source, stdin, files = [], fetch = [], args = [], compilerLimits = {} }: RunTask,
  limits: Limits,
  abandoned: AbortSignal,
): Promise<RunAnswer> {
  const found = findLanguage(language);
  const program =
    "compiled" in found && found.compiled ? { language, source, files, compilerLimits } : { language, source };
  const spec = { limits, files, fetch, args, ...(stdin === undefined ? {} : { stdin }) };
  let answer = fault("the run was given up before it began");
  for (let attempt = 0; attempt < ATTEMPTS && !abandoned.aborted; attempt++) {
    try {
      answer = await sandbox.withProgram(program, async (lease) => {
        const result = await lease.run(spec);
        return { ...result, files: result.files ?? [], queueMs: lease.queueMs, cached: false };
      });
    } catch (error) {
      // Files or arguments that no router should have let through.
      answer = fault(error instanceof RangeError ? error.message : "the sandbox failed");
    }
    if (answer.ending !== "infrastructure_error") break;
  }
  return "compiled" in found && found.compiled ? withCompilation(answer) : answer;
}

/** What a translator did is told by the ending alone: it failed with the words there, or had nothing to say. */
function withCompilation(answer: RunAnswer): RunAnswer {
  if (answer.compilation !== undefined || answer.ending === "infrastructure_error") return answer;
  const none = { cpuMs: 0, wallMs: 0, peakMemoryKb: 0 };
  const silent = { signal: null, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), usage: none, detail: "" };
  if (answer.ending !== "compile_error") {
    return { ...answer, compilation: { ...silent, ending: "finished", exitCode: 0 } };
  }
  const { detail, usage } = answer;
  const said = { stderr: Buffer.from(`${detail.trimEnd()}\n`), detail, usage };
  return { ...answer, compilation: { ...silent, ...said, ending: "runtime_error", exitCode: 1 } };
}

function fault(detail: string): RunAnswer {
  const result: RunResult = {
    ...{ ending: "infrastructure_error", exitCode: null, signal: null, detail, judge: null },
    ...{ stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), usage: { cpuMs: 0, wallMs: 0, peakMemoryKb: 0 } },
  };
  return { ...result, files: [], queueMs: 0, cached: false };
}
