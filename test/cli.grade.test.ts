import { link, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommandLine } from "../src/cli/program.js";
import { nameJudge } from "../src/grading/checkers/index.js";
import { readSamples } from "../src/grading/samples.js";
import type { Problem, Verdict, VerdictRecord } from "../src/grading/types.js";
import { SandboxUnavailableError } from "../src/errors.js";
import { makeProblem, makeRecord, makeWorld, type FakeGrade, type FakeWorld } from "./cli-fakes.js";

let folder: string;
let problems: string;
let samples: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-grade-"));
  [problems, samples, out] = ["problems.jsonl", "samples.jsonl", "results.jsonl"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(problems, "read by a fake\n");
});
afterEach(() => rm(folder, { recursive: true }));

const set = ["a", "b", "c", "d"].map((id) => makeProblem(`T/${id}`, { aliases: [id] }));
const withFirst = (fields: Partial<Problem>) =>
  set.map((problem, at) => (at === 0 ? { ...problem, ...fields } : problem));
/** The fake verdict is what the sample's solution says. */
const gradeAsTold: FakeGrade = (problem, sample) => makeRecord(problem.id, sample.solution as Verdict);
const accept: FakeGrade = (problem) => makeRecord(problem.id);

const sampleOf = (id: string, solution: Verdict = "accepted", fields: object = {}) =>
  JSON.stringify({ task_id: id, solution, ...fields }) + "\n";
const writeSamples = (...lines: string[]) => writeFile(samples, lines.join(""));

async function grade(world: FakeWorld, ...options: string[]): Promise<number | undefined> {
  const common = ["--problems", problems, "--samples", samples, "--out", out];
  await runCommandLine(world.context, ["grade", ...common, ...options]);
  return world.state.code;
}
const readRows = async (path = out): Promise<(VerdictRecord & Record<string, unknown>)[]> =>
  (await readFile(path, "utf8"))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as VerdictRecord & Record<string, unknown>);
const idsOf = (rows: readonly VerdictRecord[]): string[] => rows.map(({ task_id }) => task_id.slice(2));

