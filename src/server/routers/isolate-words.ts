import { constants } from "node:os";

import type { Compilation } from "../../sandbox/contract.js";

/**
 * How a run ended in the words of isolate's meta file (https://www.ucw.cz/moe/isolate.1.html#_meta_files), which both
 * Piston and Judge0 hand on.
 */
export interface IsolateEnding {
  /** `RE` exited with a status other than 0, `SG` died of a signal, `TO` out of time, `XX` the sandbox failed. */
  readonly status: "RE" | "SG" | "TO" | "XX" | null;
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly message: string | null;
}

const { SIGKILL, SIGXFSZ } = constants.signals;

/** Says how a run or a compiler ended as isolate would. A program that does not compile fails as its interpreter does. */
export function describeAsIsolate({ ending, exitCode, signal, detail }: Compilation): IsolateEnding {
  switch (ending) {
    case "finished":
      return { status: null, exitCode: 0, signal: null, message: null };
    case "time_limit": {
      const message = `Time limit exceeded${detail === "elapsed time" ? " (wall clock)" : ""}`;
      return { status: "TO", exitCode: null, signal: null, message };
    }
    case "compile_error":
      return exited(exitCode === null || exitCode === 0 ? 1 : exitCode);
    case "runtime_error":
      return signal === null ? exited(exitCode ?? 1) : killed(signal);
    case "memory_limit":
      return exitCode === null || exitCode === 0 ? killed(SIGKILL) : exited(exitCode);
    case "output_limit":
      return killed(SIGXFSZ);
    case "infrastructure_error":
      return { status: "XX", exitCode: null, signal: null, message: "the sandbox failed; the program is not to blame" };
  }
}

/** What was written to stderr; for a program that did not compile, what its interpreter would have written. */
export function stderrOf({ ending, stderr, detail }: Pick<Compilation, "ending" | "stderr" | "detail">): Buffer {
  return ending === "compile_error" && stderr.length === 0 ? Buffer.from(`${detail.trimEnd()}\n`) : stderr;
}

function exited(exitCode: number): IsolateEnding {
  return { status: "RE", exitCode, signal: null, message: `Exited with error code ${exitCode}` };
}

function killed(signal: number): IsolateEnding {
  return { status: "SG", exitCode: null, signal, message: `Caught fatal signal ${signal}` };
}
