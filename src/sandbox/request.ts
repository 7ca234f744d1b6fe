import { createHash } from "node:crypto";

import { KEPT_BYTES, type Command } from "./commands.js";
import type { Judge, RunSpec } from "./contract.js";
import { FETCHED_BYTES, plainPath } from "./files.js";
import { CAN_LOOK } from "./processes.js";
import type { LoadedProgram } from "./programs.js";
import {
  encodeFiles,
  encodeJudgement,
  encodeKept,
  encodePaths,
  encodeRunHeader,
  encodeWords,
  RUN_FLAG,
  RUN_KIND,
} from "./protocol.js";

/** Larger inputs are not copied together with what goes before them. */
const SMALL = 1 << 16;
const EMPTY = new Uint8Array();
/** A larger form is sent for each run anew: its cell has to have room for it beside the program. */
const LARGEST_HELD = 8 << 20;

/** What a cell is sent of a program: its text or compiled form, or the files of one that is a command. */
export function formOf(program: LoadedProgram): Buffer {
  return program.compiled ?? program.source;
}

/**
 * What the warden reads of one run, in order: header, program, input, then files, paths and patterns where there are any.
 * Before a program that is a command stand its arguments and its environment. Its form stays out where it is `held`, the one
 * that the warden was last told to hold.
 */
export function encodeRequest(program: LoadedProgram, spec: RunSpec, held: Buffer | null): Uint8Array[] {
  const command = program.command?.(spec.limits) ?? null;
  const form = formOf(program);
  const hasSameForm = command !== null && form === held;
  const code =
    command === null
      ? form
      : Buffer.concat([encodeWords(command.arguments), encodeWords(command.environment), hasSameForm ? EMPTY : form]);
  const stdin = spec.stdin ?? EMPTY;
  const { files = [], args = [], fetch = [] } = spec;
  const hasFiles = files.length + args.length > 0;
  const flags =
    (CAN_LOOK ? 0 : RUN_FLAG.wallIsFinal) |
    (command === null ? flagsOfSource(program, spec) : flagsOfCommand(command)) |
    (hasSameForm ? RUN_FLAG.hasSameForm : isFormHeld(program, spec) ? RUN_FLAG.holdsForm : 0) |
    (hasFiles ? RUN_FLAG.hasFiles : 0) |
    (fetch.length > 0 ? RUN_FLAG.fetches : 0) |
    (spec.live === undefined ? 0 : RUN_FLAG.isLive);
  const kind = command !== null ? RUN_KIND.command : spec.judge === undefined ? RUN_KIND.script : RUN_KIND.judged;
  const header = encodeRunHeader(kind, flags, code.length, stdin.length, spec.limits);
  const parts: Uint8Array[] =
    stdin.length > SMALL ? [Buffer.concat([header, code]), stdin] : [Buffer.concat([header, code, stdin])];
  if (hasFiles) {
    const plain = files.map(({ path, content }) => ({ path: plainPath(path), content }));
    parts.push(...encodeFiles(args, plain));
  }
  if (fetch.length > 0) parts.push(encodePaths(fetch.map(plainPath), spec.limits.fileBytes, FETCHED_BYTES));
  if (command !== null && command.keep.length > 0) parts.push(encodeKept(command.keep, KEPT_BYTES));
  return parts;
}

/** Whether a warden is told to hold a program's form for the runs to come. */
export function isFormHeld(program: LoadedProgram, { again }: RunSpec): boolean {
  return program.command !== null && again === true && formOf(program).length <= LARGEST_HELD;
}

function flagsOfSource({ compiled, key }: LoadedProgram, { again }: RunSpec): number {
  if (compiled !== null) return RUN_FLAG.isCompiled;
  return again === true || key !== null ? RUN_FLAG.wantsCompiled : 0;
}

function flagsOfCommand({ mayFork, countsTouched, keep }: Command): number {
  return (
    (mayFork ? RUN_FLAG.mayFork : 0) |
    (countsTouched ? RUN_FLAG.countsTouched : 0) |
    (keep.length > 0 ? RUN_FLAG.keeps : 0)
  );
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