describe("assay grade", () => {
  test("writes a row for each sample in their order, however the programs end", async () => {
    await writeSamples(...["a", "b", "a", "c", "d"].map((id, n) => sampleOf(id, "accepted", { n })));
    // The first program ends last.
    let release = (): void => undefined;
    const others = new Promise<void>((resolve) => (release = resolve));
    let ended = 0;
    const world = makeWorld(set, async (problem, sample) => {
      if (sample.row.n === 0) await others;
      else if (++ended === 4) release();
      return makeRecord(problem.id);
    });
    expect(await grade(world, "--jobs", "2")).toBe(0);
    const rows = await readRows();
    expect(rows.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
    expect(rows[0]).toMatchObject({ task_id: "T/a", sample_task_id: "a", solution: "accepted", verdict: "accepted" });
    expect(world.state.disposed).toBe(1);
  });

  test("--json prints the summary and nothing else on stdout", async () => {
    await writeSamples(sampleOf("a"), sampleOf("a", "wrong_answer"), sampleOf("b", "time_limit"), sampleOf("b"));
    const world = makeWorld(set, gradeAsTold);
    expect(await grade(world, "--json", "--k", "1,2,5")).toBe(0);
    expect(JSON.parse(world.stdout.text)).toEqual({
      ...{ problems: 4, samples: 4, graded: 4, passed: 2, cached: 0, isolation: "namespaces" },
      verdicts: { accepted: 2, wrong_answer: 1, time_limit: 1 },
      pass_at_k: { "1": 0.5, "2": 1 },
      seconds: expect.any(Number) as number,
      per_second: expect.any(Number) as number,
    });
    expect(world.stderr.text).toContain("pass@5 is not given");
    expect(world.stderr.text).toContain("2 of the 4 problems have no samples");
  });

  test("never holds more samples than there are jobs, and reads on only when one is free", async () => {
    await writeSamples(...Array.from({ length: 20 }, () => sampleOf("a")));
    let inFlight = 0;
    let most = 0;
    const world = makeWorld(set, async (problem) => {
      most = Math.max(most, ++inFlight);
      await new Promise(setImmediate);
      inFlight -= 1;
      return makeRecord(problem.id);
    });
    await grade(world, "--jobs", "3");
    expect(most).toBe(3);
  });

  test("does not read on while every job is taken", async () => {
    await writeSamples(...Array.from({ length: 20 }, () => sampleOf("a")));
    let read = 0;
    let graded = 0;
    let furthest = 0;
    const world = makeWorld(
      set,
      async (problem) => {
        await new Promise(setImmediate);
        furthest = Math.max(furthest, read - graded++);
        return makeRecord(problem.id);
      },
      {
        async *readSamples(path) {
          for await (const sample of readSamples(path)) {
            read += 1;
            yield sample;
          }
        },
      },
    );
    await grade(world, "--jobs", "2");
    // Two in flight, one that waits, one that was read meanwhile.
    expect(furthest).toBeLessThanOrEqual(4);
  });

  test("stops at once when it is interrupted, also while it waits for a sample", async () => {
    const world = makeWorld(set, accept, {
      async *readSamples() {
        world.interruption.abort();
        await new Promise(() => undefined);
        yield { sample: { taskId: "a", completion: null, solution: "x", row: {} }, line: 1 };
      },
    });
    await writeSamples();
    expect(await grade(world)).toBe(130);
  });

  test("names unknown tasks, grades the rest, and fails unless told not to", async () => {
    await writeSamples(
      sampleOf("a"),
      sampleOf("\u001b[31mz"),
      ...Array.from({ length: 25 }, (_, n) => sampleOf(`x${n}`)),
    );
    const world = makeWorld(set, accept);
    expect(await grade(world)).toBe(1);
    expect(idsOf(await readRows())).toEqual(["a"]);
    expect(world.stderr.text).toContain("26 samples name tasks");
    expect(world.stderr.text).toContain("  \\x1b[31mz\n");
    expect(world.stderr.text).toContain("  x18\n  and 6 more\n");
    expect(await grade(makeWorld(set, accept), "--skip-unknown")).toBe(0);
  });

  test("stops at a row that cannot be read, after what was in flight is written", async () => {
    await writeSamples(sampleOf("a"), sampleOf("b"), '{"task_id": "c"}\n', sampleOf("d"));
    const world = makeWorld(set, accept);
    expect(await grade(world)).toBe(1);
    expect(idsOf(await readRows())).toEqual(["a", "b"]);
    expect(world.stderr.text).toMatch(/samples\.jsonl:3: field "completion"/);
    expect(world.stdout.text).toBe("");
  });

  test("--out - writes rows to stdout in order, and refuses --json", async () => {
    await writeSamples(sampleOf("b"), sampleOf("a"));
    const world = makeWorld(set, accept);
    expect(await grade(world, "--out", "-")).toBe(0);
    expect(
      world.stdout.text
        .split("\n")
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as VerdictRecord).task_id),
    ).toEqual(["T/b", "T/a"]);
    const refused = makeWorld(set, accept);
    expect(await grade(refused, "--out", "-", "--json")).toBe(1);
    expect(refused.stderr.text).toContain("--json");
  });

  test("writes to what is no regular file without cutting or replacing it", async () => {
    await writeSamples(sampleOf("a"));
    expect(await grade(makeWorld(set, accept), "--out", "/dev/null")).toBe(0);
    expect(await grade(makeWorld(set, accept), "--out", "/dev/null")).toBe(0);
  });

  test("refuses to overwrite its input, under whatever name", async () => {
    await writeSamples(sampleOf("a"));
    await link(samples, join(folder, "alias.jsonl"));
    const world = makeWorld(set, accept);
    expect(await grade(world, "--out", join(folder, "alias.jsonl"), "--force")).toBe(1);
    expect(world.stderr.text).toContain("--out would overwrite the samples");
    expect(await readFile(samples, "utf8")).toBe(sampleOf("a"));
  });

  test.each([
    [["--jobs", "0"], "--jobs"],
    [["--k", "1,x"], "--k"],
    [["--comparator", "loose"], "--comparator"],
    [["--extraction", "magic"], "--extraction"],
    [["--cpu-limit", "-1"], "--cpu-limit"],
    [["--memory-limit", "1e3"], "--memory-limit"],
    [["--problems", "no-such-set"], "no-such-set"],
  ])("says which option is wrong: %j", async (options, named) => {
    await writeSamples(sampleOf("a"));
    const world = makeWorld(set, accept);
    expect(await grade(world, ...options)).toBe(1);
    expect(world.stderr.text).toContain(named);
    expect(world.graded).toEqual([]);
  });

  test("hands limits on in the units of the contract", async () => {
    await writeSamples(sampleOf("a"));
    let limits: unknown;
    const world = makeWorld(set, accept, {
      createGrader(_sandbox, options) {
        limits = options.limits;
        return { grade: (problem) => Promise.resolve(makeRecord(problem.id)) };
      },
    });
    await grade(world, "--cpu-limit", "1.5", "--memory-limit", "256", "--output-limit", "2", "--open-files", "9");
    expect(limits).toEqual({ cpuMs: 1500, memoryKb: 256 * 1024, outputBytes: 2 * 1024 * 1024, openFiles: 9 });
  });

  test("points to the doctor where no sandbox can be had", async () => {
    await writeSamples(sampleOf("a"));
    const world = makeWorld(set, accept, {
      createSandbox: () => Promise.reject(new SandboxUnavailableError("bwrap is not installed")),
    });
    expect(await grade(world)).toBe(1);
    expect(world.stderr.text).toMatch(/bwrap is not installed\n.*assay doctor/);
  });

  test("a grader that fails is no verdict: what is finished is kept and the exit code says so", async () => {
    await writeSamples(sampleOf("a"), sampleOf("b"), sampleOf("c"));
    const world = makeWorld(set, (problem) => {
      if (problem.id === "T/b") throw new Error("cell lost");
      return makeRecord(problem.id);
    });
    expect(await grade(world, "--jobs", "1")).toBe(2);
    expect(idsOf(await readRows())).toEqual(expect.arrayContaining(["a"]));
    expect(idsOf(await readRows())).not.toContain("b");
    expect(world.stderr.text).toContain("cell lost");
    expect(world.state.disposed).toBe(1);
  });
});

