import { Router, type Request, type Response } from "express";
import { z } from "zod";

import { RefusedError, type Caller, type Service } from "../contract.js";
import { bodyRoomOf } from "../body-room.js";
import { BadRequestError, callerOf, describeFault, faultBody, parse } from "../http.js";
import { MAX_DEPTH, nestsDeeper } from "../json-body.js";
import { askPatiently } from "../patience.js";
import { cutLines, type Line } from "./lines.js";
import { RowsOut } from "./rows-out.js";
import { gradeOptions, gradeRequest } from "./schemas.js";
import { toGradeTask } from "./task.js";

/** Samples of one request that are with the service at a time: enough to keep every cell busy. */
const IN_FLIGHT = 64;
/** Rows that may wait for an earlier one when they go out in the order of the input. */
const HELD = 2048;
const LINE_BYTES = 16 << 20;
/** Time for one line from when it was read, milliseconds. */
const LINE_MS = 3_600_000;
/** A client that sends nothing for this long, though more is wanted, is given up. */
const PATIENCE_MS = 300_000;

export const batchQuery = z.strictObject({
  order: z.enum(["done", "input"]).default("done").describe("rows as they are known, or in the order of the input"),
  set: z.string().optional().describe("the loaded set of lines that name none"),
  comparator: gradeOptions.shape.comparator,
  extraction: gradeOptions.shape.extraction,
  all_tests: z.enum(["true", "false"]).optional(),
});
type BatchQuery = z.output<typeof batchQuery>;

/**
 * `POST /v1/grade/batch`: a sample on each line in, a verdict record on each line out, as they are known. Neither side
 * is read or written faster than the other goes, so any number of samples takes the same memory.
 */
export function batchRouter(service: Service): Router {
  const router = Router();
  router.post("/v1/grade/batch", async (req, res) => {
    if (/^\s*(?:multipart|application\/x-www-form-urlencoded|text\/plain)/i.test(req.get("content-type") ?? "")) {
      throw new BadRequestError("must be application/x-ndjson", "content-type", 415);
    }
    if (!/^(?:identity)?$/i.test(req.get("content-encoding") ?? "")) {
      throw new BadRequestError("must be identity", "content-encoding", 415);
    }
    const query = parse(batchQuery, req.query);
    const caller = callerOf(req, res);
    res.status(200).type("application/x-ndjson").setHeader("X-Accel-Buffering", "no");
    res.flushHeaders();
    await gradeLines(service, req, res, query, caller);
  });
  return router;
}

async function gradeLines(service: Service, req: Request, res: Response, query: BatchQuery, caller: Caller) {
  const rows = new RowsOut(res, query.order === "input");
  let inFlight = 0;
  let place = 0;
  let tellDone = (): void => undefined;
  const end = new AbortController();
  const room = bodyRoomOf(req.app);
  const takeRoom = (bytes: number) => room.take(bytes, caller.signal, null);
  const one = async (line: Line, at: number): Promise<void> => {
    const { row, refused } = await gradeLine(service, line, query, caller);
    // The whole service stops, or the deadline of the whole request has come: what follows would end in the same way.
    if (refused) end.abort();
    rows.write(at, row);
    line.hold.release();
    inFlight -= 1;
    tellDone();
  };
  const oneDone = (): Promise<void> => new Promise((resolve) => (tellDone = resolve));
  try {
    for await (const line of cutLines(withPatience(req), LINE_BYTES, takeRoom)) {
      inFlight += 1;
      void one(line, place++);
      while (inFlight >= IN_FLIGHT || (rows.held >= HELD && inFlight > 0)) await oneDone();
      await rows.ready();
      if (end.signal.aborted || caller.signal.aborted) break;
    }
  } catch (error) {
    // The client hung up in the middle of a line, or sends no more: there is nobody to tell.
    if (!caller.signal.aborted) res.destroy();
    if (!(error instanceof RefusedError) && !(error instanceof Error && "code" in error)) throw error;
  }
  while (inFlight > 0) await oneDone();
  await rows.ready();
  rows.end();
}

async function gradeLine(service: Service, line: Line, query: BatchQuery, caller: Caller) {
  let id: { id?: string | number } = {};
  try {
    const { request, text } = readLine(line, query);
    if (request.id !== undefined) id = { id: request.id };
    const task = toGradeTask(service, request, () => text);
    const own = { ...caller, deadline: Math.min(caller.deadline ?? Infinity, performance.now() + LINE_MS) };
    const record = await askPatiently(() => service.grade(task, own), own);
    return { row: { line: line.number, ...id, ...record }, refused: false };
  } catch (error) {
    const row = { line: line.number, ...id, ...faultBody(describeFault(error)) };
    return { row, refused: error instanceof RefusedError && (error.reason !== "late" || hasPassed(caller.deadline)) };
  }
}

function hasPassed(deadline: number | null): boolean {
  return deadline !== null && deadline <= performance.now();
}

function readLine({ number, bytes }: Line, query: BatchQuery) {
  if (bytes === null) throw new BadRequestError(`is longer than ${LINE_BYTES} bytes`, "line", 413);
  if (nestsDeeper(bytes, MAX_DEPTH)) throw new BadRequestError(`is nested deeper than ${MAX_DEPTH}`, "line");
  const text = (number === 1 ? withoutMark(bytes) : bytes).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadRequestError("is not valid JSON", "line");
  }
  const given = parse(gradeRequest, value);
  const { set = query.set, options } = given;
  const defaults = {
    ...(query.comparator === undefined ? {} : { comparator: query.comparator }),
    ...(query.extraction === undefined ? {} : { extraction: query.extraction }),
    ...(query.all_tests === undefined ? {} : { all_tests: query.all_tests === "true" }),
  };
  const request = { ...given, ...(set === undefined ? {} : { set }), options: { ...defaults, ...options } };
  return { request, text };
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes;
}

const BYTE_ORDER_MARK = Buffer.from("\ufeff");

/** The chunks of a request's body; fails when one is wanted and none comes for long. */
async function* withPatience(req: Request): AsyncGenerator<Buffer, void, undefined> {
  const chunks = (req as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  for (;;) {
    const timer = setTimeout(() => req.destroy(), PATIENCE_MS);
    try {
      const next = await chunks.next();
      if (next.done === true) return;
      yield next.value;
    } finally {
      clearTimeout(timer);
    }
  }
}
