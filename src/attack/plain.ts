import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { RunResult } from "../sandbox/contract.js";
import { resolveLimits, type createSandbox } from "../sandbox/index.js";
import type { AttackCase } from "./cases.js";

/** The rules of the official harnesses, written out; the same place seen from the source and from what is built of it. */
const HARNESS = fileURLToPath(new URL("../../fixtures/reference-harness/", import.meta.url));

/** What a harness that shares its process with the candidate makes of an attack. */
export type PlainOutcome = "accepted" | "rejected" | "not tried";

const FILES: Partial<Record<AttackCase["shape"], readonly string[]>> = {
  humaneval: ["report.py", "guard.py", "humaneval.py"],
  mbpp: ["report.py", "guard.py", "mbpp.py"],
  "apps-call": ["report.py", "guard.py", "apps.py"],
  "apps-stdin": ["report.py", "guard.py", "apps.py"],
};

/** For the harness and the candidate together. Its own time limits are shorter than these. */
const LIMITS = resolveLimits({ cpuMs: 4000, wallMs: 5000, memoryKb: 512 << 10, openFiles: 256 });

/**
 * Tries attacks on plain harness rules: candidate, tests and comparison in one process, as official harnesses have
 * it, but inside a jail. Gives the outcome of each by name.
 */
export async function tryPlainHarness(
  cases: readonly AttackCase[],
  create: typeof createSandbox,
  interrupt?: AbortSignal,
): Promise<Map<string, PlainOutcome>> {
  const outcomes = new Map<string, PlainOutcome>();
  const sandbox = await create({});
  try {
    await Promise.all(
      cases.map(async (one) => {
        if (interrupt?.aborted === true) return;
        if (whyNotTried(one) !== null) {
          outcomes.set(one.name, "not tried");
          return;
        }
        const nonce = randomUUID();
        const program = { language: "python", source: harnessProgram(one, nonce) };
        const result = await sandbox.withProgram(program, (lease) => lease.run({ limits: LIMITS }));
        outcomes.set(one.name, isAccepted(result, nonce) ? "accepted" : "rejected");
      }),
    );
  } finally {
    await sandbox.dispose();
  }
  return outcomes;
}

/** Why an attack cannot be tried on a harness in a jail, or null. */
export function whyNotTried({ group, plain_harness }: AttackCase): string | null {
  if (plain_harness !== undefined) return plain_harness.skip;
  if (group === "C") return "a plain harness has no walls; in a jail it would be the jail that holds";
  if (group === "E") return "a plain harness is no service";
  return null;
}

/** One Python program: the case as a literal, the rules, and their start. */
function harnessProgram(one: AttackCase, nonce: string): string {
  const { shape, program, solution, problem } = one;
  // Twice JSON: what is a string literal in JSON is one in Python too.
  const literal = JSON.stringify(JSON.stringify({ program, solution, problem, nonce }));
  const rules = (FILES[shape] ?? []).map((name) => readFileSync(join(HARNESS, name), "utf8"));
  return [...rules, `start(${literal})\n`].join("\n\n");
}

/** The first result that reached the parent decides, whatever became of the process afterwards. */
function isAccepted(result: RunResult, nonce: string): boolean {
  const lines = result.stdout.toString("latin1").split("\n");
  const first = lines.find((line) => line.includes(`${nonce} `));
  return first?.split(`${nonce} `)[1] === "passed";
}
