import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resolveProblems } from "../src/cli/problem-source.js";
import { runCommandLine } from "../src/cli/program.js";
import type { Verdict, VerdictRecord } from "../src/grading/types.js";
import type { DoctorReport } from "../src/sandbox/index.js";
import { version } from "../src/version.js";
import { makeProblem, makeRecord, makeWorld, type FakeGrade, type FakeWorld } from "./cli-fakes.js";

async function run(world: FakeWorld, ...words: string[]): Promise<number | undefined> {
  await runCommandLine(world.context, words);
  return world.state.code;
}

describe("assay without a verb that it has", () => {
  // The parser ends the process, which the runner of these tests does not let happen.
  const say = async (...words: string[]): Promise<string> => {
    const world = makeWorld([], ({ id }) => makeRecord(id));
    await run(world, ...words).catch(() => undefined);
    return world.stdout.text + world.stderr.text;
  };

  test("lists all that there are", async () => {
    const verbs = ["grade", "serve", "model-host", "problems", "exam", "selftrain", "doctor", "attack", "bench"];
    const listed = [...(await say("--help")).matchAll(/^ {2}([a-z-]+) /gm)].map(([, verb]) => verb);
    expect(listed).toEqual([...verbs, "help"]);
  });

  test("says which one may be meant", async () => {
    expect(await say("grde")).toContain("Did you mean grade?");
  });
});

