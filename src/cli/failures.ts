import { EXIT, InputError, SandboxUnavailableError } from "../errors.js";
import type { Context } from "./context.js";
import { escapeControls } from "../report/escape.js";

/** Runs a verb and turns what it throws into a line on stderr and an exit code. */
export async function runVerb(context: Context, verb: () => Promise<number>): Promise<void> {
  try {
    context.exit(await verb());
  } catch (error) {
    const { message, code } = explainFailure(error);
    context.stderr.write(`assay: ${escapeControls(message)}\n`);
    context.exit(code);
  }
}

function explainFailure(error: unknown): { message: string; code: number } {
  if (error instanceof InputError) return { message: error.message, code: EXIT.badInput };
  if (error instanceof SandboxUnavailableError) {
    return {
      message: `${error.message}\nrun \`assay doctor\` to see what is missing and how to get it`,
      code: EXIT.badInput,
    };
  }
  if (isSystemError(error)) return { message: error.message, code: EXIT.badInput };
  // Not foreseen, so ours: the stack is what a bug report needs.
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `internal error: ${text}`, code: EXIT.infrastructure };
}

/** An error of the operating system (disk full, no permission, no such file), whose message names the file. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error;
}
