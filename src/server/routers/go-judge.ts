import { Router } from "express";

import { RefusedError, type RunAnswer, type Service } from "../contract.js";
import { BODY_LIMIT, callerOf, jsonBody, parse } from "../http.js";
import { answerFaults, sayFault } from "./answer-faults.js";
import { readCommand, runRequest, type Collector, type Command } from "./go-judge-command.js";
import { stderrOf } from "./isolate-words.js";

/** Milliseconds that a client is kept waiting at most. */
const WAIT_MS = 10 * 60_000;

/**
 * go-judge's `POST /run` (https://docs.goj.ac/api) for commands that start an interpreter we have. Several commands of a
 * request run beside each other. What cannot be done here (other programs, pipes, terminals, files of the host or kept
 * ones, an environment) is a 400 that says so. As in go-judge, errors are JSON texts, and a full queue is a 500.
 */
export function goJudgeRouter(service: Service): Router {
  const router = Router();

  router.post("/run", jsonBody(BODY_LIMIT.usual), async (req, res) => {
    const { cmd } = parse(runRequest, req.body);
    const commands = cmd.map((one, index) => readCommand(one, index));
    const caller = callerOf(req, res, { deadlineMs: WAIT_MS });
    const answers = await Promise.allSettled(commands.map(({ task }) => service.run(task, caller)));
    const refused = answers.find((answer) => answer.status === "rejected");
    if (refused !== undefined) throw refused.reason as RefusedError;
    res.json(
      commands.flatMap((command, index) => {
        const answer = answers[index];
        return answer?.status === "fulfilled" ? [describeResult(command, answer.value)] : [];
      }),
    );
  });

  router.use("/run", answerError);
  return router;
}

const answerError = answerFaults((fault) =>
  fault.kind === "busy"
    ? { status: 500, body: "worker queue is full" }
    : { status: fault.status, body: sayFault(fault) },
);

type Status =
  | "Accepted"
  | "Memory Limit Exceeded"
  | "Time Limit Exceeded"
  | "Output Limit Exceeded"
  | "File Error"
  | "Nonzero Exit Status"
  | "Signalled"
  | "Internal Error";

interface FileError {
  readonly name: string;
  readonly type: "CopyOutOpen" | "CopyOutSizeExceeded" | "CollectSizeExceeded";
  readonly message?: string;
}

/** Times in nanoseconds, memory in bytes. */
function describeResult(command: Command, answer: RunAnswer) {
  const { status, exitStatus, error } = describeEnding(answer);
  // Names come from the request: no key of it may mean anything to the object.
  const files = Object.create(null) as Record<string, string>;
  const errors: FileError[] = [];
  collect(command.stdout, answer.stdout, files, errors);
  collect(command.stderr, stderrOf(answer), files, errors);
  const overflown = errors.length > 0;
  copyOut(command, answer, files, errors);
  // A program that ended well can still have written too much, or not the files that were asked for.
  const wrong = status === "Accepted" ? errors[0] : undefined;
  return {
    status: wrong === undefined ? status : overflown ? "Output Limit Exceeded" : "File Error",
    exitStatus,
    ...(wrong === undefined ? error : { error: wrong.message ?? wrong.type }),
    time: Math.round(answer.usage.cpuMs * 1e6),
    memory: answer.usage.peakMemoryKb * 1024,
    runTime: Math.round(answer.usage.wallMs * 1e6),
    files,
    ...(errors.length === 0 ? {} : { fileError: errors }),
  };
}

function describeEnding({ ending, exitCode, signal }: RunAnswer): {
  status: Status;
  exitStatus: number;
  error?: { error: string };
} {
  const exitStatus = signal ?? exitCode ?? 0;
  switch (ending) {
    case "finished":
      return { status: "Accepted", exitStatus };
    case "time_limit":
      return { status: "Time Limit Exceeded", exitStatus };
    case "memory_limit":
      return { status: "Memory Limit Exceeded", exitStatus };
    case "output_limit":
      return { status: "Output Limit Exceeded", exitStatus };
    case "compile_error":
      return { status: "Nonzero Exit Status", exitStatus: 1 };
    case "runtime_error":
      return { status: signal === null ? "Nonzero Exit Status" : "Signalled", exitStatus };
    case "infrastructure_error":
      return {
        status: "Internal Error",
        exitStatus: 0,
        error: { error: "the sandbox failed; the program is not to blame" },
      };
  }
}

function collect(to: Collector | null, bytes: Buffer, files: Record<string, string>, errors: FileError[]): void {
  if (to === null) return;
  files[to.name] = bytes.subarray(0, to.max).toString("utf8");
  if (bytes.length > to.max) errors.push({ name: to.name, type: "CollectSizeExceeded" });
}

function copyOut(command: Command, answer: RunAnswer, files: Record<string, string>, errors: FileError[]): void {
  const { copyOutMax: max, copyOutTruncate: truncate } = command;
  for (const { name, optional } of command.copyOut) {
    const content = answer.files.find(({ path }) => path === name)?.content;
    if (content === undefined) {
      if (!optional) errors.push({ name, type: "CopyOutOpen", message: "no such file" });
      continue;
    }
    const tooLong = max > 0 && content.length > max;
    if (tooLong) errors.push({ name, type: "CopyOutSizeExceeded", message: `larger than ${max} bytes` });
    if (!tooLong || truncate) {
      const kept = max > 0 ? content.subarray(0, max) : content;
      files[name] = Buffer.from(kept).toString("utf8");
    }
  }
}