describe("assay problems check", () => {
  /** What is graded besides references. */
  const EMPTY = "pass\n";
  /** A reference gets the verdict that it consists of. */
  const gradeAsTold: FakeGrade = (problem, sample) =>
    makeRecord(problem.id, sample.solution === EMPTY ? "wrong_answer" : (sample.solution as Verdict));
  const fail: FakeGrade = (problem, sample) => {
    const record = gradeAsTold(problem, sample) as VerdictRecord;
    const failure = { index: 0, input: "", expected: "", actual: "", stderr: "no cell" };
    return { ...record, first_failure: { verdict: record.verdict, ...failure } };
  };
  const sound = makeProblem("sound", { references: ["accepted", "accepted"] });
  const unsound = makeProblem("unsound", { references: ["accepted", "wrong_answer"] });
  const invalid = makeProblem("invalid", { references: ["accepted"], invalid: "no tests" });
  const silent = makeProblem("silent");
  // Any path that exists: the problems come from the fake.
  const check = (world: FakeWorld, ...options: string[]) => run(world, "problems", "check", "package.json", ...options);

  test("exits 0 when every reference passes, and says which problems have none", async () => {
    const world = makeWorld([sound, silent], gradeAsTold);
    expect(await check(world)).toBe(0);
    expect(world.stdout.text).toMatch(/no reference +1 +silent/);
    expect(world.state.disposed).toBe(1);
  });

  test("exits 1 and says what is unsound, in the order of the set", async () => {
    const other = makeProblem("other", { references: ["time_limit"] });
    const world = makeWorld([unsound, sound, invalid, other, silent], gradeAsTold);
    expect(await check(world, "--json", "--jobs", "3")).toBe(1);
    expect(JSON.parse(world.stdout.text)).toMatchObject({
      ...{ problems: 5, references: 5, sound: 1, no_reference: ["silent"], infrastructure_errors: 0 },
      invalid: [{ task_id: "invalid", reason: "no tests" }],
      failing: [
        { task_id: "unsound", reference: 1, verdict: "wrong_answer", first_failure: { actual: "3" } },
        { task_id: "other", reference: 0, verdict: "time_limit" },
      ],
    });
    expect(world.graded).not.toContain("invalid");
  });

  test("shows the first failure to people", async () => {
    const world = makeWorld([unsound], gradeAsTold);
    await check(world);
    expect(world.stdout.text).toContain("unsound: reference 2: wrong_answer in test 2\n  input     1\n");
  });

  test("exits 2 on infrastructure errors, which are no verdict on a problem", async () => {
    const world = makeWorld([makeProblem("a", { references: ["infrastructure_error"] })], fail);
    expect(await check(world, "--json", "--runs", "1")).toBe(2);
    expect(JSON.parse(world.stdout.text)).toMatchObject({
      ...{ infrastructure_errors: 1, failing: [], sound: 0 },
      not_graded: [{ task_id: "a", reason: "no cell" }],
      left_out: [{ task_id: "a", reasons: ["could not be graded: no cell"] }],
    });
  });

  test("says which problem could not be graded, and why", async () => {
    const world = makeWorld([makeProblem("a", { references: ["infrastructure_error"] })], fail);
    await check(world, "--runs", "1");
    expect(world.stdout.text).toContain("a: not graded: no cell\n");
  });

  test.each(["repaired.jsonl", "repaired.jsonl.left-out.jsonl"])(
    "grades nothing where %s is there already",
    async (name) => {
      const folder = await mkdtemp(join(tmpdir(), "assay-"));
      try {
        await writeFile(join(folder, name), "mine");
        const world = makeWorld([sound], gradeAsTold);
        expect(await check(world, "--repaired", join(folder, "repaired.jsonl"))).toBe(1);
        expect(world.stderr.text).toContain(`${name}: is there already, and is not written over`);
        expect(world.graded).toEqual([]);
        expect(readFileSync(join(folder, name), "utf8")).toBe("mine");
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );

  test("--policy brings comparator and limits, options go before it, and variants keep a limit of their own", async () => {
    const graders: { comparator: string; limits: object }[] = [];
    const limited: (number | undefined)[] = [];
    const world = makeWorld([sound], gradeAsTold, {
      makeMutants: () => Promise.resolve(["wrong_answer"]),
      createGrader: (_, { comparator, limits }) => {
        graders.push({ comparator, limits });
        return {
          grade: (problem, sample) => {
            limited.push(problem.limits.cpuMs);
            return Promise.resolve(gradeAsTold(problem, sample));
          },
        };
      },
    });
    expect(await check(world, "--policy", "apps", "--memory-limit", "64", "--runs", "2")).toBe(0);
    const limits = { cpuMs: 4000, memoryKb: 64 << 10 };
    expect(graders).toEqual([
      { comparator: "apps", limits },
      { comparator: "apps", limits },
      { comparator: "apps", limits: { memoryKb: 64 << 10 } },
    ]);
    expect(limited.at(-1)).toBe(1000);
    expect(await check(world, "--policy", "nobody")).toBe(1);
    expect(world.stderr.text).toContain("--policy: expected one of humaneval");
  });

  test("stops when it is interrupted", async () => {
    const world = makeWorld([sound], () => {
      world.interruption.abort();
      return new Promise(() => undefined);
    });
    expect(await check(world)).toBe(130);
    expect(world.state.disposed).toBe(1);
  });
});

describe("assay doctor", () => {
  const report: DoctorReport = {
    ...{ ok: false, isolation: "none", runtime: "python 3.11.2" },
    checks: [
      { name: "bwrap", ok: false, required: true, detail: "not found", fix: "apt-get install bubblewrap" },
      { name: "cgroup", ok: false, required: false, detail: "read-only", fix: null },
      { name: "python3", ok: true, required: true, detail: "3.11.2", fix: null },
    ],
  };
  const withReport = (found: DoctorReport) =>
    makeWorld([], () => Promise.reject(new Error("grades nothing")), { probe: () => Promise.resolve(found) });

  test("shows what is missing, whether it is needed, and how to get it", async () => {
    const world = withReport(report);
    expect(await run(world, "doctor")).toBe(1);
    expect(world.stdout.text).toContain(
      "MISSING  bwrap    not found\nmissing  cgroup   read-only\nok       python3  3.11.2\n",
    );
    expect(world.stdout.text).toContain("bwrap  apt-get install bubblewrap");
  });

  test("--json prints the report", async () => {
    const world = withReport({ ...report, ok: true });
    expect(await run(world, "doctor", "--json")).toBe(0);
    expect(JSON.parse(world.stdout.text)).toEqual({ ...report, ok: true });
  });
});

test("problems are named by a path or by the name of a set that comes along", async () => {
  const folder = await mkdtemp(join(tmpdir(), "assay-sets-"));
  await mkdir(join(folder, "mine"));
  await writeFile(join(folder, "mine", "problems.jsonl"), "");
  expect(resolveProblems("mine", folder)).toBe(join(folder, "mine"));
  expect(resolveProblems(folder, folder)).toBe(folder);
  expect(() => resolveProblems("other", folder)).toThrow(/other: .*sets that come with assay: mine/);
  expect(() => resolveProblems("../mine", folder)).toThrow();
  await rm(folder, { recursive: true });
});

test("the version is that of the package", () => {
  expect(version).toBe((JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version);
});
