import { describe, expect, it } from "vitest";

import { Tally } from "../../src/grading/tally.js";
import { SandboxUnavailableError } from "../../src/errors.js";
import type { Judge, RunResult, RunSpec, Sandbox } from "../../src/sandbox/contract.js";
import { createSandbox, resolveLimits } from "../../src/sandbox/index.js";
import { FRAME } from "../../src/sandbox/protocol.js";
import { end, frame, report, useFakeWarden, type Speech } from "./fake-warden.js";
import { fuzz } from "./fuzz.js";
import { changeValue, type Json, write } from "./json.js";
import { damage, type Random } from "./random.js";

const ENDINGS = "finished time_limit memory_limit output_limit compile_error runtime_error infrastructure_error".split(
  " ",
);
const SECRET = "the answer that nobody wrote";
const judge: Judge = {
  ...{ prelude: "", stubs: [{ name: "f" }], countAssertions: false },
  checks: Array.from({ length: 7 }, () => ({ source: "assert f() == 1" })),
};
const limits = resolveLimits({ outputBytes: 1 << 16 });

/** Three of seven tests passed, so no single change of it is the report of a program that passed. */
const FAILED: Json = {
  ...{ total: 7, run: 7, passed: 3, failed: [3, 4, 5, 6], loadError: null },
  firstFailure: { index: 3, outcome: "failed", input: "f()", expected: "1", actual: "2", message: "" },
};

const warden = useFakeWarden();

/** What two runs come to in a sandbox whose wardens speak like this; none where no cell came up. */
async function hear(speech: Speech, spec: RunSpec): Promise<RunResult[]> {
  await warden.speak(speech);
  let sandbox: Sandbox;
  try {
    sandbox = await createSandbox({ cells: 1, isolation: "namespaces" });
  } catch (error) {
    expect(error).toBeInstanceOf(SandboxUnavailableError);
    return [];
  }
  try {
    return await sandbox.withProgram(PROGRAM, (lease) => Promise.all([lease.run(spec), lease.run(spec)]));
  } finally {
    await sandbox.dispose();
  }
}
const PROGRAM = { language: "python", source: "def f(): return 2" };

function verdictOf(result: RunResult, judged: boolean) {
  const tally = new Tally();
  if (judged) tally.addJudgement(result);
  else {
    const isRight = result.stdout.toString("utf8") === SECRET;
    const decision = { outcome: isRight ? ("right" as const) : ("wrong" as const), message: "" };
    tally.addScript(
      result,
      0,
      { stdin: new Uint8Array(), output: SECRET },
      result.ending === "finished" ? decision : null,
    );
  }
  return tally.verdict ?? "accepted";
}

const hello = frame(FRAME.hello, "python 3.0.0");
const failing: Speech = {
  hello,
  frames: frame(FRAME.end, end({ status: 9 })),
  reports: report(JSON.stringify(FAILED)),
  waits: 76,
};

function makeSpeech(random: Random): Speech {
  const body = (): Buffer =>
    random.pick([
      () => Buffer.from(random.many(random.size(40), () => random.below(256))),
      () => end({ status: random.bits() | 0, cause: random.below(8), dirty: random.below(3) }),
      () => Buffer.alloc(random.size(200_000), "x"),
      () => Buffer.from("print(1)"),
    ])();
  const length = (): number | undefined =>
    random.once(12) ? random.pick([0, 1, 29, 30, 31, 2 ** 20, 2 ** 31, 2 ** 32 - 1, random.bits()]) : undefined;
  const frames = random.many(random.size(8), () => frame(random.below(random.once(9) ? 256 : 9), body(), length()));
  const last = frame(FRAME.end, end({ status: random.pick([0, 0, 256, 9]), cause: random.below(6) }), length());
  const reports = random.many(random.pick([0, 1, 1, 1, 2]), () => {
    const text = Buffer.from(write(random, changeValue(random, FAILED)));
    return report(random.once(3) ? damage(random, text) : text, length());
  });
  const speech = { hello, frames: Buffer.concat([...frames, last]), reports: Buffer.concat(reports), waits: 76 };
  if (random.once(3)) speech.frames = damage(random, speech.frames);
  if (random.once(6)) speech.reports = damage(random, speech.reports);
  return random.once(8) ? { ...speech, hello: damage(random, hello), waits: 0 } : speech;
}

describe("whatever a warden says", () => {
  fuzz("the host goes on, and nothing is accepted", 60, async (random) => {
    const judged = random.once(2);
    const spec: RunSpec = judged ? { limits, judge } : { limits };
    for (const result of await hear(makeSpeech(random), spec)) {
      expect(ENDINGS).toContain(result.ending);
      expect(verdictOf(result, judged)).not.toBe("accepted");
      expect(result.stdout.length + result.stderr.length).toBeLessThan(1 << 19);
    }
  });

  // What was found: each of these once ended the host, was accepted, or kept it busy for ever.
  const NO_FAILURE = { total: 7, run: 7, passed: 3, failed: [3, 4, 5, 6], loadError: null };
  const finished = frame(FRAME.end, end({}));
  it.each<[string, Partial<Speech>]>([
    ["a report that is cut off", { reports: report(JSON.stringify(FAILED).slice(0, -9)) }],
    ["a report without its failure", { reports: report(JSON.stringify(NO_FAILURE)), frames: finished }],
    ["a report that contradicts itself", { reports: report(JSON.stringify({ ...NO_FAILURE, firstFailure: null })) }],
    ["a report of more than can be", { reports: report("{}", 2 ** 32 - 1) }],
    ["an end that is cut off", { frames: frame(FRAME.end, end({}).subarray(0, 9)) }],
    ["an end for an unknown cause", { frames: frame(FRAME.end, end({ cause: 9 })) }],
    ["more output than a warden lets through", { frames: frame(FRAME.stdout, Buffer.alloc(3 << 16)) }],
    ["a hello, and nothing to any run", { hello: Buffer.concat([hello, frame(FRAME.fault, "")]), waits: 0 }],
  ])("%s is a fault of ours", async (_what, part) => {
    const results = await hear({ ...failing, ...part }, { limits, judge });
    for (const { ending } of results) expect(ending).toBe("infrastructure_error");
    expect(results.length).toBe(part.waits === 0 ? results.length : 2);
  });

  it("what it says of a run that failed is heard", async () => {
    const [result] = await hear(failing, { limits, judge });
    expect(result).toMatchObject({ ending: "finished", judge: { passed: 3, firstFailure: { index: 3 } } });
  });
});
