import { constants } from "node:os";

import { Router, type RequestHandler } from "express";

import type { Compilation } from "../../sandbox/contract.js";
import type { RunAnswer, Service } from "../contract.js";
import { BODY_LIMIT, BadRequestError, callerOf, jsonBody } from "../http.js";
import { listLanguages } from "../languages.js";
import { answerFaults, sayInOwnWords } from "./answer-faults.js";
import { describeAsIsolate, stderrOf } from "./isolate-words.js";
import { readJob, type Job } from "./piston-job.js";

/** Piston's clients give up after 30 s without a byte (open-r1); one that asks for longer runs waits for longer. */
const PATIENCE_MS = 29_000;

/**
 * Piston v2: `GET /api/v2/runtimes` and `POST /api/v2/execute`
 * (https://github.com/engineer-man/piston/blob/master/docs/api-v2.md). Its packages and its WebSocket are not here.
 * A fault of ours is a 500, a full queue a 503, a deadline a 504: its clients try all of them again.
 */
export function pistonRouter(service: Service): Router {
  const router = Router();

  router.get("/api/v2/runtimes", async (_req, res) => {
    const runtimes = listLanguages().map(async ({ piston: { name, aliases }, version }) => ({
      language: name,
      version: await version(),
      aliases,
    }));
    res.json(await Promise.all(runtimes));
  });

  router.post("/api/v2/execute", requireJson, jsonBody(BODY_LIMIT.usual), async (req, res) => {
    const job = await readJob(req.body);
    const asked = job.limits.wallMs + (job.compilerLimits.wallMs ?? 0);
    const caller = callerOf(req, res, { deadlineMs: Math.max(PATIENCE_MS, asked + 10_000) });
    const answer = await service.run({ ...job, language: job.language.id }, caller);
    if (answer.ending !== "infrastructure_error") return void res.json(describeRun(job, answer));
    res.status(500).json({ message: "the sandbox failed; the program is not to blame" });
  });

  router.use("/api/v2", answerError);
  return router;
}

/** Any other type is refused before the body is looked at, in Piston's words. */
const requireJson: RequestHandler = (req, _res, next) => {
  const isJson = req.headers["content-type"]?.startsWith("application/json") === true;
  next(isJson ? undefined : new BadRequestError("requests must be of type application/json", "content-type", 415));
};

/** Piston has no answer that means "too many": its clients take 429 for a limit of their account. */
const answerError = answerFaults((fault) => ({
  status: fault.kind === "busy" ? 503 : fault.status,
  body: { message: sayInOwnWords(fault) },
}));

function describeRun({ language, version }: Job, answer: RunAnswer) {
  const compile = answer.compilation === undefined ? null : describeStage(answer.compilation);
  // Where the compile stage fails, both stages are the same.
  const run = compile !== null && answer.ending === "compile_error" ? compile : describeStage(answer);
  return { ...(compile === null ? {} : { compile }), run, language: language.piston.name, version };
}

/** `output` is stdout and then stderr: in which order the two were written is not known. */
function describeStage(answer: Compilation) {
  const { status, exitCode, signal, message } = describeAsIsolate(answer);
  const stdout = answer.stdout.toString("utf8");
  const stderr = stderrOf(answer).toString("utf8");
  const overflow = answer.ending === "output_limit" ? findOverflow(answer) : null;
  const killed = overflow !== null || status === "TO";
  return {
    stdout,
    stderr,
    output: stdout + stderr,
    code: killed ? null : exitCode,
    signal: killed ? "SIGKILL" : nameSignal(signal),
    message: overflow === null ? message : `${overflow === "OL" ? "stdout" : "stderr"} length exceeded`,
    status: overflow ?? status,
    cpu_time: Math.round(answer.usage.cpuMs),
    wall_time: Math.round(answer.usage.wallMs),
    memory: answer.usage.peakMemoryKb * 1024,
  };
}

/** Which stream was too long, in Piston's letters; null where it was another file. */
function findOverflow({ stdout, stderr, signal }: Compilation): "OL" | "EL" | null {
  if (signal === constants.signals.SIGXFSZ) return null;
  return stderr.length > stdout.length ? "EL" : "OL";
}

function nameSignal(signal: number | null): string | null {
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? null;
}
