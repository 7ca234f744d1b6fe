#!/usr/bin/env node
import { EXIT } from "../errors.js";
import { dependencies } from "./dependencies.js";
import { runCommandLine } from "./program.js";

const interruption = new AbortController();

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for the sandbox to be cleared away.
    if (interruption.signal.aborted) process.exit(EXIT.interrupted);
    interruption.abort();
  });
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    // The reader has gone (`assay … | head`): there is nobody to work for, and nobody to tell.
    if (stream === process.stdout) interruption.abort();
  });
}

let code: number | undefined;
await runCommandLine(
  {
    dependencies,
    stdout: process.stdout,
    stderr: process.stderr,
    interrupt: interruption.signal,
    now: () => performance.now(),
    exit: (exitCode) => (code = exitCode),
  },
  process.argv.slice(2),
);

// An open stdin would keep the process waiting; what was written has to get out first.
await Promise.all([process.stdout, process.stderr].map(drain));
process.exit(code ?? process.exitCode ?? EXIT.ok);

function drain(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => (stream.writable ? stream.write("", () => resolve()) : resolve()));
}
