import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { readCases, type AttackCase } from "../src/attack/cases.js";
import { tryPlainHarness, whyNotTried } from "../src/attack/plain.js";
import { runSuite, type CaseOutcome, type SuiteOptions } from "../src/attack/suite.js";
import { runCommandLine } from "../src/cli/program.js";
import { createGrader } from "../src/grading/grader.js";
import type { Problem, Verdict, VerdictRecord } from "../src/grading/types.js";
import { createSandbox } from "../src/sandbox/index.js";
import { makeRecord, makeWorld, type FakeWorld } from "./cli-fakes.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const CASES = readCases();
const named = (name: string): AttackCase => {
  const found = CASES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no attack ${name}`);
  return found;
};

// The whole suite is run by the built command (scripts/test.sh); here a few of every kind show that it tells the truth.
describe("the suite on the real sandbox", () => {
  it("holds against attacks on every wall, in a cell that goes on or is given up", async () => {
    const names = ["os-exit-humaneval", "eq-object-mbpp", "frames-getframe-apps-call", "permuted-output", "disk-fill"];
    names.push("symlink-traps", "kill-init", "fork-bomb", "noise-on-stdout", "crowd-of-litterers", "no-tests-mbpp");
    const outcomes = await runSuite(names.map(named), { createSandbox, createGrader });
    expect(outcomes.map(({ name }) => name)).toEqual(names);
    expect(outcomes.filter(({ held }) => !held)).toEqual([]);
  });

  it("does not hold where an attack gets another verdict than it deserves", async () => {
    const [outcome] = await runSuite([{ ...named("stdin-unread"), expect: ["wrong_answer"] }], {
      createSandbox,
      createGrader,
    });
    expect(outcome).toMatchObject({ got: "accepted", held: false, reasons: ["it got accepted"] });
  });
});

/** What the fake grader makes of the attack, of the honest program behind it and of the neighbour. */
interface Fake {
  readonly attack?: () => Verdict;
  readonly honest?: () => Verdict;
  readonly neighbour?: () => Partial<VerdictRecord>;
}

const ATTACK = { ...named("os-exit-apps-stdin"), expect: ["wrong_answer"] } satisfies AttackCase;

async function runFake(fake: Fake, one: AttackCase = ATTACK, options: Partial<SuiteOptions> = {}) {
  const grade = (problem: Problem): VerdictRecord => {
    if (problem.id === "neighbour") return makeRecord("neighbour", "accepted", fake.neighbour?.() ?? {});
    if (problem.id === "honest") return makeRecord("honest", fake.honest?.() ?? "accepted");
    return makeRecord(problem.id, fake.attack?.() ?? "wrong_answer");
  };
  const { dependencies } = makeWorld([], grade).context;
  const outcomes = await runSuite([one], { ...dependencies, settleMs: 50, ...options });
  return outcomes[0] as CaseOutcome;
}

describe("an attack has not held when", () => {
  const children: ChildProcess[] = [];
  const descriptors: number[] = [];
  const folder = useTemporaryFolder();
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
  });

  it("(nothing is wrong: it has)", async () => {
    expect(await runFake({})).toMatchObject({ held: true, got: "wrong_answer", reasons: [], skipped: null });
  });

  it("it is accepted, or breaks the grader", async () => {
    expect(await runFake({ attack: () => "accepted" })).toMatchObject({ held: false, got: "accepted" });
    const broken = await runFake({ attack: () => "infrastructure_error" });
    expect(broken).toMatchObject({ held: false, got: "infrastructure_error" });
  });

  it("one copy of many is accepted", async () => {
    let copy = 0;
    const attack = (): Verdict => ((copy += 1) === 7 ? "accepted" : "wrong_answer");
    expect(await runFake({ attack }, { ...ATTACK, copies: 8 })).toMatchObject({ held: false, got: "accepted" });
    expect(copy).toBe(8);
  });

  it("the honest program behind it is turned away", async () => {
    let attacked = false;
    const outcome = await runFake({
      attack: () => ((attacked = true), "wrong_answer"),
      honest: () => (attacked ? "time_limit" : "accepted"),
    });
    expect(outcome).toMatchObject({ held: false, reasons: ["an honest program behind it got time_limit"] });
  });

  it("a neighbour fails or takes far longer than alone", async () => {
    let attacked = false;
    const attack = (): Verdict => ((attacked = true), "wrong_answer");
    const failing = await runFake({ attack, neighbour: () => (attacked ? { verdict: "memory_limit" } : {}) });
    expect(failing.reasons).toEqual(["a neighbour beside it got memory_limit"]);
    attacked = false;
    const usage = { cpu_ms: 900, wall_ms: 900, peak_memory_kb: 1, queue_ms: 0 };
    const slow = await runFake({ attack, neighbour: () => (attacked ? { usage } : {}) });
    expect(slow.reasons).toEqual(["a neighbour beside it took 900 ms of CPU time, not 2"]);
    expect(slow.held).toBe(false);
  });

  it("it leaves a process", async () => {
    const attack = (): Verdict => (children.push(spawn("sleep", ["1000"], { stdio: "ignore" })), "wrong_answer");
    const outcome = await runFake({ attack });
    expect(outcome.held).toBe(false);
    expect(outcome.reasons.join()).toContain("left behind: 1 more: process");
  });

  it("it leaves a process that is nobody's child any more", async () => {
    const orphans: number[] = [];
    const attack = (): Verdict => {
      // The shell ends at once. The environment is what a cell's processes have.
      const command = "HOME=/tmp PYTHONHASHSEED=0 sleep 1000 >/dev/null 2>&1 & echo $!";
      orphans.push(Number(execFileSync("/bin/sh", ["-c", command], { encoding: "utf8" })));
      return "wrong_answer";
    };
    try {
      expect((await runFake({ attack })).reasons.join()).toMatch(/left behind: process \d+ \(sleep/);
    } finally {
      for (const orphan of orphans) process.kill(orphan, "SIGKILL");
    }
  });

  it("it leaves a descriptor", async () => {
    const attack = (): Verdict => (descriptors.push(openSync("/dev/null", "r")), "wrong_answer");
    expect((await runFake({ attack })).reasons.join()).toContain("descriptor of /dev/null");
  });

  it("it leaves a file, also one that was there before", async () => {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = folder.path;
    try {
      expect(tmpdir()).toBe(folder.path);
      const path = join(folder.path, `trace-${process.pid}`);
      let round = 0;
      const attack = (): Verdict => (writeFileSync(path, String((round += 1))), "wrong_answer");
      expect((await runFake({ attack })).reasons.join()).toContain(`left behind: file ${path}`);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });

  it("but what does not come again was somebody else's", async () => {
    let round = 0;
    const attack = (): Verdict => {
      if ((round += 1) === 1) descriptors.push(openSync("/dev/null", "r"));
      return "wrong_answer";
    };
    expect(await runFake({ attack })).toMatchObject({ held: true });
    expect(round).toBe(2);
  });
});

describe("the plain harness", () => {
  const SHAPES = ["prefix-list-humaneval", "nan-return-mbpp", "permuted-list-apps-call", "prefix-output"].map(named);
  const honest = SHAPES.map((one) => ({ ...one, name: `honest-${one.shape}`, program: referenceOf(one) }));
  const wrong = SHAPES.map((one) => ({ ...one, name: `wrong-${one.shape}` }));

  it("accepts right programs and rejects wrong ones in every shape, and is fooled as the official ones are", async () => {
    const fooling = ["eq-object-humaneval", "write-result-mbpp", "frames-getframe-apps-call", "no-tests"].map(named);
    const outcomes = await tryPlainHarness([...honest, ...wrong, ...fooling, named("kill-init")], createSandbox);
    for (const { name } of [...honest, ...fooling]) expect(outcomes.get(name), name).toBe("accepted");
    for (const { name } of wrong) expect(outcomes.get(name), name).toBe("rejected");
    expect(outcomes.get("kill-init")).toBe("not tried");
  });

  it("is not tried where it would be the jail that holds, with a reason", () => {
    for (const one of CASES) {
      expect(whyNotTried(one) === null, one.name).toBe(!"CE".includes(one.group) && one.plain_harness === undefined);
    }
  });
});

/** The program that the problem of a case says is right. */
function referenceOf({ shape, problem }: AttackCase): string {
  switch (shape) {
    case "humaneval":
      return `${String(problem.prompt)}${String(problem.canonical_solution)}`;
    case "mbpp":
      return String(problem.code);
    default:
      return String((problem.solutions as unknown[])[0]);
  }
}

describe("assay attack", () => {
  const run = async (world: FakeWorld, ...words: string[]) => {
    await runCommandLine(world.context, ["attack", ...words]);
    return world.state.code;
  };
  const world = (verdict: Verdict) =>
    makeWorld([], ({ id }) => makeRecord(id, ["honest", "neighbour"].includes(id) ? "accepted" : verdict));

  it("exits 0 when all hold, and prints each case", async () => {
    const here = world("wrong_answer");
    expect(await run(here, "--json", "--only", "sys-exit-*,D15")).toBe(0);
    const { cases } = JSON.parse(here.stdout.text) as { cases: unknown[] };
    expect(cases).toContainEqual({
      ...{ name: "sys-exit-mbpp", group: "D", expected: ["wrong_answer", "runtime_error"], got: "wrong_answer" },
      ...{ held: true, reasons: [] },
    });
    expect(cases.length).toBe(CASES.filter(({ name, family }) => /^sys-exit-/.test(name) || family === "D15").length);
    expect(here.state.disposed).toBe(2);
  });

  it("exits 1 when one does not hold, and says which and why", async () => {
    const here = world("accepted");
    expect(await run(here, "--only", "sys-exit-mbpp,noise-on-stdout")).toBe(1);
    expect(here.stdout.text).toMatch(/D +sys-exit-mbpp +wrong_answer or runtime_error +accepted +NO/);
    expect(here.stdout.text).toContain("not held:\nsys-exit-mbpp  it got accepted\n");
    expect(here.stderr.text).toBe("NOT HELD: sys-exit-mbpp: it got accepted\n1 of 2 attacks held\n");
  });

  it("leaves out, in the unprivileged tier only, what cannot hold there", async () => {
    const one = { ...ATTACK, unprivileged: { skip: "there is no namespace to hold it" } };
    expect(await runFake({ attack: () => "accepted" }, one)).toMatchObject({ held: false, skipped: null });
    const { createSandbox: create } = makeWorld([], () => makeRecord("x")).context.dependencies;
    const unprivileged: typeof create = async (options) => {
      const sandbox = await create(options);
      return { ...sandbox, enforcement: { ...sandbox.enforcement, isolation: "unprivileged" } };
    };
    const outcome = await runFake({ attack: () => "accepted" }, one, { createSandbox: unprivileged });
    expect(outcome).toMatchObject({ held: true, got: "skipped", skipped: one.unprivileged.skip });
  });

  it("names what it cannot find, and stops when it is interrupted", async () => {
    const here = world("wrong_answer");
    expect(await run(here, "--only", "sys-exit-mbpp,nonsense-*")).toBe(1);
    expect(here.stderr.text).toContain('no attack fits "nonsense-*"');
    here.interruption.abort();
    expect(await run(here, "--only", "sys-exit-mbpp")).toBe(130);
  });
});

describe("docs/attacks.md and the table in the README", () => {
  const read = (path: string) => readFileSync(join(import.meta.dirname, "..", path), "utf8");

  it.each(["README.md", "docs/attacks.md"])("%s has a line for each attack, with the verdicts expected", (path) => {
    const rows = new Map<string, string[]>();
    const [, section = read(path)] = /^## Attacks\n([\s\S]*?)^## /m.exec(read(path)) ?? [];
    for (const line of section.split("\n")) {
      const cells = line.split("|").map((cell) => cell.trim());
      const name = cells.find((cell, index) => index < 3 && /^`[a-z0-9-]+`$/.test(cell));
      if (name !== undefined) rows.set(name.slice(1, -1), cells);
    }
    // `node scripts/attack-table.mjs` writes both anew.
    expect([...rows.keys()].sort()).toEqual(CASES.map(({ name }) => name));
    for (const { name, expect: verdicts } of CASES) expect(rows.get(name), name).toContain(verdicts.join(", "));
  });
});
