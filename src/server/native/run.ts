import { Router } from "express";
import type { z } from "zod";

import { checkTask } from "../check-task.js";
import type { Compilation } from "../../sandbox/contract.js";
import type { RunAnswer, RunFile, RunTask, Service } from "../contract.js";
import { BadRequestError, BODY_LIMIT, callerOf, jsonBody, parse, USUAL_DEADLINE_MS } from "../http.js";
import { runRequest } from "./schemas.js";
import { demandLanguage, toLimits } from "./task.js";

type RunRequest = z.output<typeof runRequest>;

/** `POST /v1/run`: one program, run once; what it did is the answer. */
export function runRouter(service: Service): Router {
  const router = Router();
  router.post("/v1/run", jsonBody(BODY_LIMIT.large), async (req, res) => {
    const request = parse(runRequest, req.body);
    const language = demandLanguage(request.language);
    const task = { ...toRunTask(request), language };
    const answer = await service.run(task, callerOf(req, res, { deadlineMs: USUAL_DEADLINE_MS }));
    res.json(showAnswer(answer, request.encoding));
  });
  return router;
}

function toRunTask(request: RunRequest): RunTask {
  const { language, source, stdin, stdin_base64, fetch = [], args = [], limits, cache } = request;
  if (stdin !== undefined && stdin_base64 !== undefined) {
    throw new BadRequestError("there is a stdin already", "stdin_base64");
  }
  const input = stdin === undefined ? stdin_base64 && Buffer.from(stdin_base64, "base64") : Buffer.from(stdin, "utf8");
  const files = (request.files ?? []).map(toFile);
  return {
    ...checkTask({ language, source, files, fetch, args }, "files"),
    ...(input === undefined || input === "" ? {} : { stdin: input }),
    ...(limits === undefined ? {} : { limits: toLimits(limits) }),
    ...(cache === undefined ? {} : { cache }),
  };
}

function toFile(file: NonNullable<RunRequest["files"]>[number], index: number): RunFile {
  const { path, content, content_base64 } = file;
  if ((content === undefined) === (content_base64 === undefined)) {
    throw new BadRequestError("must have either content or content_base64", `files[${index}].content`);
  }
  return { path, content: content === undefined ? Buffer.from(content_base64 ?? "", "base64") : Buffer.from(content) };
}

function showAnswer(answer: RunAnswer, encoding: "utf8" | "base64") {
  const { queueMs, cached, files, compilation } = answer;
  const { usage, ...stage } = showStage(answer, encoding);
  return {
    ...stage,
    usage: { ...usage, queue_ms: queueMs },
    ...(compilation === undefined ? {} : { compile: showStage(compilation, encoding) }),
    files: files.map(({ path, content }) => ({ path, content_base64: Buffer.from(content).toString("base64") })),
    cached,
  };
}

function showStage({ ending, exitCode, signal, stdout, stderr, usage, detail }: Compilation, encoding: BufferEncoding) {
  return {
    ...{ ending, exit_code: exitCode, signal, stdout: stdout.toString(encoding), stderr: stderr.toString(encoding) },
    detail,
    usage: { cpu_ms: usage.cpuMs, wall_ms: usage.wallMs, peak_memory_kb: usage.peakMemoryKb },
  };
}
