import { afterAll, beforeAll } from "vitest";

import type { Judge, Limits, RunResult, RunSpec, Sandbox, Stub } from "../src/sandbox/contract.js";
import { createSandbox, resolveLimits, type SandboxOptions } from "../src/sandbox/index.js";

/** The tier that the tests of a file run in: `unprivileged.test.ts` runs those that apply in the other one. */
export const TIER = process.env.ASSAY_TEST_TIER === "unprivileged" ? "unprivileged" : "namespaces";

/** Where a folder of a cell stands, seen from the working folder in the other tier. */
export function atPlace(path: "/tmp" | "/io"): string {
  return TIER === "namespaces" ? path : { "/tmp": ".", "/io": "../io" }[path];
}

/** Where the sandbox looks for numpy; tests of numpy programs are skipped without it. */
export const NUMPY = "/usr/lib/python3/dist-packages/numpy";

export interface ScriptOptions {
  readonly limits?: Partial<Limits>;
  readonly stdin?: string | Uint8Array;
}

export interface JudgedOptions extends Partial<Omit<Judge, "stubs" | "checks">> {
  readonly limits?: Partial<Limits>;
  /** Names of functions, or stubs in full. By default the function `f`. */
  readonly stubs?: readonly (string | Stub)[];
  readonly allTests?: boolean;
}

export type Python = ReturnType<typeof usePython>;

/** A sandbox for the tests of the file that calls this, and the two ways of running a Python program once in it. */
export function usePython(options: SandboxOptions = {}) {
  let sandbox: Sandbox | undefined;
  beforeAll(async () => {
    sandbox = await createSandbox({ isolation: TIER, ...options });
  });
  afterAll(() => sandbox?.dispose());

  const python = {
    get sandbox(): Sandbox {
      if (sandbox === undefined) throw new Error("the sandbox is not up");
      return sandbox;
    },
    /** Runs a program as a script. */
    run(source: string, { limits = {}, stdin = "" }: ScriptOptions = {}): Promise<RunResult> {
      return once(source, { limits: resolveLimits(limits), stdin: Buffer.from(stdin) });
    },
    /** Loads a program as a module and runs Python test code against it, each text a check. */
    judge(source: string, checks: string | readonly string[], options: JudgedOptions = {}): Promise<RunResult> {
      const { limits = {}, stubs = ["f"], prelude = "", countAssertions = false, allTests = false } = options;
      const judge: Judge = {
        prelude,
        stubs: stubs.map((stub) => (typeof stub === "string" ? { name: stub } : stub)),
        checks: [checks].flat().map((check) => ({ source: check })),
        countAssertions,
      };
      return once(source, { limits: resolveLimits(limits), judge, allTests });
    },
  };
  const once = (source: string, spec: RunSpec): Promise<RunResult> =>
    python.sandbox.withProgram({ language: "python", source }, (lease) => lease.run(spec));
  return python;
}

/** What a program that ended as it should wrote; otherwise an error that says how it ended. */
export function outputOf(result: RunResult): string {
  if (result.ending !== "finished") throw new Error(`${result.ending}: ${result.detail}\n${result.stderr.toString()}`);
  return result.stdout.toString();
}
