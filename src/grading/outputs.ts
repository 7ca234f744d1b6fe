import { createHash } from "node:crypto";
import type { Limits, Lease, Sandbox } from "../sandbox/contract.js";
import { resolveLimits } from "../sandbox/limits.js";
import { comparators, type ComparatorName } from "./comparators/index.js";
import { extractProgram } from "./extraction/index.js";
import type { CallTests, Problem, Sample, StdinTests } from "./types.js";

export interface OutputOptions {
  readonly comparator: ComparatorName;
  readonly extraction: string;
  readonly limits: Partial<Limits>;
}

/** What a program makes of the inputs of a problem's tests, as one text: equal for programs that agree on all of them. */
export type OutputReader = (problem: Problem, sample: Sample) => Promise<string | null>;

/** Stands for an input on which the program came to nothing. */
const NOTHING = "-";

/**
 * Reads outputs without looking at what the tests expect, so that programs can vote (AlphaCode's clustering,
 * arXiv:2203.07814). Outputs of stdin programs are compared token by token and line by line, values of calls as Python
 * writes them, a tuple as a list. Null where there is no program, it came to nothing on every input, or the problem
 * has no inputs apart from its test code (assertions) or an interactor.
 */
export function createOutputReader(sandbox: Sandbox, options: OutputOptions): OutputReader {
  const comparator = comparators[options.comparator];

  const readStdin = async (lease: Lease, limits: Limits, { cases }: StdinTests): Promise<string[]> => {
    const outputs: string[] = [];
    for (const { input } of cases) {
      const stdin = Buffer.from(input, "utf8");
      const { ending, stdout } = await lease.run({ limits, stdin, again: cases.length > 1 });
      outputs.push(ending === "finished" ? digest(normalise(stdout.toString("utf8"))) : NOTHING);
    }
    return outputs;
  };
  const readCalls = async (lease: Lease, limits: Limits, { functionName, cases }: CallTests): Promise<string[]> => {
    const outputs: string[] = [];
    for (const { args } of cases) {
      const checks = [{ source: describeCall(functionName), data: `{"args":${args}}` }];
      const stubs = [{ name: functionName, receiver: "Solution" }];
      const judge = { prelude: comparator.callsPrelude + SHOW, stubs, checks, countAssertions: false };
      const { judge: report } = await lease.run({ limits, judge, again: cases.length > 1 });
      const failure = report?.firstFailure;
      // The check always fails: what it fails with is what came back.
      outputs.push(failure?.outcome === "failed" ? failure.message : NOTHING);
    }
    return outputs;
  };

  return async (problem, sample) => {
    const { tests, invalid } = problem;
    if (invalid !== null || (tests.kind !== "stdin" && tests.kind !== "calls")) return null;
    // What a program says to an interactor is no output for an input.
    if (tests.kind === "stdin" && tests.interactor !== undefined) return null;
    const { source } = extractProgram(problem, sample, options.extraction);
    if (source === null) return null;
    const prepared = comparator.prepare(source.replace(/^\ufeff/, ""), tests.kind);
    const limits = resolveLimits(options.limits, problem.limits);
    const outputs = await sandbox.withProgram({ language: "python", source: prepared }, (lease) =>
      tests.kind === "stdin" ? readStdin(lease, limits, tests) : readCalls(lease, limits, tests),
    );
    return outputs.every((output) => output === NOTHING) ? null : digest(outputs.join("\n"));
  };
}

/** Defines `show(value)`, a short text that is the same for equal values; a value is plain data by then. */
const SHOW = `
def show(value):
    import hashlib

    def plain(value):
        if type(value) in (list, tuple):
            return [plain(item) for item in value]
        if type(value) is dict:
            return sorted((repr(key), plain(item)) for key, item in value.items())
        if type(value) in (set, frozenset):
            return sorted(repr(item) for item in value)
        return value

    return hashlib.sha256(repr(plain(value)).encode("utf-8", "backslashreplace")).hexdigest()
`;

function describeCall(name: string): string {
  return `_value = ${name}(*prepare_args(data["args"]))\nassert False, show(_value)`;
}

function normalise(text: string): string {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/).join(" "));
  return lines.join("\n").trimEnd();
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
