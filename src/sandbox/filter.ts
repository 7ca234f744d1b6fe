import { constants } from "node:os";

import { SYSCALLS } from "./syscalls.js";

/** When a call is allowed. Looks at the low 32 bits of an argument, or at all where they matter. */
export type Condition =
  | { readonly argument: number; readonly oneOf: readonly number[] }
  | { readonly argument: number; readonly allOfBits: number; readonly noneOfBits: number }
  | { readonly argument: number; readonly isZero64: true }
  | { readonly equal64: readonly { readonly argument: number; readonly low: number; readonly high: number }[] }
  | { readonly failsWith: number };

/** Rules for system calls by their names. */
export interface Filter {
  readonly rules: Readonly<Record<string, Action>>;
  /** For every call without a rule. */
  readonly otherwise: "allow" | "deny";
}

export type Action = Condition | "allow" | "deny";

const MACHINES = {
  x64: { column: 0, audit: 0xc000003e },
  arm64: { column: 1, audit: 0xc00000b7 },
} as const;

/** Turns rules into instructions. Throws on a processor or for a call whose numbers are not known. */
export function assembleFilter({ rules: byName, otherwise }: Filter, machine: string = process.arch): Buffer {
  if (machine !== "x64" && machine !== "arm64") {
    throw new RangeError(`there is no system-call filter for processors of the kind ${machine}`);
  }
  const { column, audit } = MACHINES[machine];
  const rules: Rule[] = [];
  for (const [call, action] of Object.entries(byName)) {
    const number = SYSCALLS[call]?.[column];
    if (number === undefined) throw new RangeError(`the number of the system call ${call} is not known`);
    if (number !== null) rules.push({ number, action });
  }
  rules.sort((a, b) => a.number - b.number);
  return assemble([
    load(OFFSET_ARCHITECTURE),
    ...jump(JEQ, audit, [], [ret(KILL_PROCESS)]),
    load(OFFSET_NUMBER),
    // The x32 entry points reuse the numbers above this bit.
    ...jump(JGE, X32_BIT, [ret(KILL_PROCESS)], []),
    ...search(segments(rules, otherwise)),
  ]);
}

interface Rule {
  readonly number: number;
  readonly action: Action;
}

interface Segment {
  readonly from: number;
  readonly action: Action;
}

/** The whole range of numbers cut into stretches of one action each. */
function segments(rules: readonly Rule[], otherwise: Action): Segment[] {
  const result: Segment[] = [{ from: 0, action: otherwise }];
  const append = (from: number, action: Action): void => {
    if (result.at(-1)?.from === from) result.pop();
    if (result.at(-1)?.action !== action || typeof action !== "string") result.push({ from, action });
  };
  for (const { number, action } of rules) {
    append(number, action);
    append(number + 1, otherwise);
  }
  return result;
}

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

const LOAD_WORD = 0x20;
const JEQ = 0x15;
const JGE = 0x35;
const JSET = 0x45;
const JUMP_ALWAYS = 0x05;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const ERRNO = 0x00050000;
const KILL_PROCESS = 0x80000000;
const X32_BIT = 0x40000000;
const OFFSET_NUMBER = 0;
const OFFSET_ARCHITECTURE = 4;

const load = (k: number): Instruction => ({ code: LOAD_WORD, jt: 0, jf: 0, k });
const ret = (k: number): Instruction => ({ code: RETURN, jt: 0, jf: 0, k });
const DENY = ret(ERRNO | constants.errno.EPERM);
/** Low and high word of a system-call argument (both machines are little-endian). */
const low = (argument: number): Instruction => load(16 + 8 * argument);
const high = (argument: number): Instruction => load(20 + 8 * argument);

/** `then` where the comparison holds, `otherwise` where not; an empty list goes on behind. */
function jump(code: number, k: number, then: readonly Instruction[], otherwise: readonly Instruction[]): Instruction[] {
  if (otherwise.length === 0) return [{ code, jt: 0, jf: then.length, k }, ...then];
  if (then.length === 0) return [{ code, jt: otherwise.length, jf: 0, k }, ...otherwise];
  if (otherwise.length < 256) return [{ code, jt: otherwise.length, jf: 0, k }, ...otherwise, ...then];
  // Too far for the eight bits of a conditional jump.
  const far: Instruction = { code: JUMP_ALWAYS, jt: 0, jf: 0, k: otherwise.length };
  return [{ code, jt: 0, jf: 1, k }, far, ...otherwise, ...then];
}

/** A binary search: the kernel runs a new filter once for every call number there is, so its depth is its price. */
function search(parts: readonly Segment[]): Instruction[] {
  const [only] = parts;
  if (only === undefined) return [DENY];
  if (parts.length === 1) return act(only.action);
  const middle = Math.ceil(parts.length / 2);
  const from = parts[middle]?.from ?? 0;
  return jump(JGE, from, search(parts.slice(middle)), search(parts.slice(0, middle)));
}

function act(action: Action): Instruction[] {
  if (action === "allow") return [ret(ALLOW)];
  if (action === "deny") return [DENY];
  if ("failsWith" in action) return [ret(ERRNO | action.failsWith)];
  if ("isZero64" in action) return [...requireWords(action.argument, 0, 0), ret(ALLOW)];
  if ("equal64" in action) {
    return [...action.equal64.flatMap(({ argument, low, high }) => requireWords(argument, low, high)), ret(ALLOW)];
  }
  if ("allOfBits" in action) {
    const required = action.allOfBits === 0 ? [] : jump(JSET, action.allOfBits, [], [DENY]);
    return [low(action.argument), ...jump(JSET, action.noneOfBits, [DENY], []), ...required, ret(ALLOW)];
  }
  return [low(action.argument), ...action.oneOf.flatMap((value) => jump(JEQ, value, [ret(ALLOW)], [])), DENY];
}

/** Denies the call unless the two halves of an argument are these. */
function requireWords(argument: number, lowWord: number, highWord: number): Instruction[] {
  return [low(argument), ...jump(JEQ, lowWord, [], [DENY]), high(argument), ...jump(JEQ, highWord, [], [DENY])];
}

function assemble(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 8);
  instructions.forEach(({ code, jt, jf, k }, index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jt, index * 8 + 2);
    bytes.writeUInt8(jf, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  });
  return bytes;
}
