import { chmod, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { useBuiltCommand } from "./built-command.js";
import { toLines } from "./command-rows.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const command = useBuiltCommand();
const folder = useTemporaryFolder();
const problem = { problem_id: 1, question: "", input_output: JSON.stringify({ inputs: [""], outputs: ["1\n"] }) };

interface Report {
  readonly ok: boolean;
  readonly isolation: string;
  readonly checks: readonly { name: string; ok: boolean; required: boolean; detail: string; fix: string | null }[];
}

describe("on a machine without bubblewrap", () => {
  /** The verbs that need a sandbox, each with arguments it would work with. */
  const listVerbs = async (): Promise<string[][]> => {
    const problems = await folder.write(toLines([problem]), "problems.jsonl");
    const samples = await folder.write(toLines([{ task_id: "1", solution: "print(1)" }]), "samples.jsonl");
    return [
      ["grade", "--problems", problems, "--samples", samples, "--out", join(folder.path, "results.jsonl")],
      ["problems", "check", problems],
      ["doctor"],
      ["bench"],
    ];
  };

  it("every verb that wants namespaces exits 1 and says how to get it", async () => {
    for (const verb of await listVerbs()) {
      const args = [...verb, "--isolation", "namespaces"];
      const { code, stdout, stderr } = await command.start(args, { env: { PATH: folder.path } }).finished;
      const said = `${verb.join(" ")}\n${stdout}${stderr}`;
      expect(code, said).toBe(1);
      expect(said).toMatch(/bwrap|bubblewrap/);
      expect(said).toMatch(/apt-get install -y bubblewrap|assay doctor/);
      expect(said).not.toMatch(/internal error|at .*\.js:\d+/);
    }
  });

  it("doctor --json names what is missing", async () => {
    const { code, stdout } = await command.start(["doctor", "--json", "--isolation", "namespaces"], {
      env: { PATH: folder.path },
    }).finished;
    expect(code).toBe(1);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({ ok: false, isolation: "none" });
    const missing = report.checks.filter(({ ok, required }) => !ok && required);
    expect(missing.map(({ name, detail }) => `${name} ${detail}`).join()).toMatch(/bwrap|bubblewrap/);
    expect(missing.map(({ fix }) => fix).join()).toContain("bubblewrap");
  });
});

describe("without namespaces", () => {
  const grade = async (...options: string[]) => {
    const problems = await folder.write(toLines([problem]), "problems.jsonl");
    const samples = await folder.write(toLines([{ task_id: "1", solution: "print(1)" }]), "samples.jsonl");
    const args = ["grade", "--problems", problems, "--samples", samples, "--out", "-", ...options];
    return command.start(args, { env: { PATH: folder.path } }).finished;
  };

  it("grade goes on in the other tier, says so, and writes it into every row", async () => {
    const { code, stdout, stderr } = await grade();
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/isolation is unprivileged/) as string });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "accepted", isolation: "unprivileged" });
  });

  it("grade with --require-isolation namespaces refuses, and grades nothing", async () => {
    const { code, stdout, stderr } = await grade("--require-isolation", "namespaces");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("--require-isolation namespaces");
    expect((await grade("--require-isolation", "unprivileged")).code).toBe(0);
    expect((await grade("--require-isolation", "some")).code).toBe(1);
  });
});

describe("on this machine", () => {
  it("doctor tries every wall and finds it standing", async () => {
    const { code, stdout } = await command.run("doctor", "--json");
    const report = JSON.parse(stdout) as Report;
    expect(report.checks.filter(({ ok, required }) => !ok && required)).toEqual([]);
    expect({ code, ok: report.ok, isolation: report.isolation }).toEqual({
      code: 0,
      ok: true,
      isolation: "namespaces",
    });
    expect(report.checks.length).toBeGreaterThan(5);
    const isolates = report.checks.find(({ name }) => name === "JavaScript isolates");
    expect(isolates?.detail).toMatch(isolates?.ok === true ? /^in force: / : /^not built: /);
    const { stdout: text } = await command.run("doctor");
    for (const { name } of report.checks) expect(text).toContain(name);
  });

  it("bwrap is taken from where PATH says", async () => {
    const elsewhere = join(folder.path, "elsewhere");
    await mkdir(elsewhere);
    // Cells start as another user, who has to get there too.
    await chmod(folder.path, 0o755);
    await symlink("/usr/bin/bwrap", join(elsewhere, "bwrap"));
    expect((await command.start(["doctor"], { env: { PATH: elsewhere } }).finished).code).toBe(0);
  });

  it("a verb that is none exits 1, and help exits 0", async () => {
    expect((await command.run("no-such-verb")).code).toBe(1);
    expect((await command.run("grade")).code).toBe(1);
    expect((await command.run("grade", "--no-such-option")).code).toBe(1);
    const { code, stdout } = await command.run("grade", "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("--problems");
    expect((await command.run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