describe("going on with results", () => {
  test("grades only what is missing, also among duplicates, and counts all rows", async () => {
    const lines = [sampleOf("a"), sampleOf("b"), sampleOf("a"), sampleOf("a"), sampleOf("c", "wrong_answer")];
    await writeSamples(...lines);
    await grade(makeWorld(set, gradeAsTold));
    const whole = await readFile(out, "utf8");
    const rows = whole.split("\n");
    await writeFile(out, `${[rows[0], rows[2]].join("\n")}\n${rows[1]?.slice(0, 40) ?? ""}`);

    const world = makeWorld(set, gradeAsTold);
    expect(await grade(world, "--json")).toBe(0);
    expect(world.graded.sort()).toEqual(["T/a", "T/b", "T/c"]);
    expect(await readFile(out, "utf8")).toBe(whole);
    expect(JSON.parse(world.stdout.text)).toMatchObject({ samples: 5, graded: 5, passed: 4 });

    const again = makeWorld(set, gradeAsTold);
    expect(await grade(again)).toBe(0);
    expect(again.graded).toEqual([]);
    expect(again.stdout.text).toMatch(/graded +5 +by earlier runs\n/);
    expect(await readFile(out, "utf8")).toBe(whole);
  });

  test("grades infrastructure errors again and exits 2 while there are any", async () => {
    await writeSamples(sampleOf("a"), sampleOf("b", "infrastructure_error"), sampleOf("c"));
    const first = makeWorld(set, gradeAsTold);
    expect(await grade(first, "--json")).toBe(2);
    expect(JSON.parse(first.stdout.text)).toMatchObject({ graded: 2, verdicts: { infrastructure_error: 1 } });
    const second = makeWorld(set, accept);
    expect(await grade(second)).toBe(0);
    expect(second.graded).toEqual(["T/b"]);
    expect((await readRows()).map(({ task_id, verdict }) => [task_id, verdict])).toEqual([
      ["T/a", "accepted"],
      ["T/b", "accepted"],
      ["T/c", "accepted"],
    ]);
  });

  test("refuses results of other samples, naming the row, and leaves them as they were", async () => {
    await writeSamples(sampleOf("a"), sampleOf("b"));
    await grade(makeWorld(set, accept));
    const before = await readFile(out, "utf8");
    await writeSamples(sampleOf("a"), sampleOf("b", "accepted", { temperature: 1 }));
    const world = makeWorld(set, accept);
    expect(await grade(world)).toBe(1);
    expect(world.stderr.text).toMatch(/results\.jsonl:2: .*--force/);
    expect(await readFile(out, "utf8")).toBe(before);
    const forced = makeWorld(set, accept);
    expect(await grade(forced, "--force")).toBe(0);
    expect(forced.graded).toEqual(["T/a", "T/b"]);
  });

  test.each([
    ["other limits", set, ["--cpu-limit", "1"], /field "limits"/],
    ["another extraction", set, ["--extraction", "raw"], /field "extraction"/],
    ["all tests", set, ["--all-tests"], /field "all_tests"/],
    ["another prompt", withFirst({ prompt: "Add." }), [], /other problems or tests/],
    [
      "other test code",
      withFirst({ tests: { kind: "shared", source: "x", setup: "", open: null } }),
      [],
      /other problems or tests/,
    ],
    [
      "other tests",
      withFirst({ tests: { kind: "stdin", cases: [{ input: "1", output: "3" }] } }),
      [],
      /other problems or tests/,
    ],
  ])("refuses results that were made with %s", async (_name, problemsNow, options, message) => {
    await writeSamples(sampleOf("a"));
    await grade(makeWorld(set, accept));
    const world = makeWorld(problemsNow, accept);
    expect(await grade(world, ...options)).toBe(1);
    expect(world.stderr.text).toMatch(message);
    expect(world.graded).toEqual([]);
  });

  const graded = { kind: "stdin", cases: [{ input: "1", output: "2" }] } as const;
  const rule = { caseSensitive: false, spaceSensitive: false, absolute: null, relative: null };
  const checker = { protocol: "function", language: "python", source: "" } as const;
  test.each([
    ["a rule", { ...graded, rule }, { ...graded, rule: { ...rule, absolute: 1 } }],
    ["a comparator", { ...graded, comparator: "lines" }, { ...graded, comparator: "apps" }],
    ["a checker", { ...graded, checker }, { ...graded, checker: { ...checker, source: "pass" } }],
  ] as const)("looks at what decides for a problem itself: %s", async (_what, tests, changed) => {
    const own = (now: Problem["tests"]) => [makeProblem("T/a", { aliases: ["a"], tests: now })];
    const record: FakeGrade = ({ id, tests }) => makeRecord(id, "accepted", { comparator: nameJudge(tests, "strict") });
    await writeSamples(sampleOf("a"));
    await grade(makeWorld(own(tests), record));
    const same = makeWorld(own(tests), record);
    expect([await grade(same), same.graded]).toEqual([0, []]);
    const other = makeWorld(own(changed), record);
    expect(await grade(other)).toBe(1);
    expect(other.stderr.text).toMatch(/other problems or tests|graded with "lines", and now it would be "apps"/);
  });

  test("follows a link to the results instead of replacing it", async () => {
    await writeSamples(sampleOf("a", "infrastructure_error"));
    await writeFile(join(folder, "real.jsonl"), "");
    await symlink(join(folder, "real.jsonl"), out);
    await grade(makeWorld(set, gradeAsTold));
    await grade(makeWorld(set, accept));
    expect((await readRows(join(folder, "real.jsonl"))).map(({ verdict }) => verdict)).toEqual(["accepted"]);
  });

  test("an interruption keeps what is finished, disposes the sandbox and exits 130", async () => {
    await writeSamples(sampleOf("a"), sampleOf("b"), sampleOf("c"), sampleOf("d"));
    const world = makeWorld(set, (problem) => {
      if (problem.id !== "T/c") return makeRecord(problem.id);
      world.interruption.abort();
      // What the end of the sandbox does to a program says nothing about the program.
      return makeRecord(problem.id, "infrastructure_error");
    });
    expect(await grade(world, "--jobs", "1")).toBe(130);
    expect(idsOf(await readRows())).toEqual(["a", "b"]);
    expect(world.state.disposed).toBe(1);
    const rest = makeWorld(set, accept);
    expect(await grade(rest)).toBe(0);
    expect(rest.graded).toEqual(["T/c", "T/d"]);
  });

  test("reads gzipped samples again to check them", async () => {
    samples = join(folder, "samples.jsonl.gz");
    await writeFile(samples, gzipSync(sampleOf("a") + sampleOf("b")));
    await grade(makeWorld(set, accept));
    const world = makeWorld(set, accept);
    expect(await grade(world)).toBe(0);
    expect(world.graded).toEqual([]);
  });
});
