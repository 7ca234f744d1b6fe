import { createHash } from "node:crypto";

import type { Judge, RunSpec } from "./contract.js";
import { FETCHED_BYTES, plainPath } from "./files.js";
import { CAN_LOOK } from "./processes.js";
import type { LoadedProgram } from "./programs.js";
import { encodeFiles, encodeJudgement, encodePaths, encodeRunHeader, RUN_FLAG, RUN_KIND } from "./protocol.js";

/** Larger inputs are not copied together with what goes before them. */
const SMALL = 1 << 16;
const EMPTY = new Uint8Array();

/** What the warden reads of one run, in order: header, program, input, then files and paths where there are any. */
export function encodeRequest(program: LoadedProgram, spec: RunSpec): Uint8Array[] {
  const code = program.compiled ?? program.source;
  const stdin = spec.stdin ?? EMPTY;
  const { files = [], args = [], fetch = [] } = spec;
  const hasFiles = files.length + args.length > 0;
  const flags =
    (CAN_LOOK ? 0 : RUN_FLAG.wallIsFinal) |
    (program.compiled === null ? 0 : RUN_FLAG.isCompiled) |
    (program.compiled === null && (spec.again === true || program.key !== null) ? RUN_FLAG.wantsCompiled : 0) |
    (hasFiles ? RUN_FLAG.hasFiles : 0) |
    (fetch.length > 0 ? RUN_FLAG.fetches : 0);
  const kind = spec.judge === undefined ? RUN_KIND.script : RUN_KIND.judged;
  const header = encodeRunHeader(kind, flags, code.length, stdin.length, spec.limits);
  const parts: Uint8Array[] =
    stdin.length > SMALL ? [Buffer.concat([header, code]), stdin] : [Buffer.concat([header, code, stdin])];
  if (hasFiles) {
    const plain = files.map(({ path, content }) => ({ path: plainPath(path), content }));
    parts.push(...encodeFiles(args, plain));
  }
  if (fetch.length > 0) parts.push(encodePaths(fetch.map(plainPath), spec.limits.fileBytes, FETCHED_BYTES));
  return parts;
}

const descriptions = new WeakMap<Judge, { readonly allTests: boolean; readonly message: Buffer }>();

/** A judge as its process reads it; a key lets that process keep what it has compiled. */
export function describeJudge(judge: Judge, allTests: boolean): Buffer {
  const known = descriptions.get(judge);
  if (known?.allTests === allTests) return known.message;
  const description = Buffer.from(JSON.stringify(judge));
  const message = encodeJudgement(createHash("sha256").update(description).digest("base64"), description, allTests);
  // Large ones are worth keeping; a problem with many small ones, each for one test, is not.
  if (judge.countAssertions || judge.checks.length > 1) descriptions.set(judge, { allTests, message });
  return message;
}
