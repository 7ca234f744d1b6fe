import { Router } from "express";
import type { z } from "zod";

import { checkTask } from "../check-task.js";
import type { RunAnswer, RunFile, RunTask, Service } from "../contract.js";
import { BadRequestError, BODY_LIMIT, callerOf, jsonBody, parse, USUAL_DEADLINE_MS } from "../http.js";
import { listLanguages } from "../languages.js";
import { runRequest } from "./schemas.js";
import { toLimits } from "./task.js";

type RunRequest = z.output<typeof runRequest>;

/** `POST /v1/run`: one program, run once; what it did is the answer. */
export function runRouter(service: Service): Router {
  const router = Router();
  const languages = listLanguages(service.enforcement).map(({ id }) => id);
  router.post("/v1/run", jsonBody(BODY_LIMIT.large), async (req, res) => {
    const request = parse(runRequest, req.body);
    if (!languages.includes(request.language)) {
      throw new BadRequestError(`must be one of ${languages.join(", ")}`, "language");
    }
    const answer = await service.run(toRunTask(request), callerOf(req, res, { deadlineMs: USUAL_DEADLINE_MS }));
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
  const { ending, exitCode, signal, stdout, stderr, usage, detail, queueMs, cached, files } = answer;
  return {
    ...{ ending, exit_code: exitCode, signal, stdout: stdout.toString(encoding), stderr: stderr.toString(encoding) },
    detail,
    usage: { cpu_ms: usage.cpuMs, wall_ms: usage.wallMs, peak_memory_kb: usage.peakMemoryKb, queue_ms: queueMs },
    files: files.map(({ path, content }) => ({ path, content_base64: Buffer.from(content).toString("base64") })),
    cached,
  };
}
