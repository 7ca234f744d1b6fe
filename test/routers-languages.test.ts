/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access -- answers are looked at field by field */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { findLanguage, isInstalled } from "../src/sandbox/languages.js";
import { startServer, type Running } from "./server.js";

/** Each protocol in compiled and interpreted languages, from its client's side; skipped where a toolchain is missing. */

let server: Running;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.close());

const isHere = (id: string): boolean => {
  const language = findLanguage(id);
  return language !== null && isInstalled(language);
};
const itWith = (...ids: string[]) => it.skipIf(!ids.every(isHere));

async function call(path: string, body?: unknown): Promise<{ status: number; body: any }> {
  const given = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}${path}`, body === undefined ? {} : given);
  return { status: response.status, body: await response.json() };
}

const SUM = {
  cpp: '#include <cstdio>\nint main() { int a, b; if (scanf("%d %d", &a, &b) != 2) return 3; printf("%d\\n", a + b); }\n',
  bash: "read -r a b\necho $((a + b))\n",
  perl: "my ($a, $b) = split ' ', <STDIN>;\nprint $a + $b, \"\\n\";\n",
};
/** A program that warns, and one that does not compile. */
const WARNS = '#warning "beware"\n#include <cstdio>\nint main() { puts("ok"); }\n';
const BROKEN = { cpp: "int main() { return undeclared; }\n", bash: "if true\n", perl: "my $x = ;\n" };

describe("Piston", () => {
  const execute = (language: string, content: string, rest: object = {}) =>
    call("/api/v2/execute", { language, version: "*", files: [{ name: "main", content }], ...rest });

  itWith("cpp")("lists a language under Piston's own name, with assay's as an alias", async () => {
    const { body } = await call("/api/v2/runtimes");
    const versions = body.filter(({ language }: { language: string }) => language === "c++");
    expect(versions).toEqual([
      { language: "c++", version: expect.stringMatching(/^\d+\.\d+/), aliases: expect.arrayContaining(["cpp"]) },
    ]);
  });

  itWith("cpp")("answers both stages of a compiled language, under either name", async () => {
    for (const name of ["c++", "cpp", "c++20"]) {
      const { body } = await execute(name, SUM.cpp, { stdin: "2 3" });
      expect(body.compile).toMatchObject({ code: 0, signal: null, status: null, stdout: "", stderr: "" });
      expect(body.run).toMatchObject({ code: 0, stdout: "5\n", status: null });
      expect(body.version).toMatch(/^\d+\.\d+/);
      expect(body.compile.cpu_time).toBeGreaterThan(0);
    }
  });

  itWith("cpp")("answers what the compiler said, and no run of its own where that failed", async () => {
    const warned = await execute("c++", WARNS);
    expect(warned.body.compile).toMatchObject({ code: 0 });
    expect(warned.body.compile.stderr).toContain("beware");
    expect(warned.body.run).toMatchObject({ code: 0, stdout: "ok\n", stderr: "" });
    const broken = await execute("c++", BROKEN.cpp);
    expect(broken.status).toBe(200);
    expect(broken.body.compile).toMatchObject({ code: 1, status: "RE", message: "Exited with error code 1" });
    expect(broken.body.compile.stderr).toContain("undeclared");
    expect(broken.body.run).toEqual(broken.body.compile);
  });

  itWith("cpp")("gives the compiler the other files, and its own limits", async () => {
    const files = [
      { name: "main.cpp", content: '#include "twice.h"\n#include <cstdio>\nint main() { printf("%d\\n", twice(4)); }' },
      { name: "twice.h", content: "int twice(int n) { return 2 * n; }" },
    ];
    const { body } = await call("/api/v2/execute", { language: "c++", version: "*", files });
    expect(body.run).toMatchObject({ stdout: "8\n", code: 0 });
    const slow = await execute("c++", `#include <regex>\n${SUM.cpp}`, { compile_cpu_time: 20 });
    expect(slow.body.compile).toMatchObject({ status: "TO", signal: "SIGKILL", code: null });
    // The program is not taken for broken by those who give its compiler more.
    const again = await execute("c++", `#include <regex>\n${SUM.cpp}`, { stdin: "1 1" });
    expect(again.body.run).toMatchObject({ stdout: "2\n" });
  });

  itWith("bash", "perl")(
    "runs interpreted languages in one stage, a wrong program with its interpreter's status",
    async () => {
      for (const name of ["bash", "perl"] as const) {
        const { body } = await execute(name, SUM[name], { stdin: "2 3" });
        expect(body).not.toHaveProperty("compile");
        expect(body.run).toMatchObject({ code: 0, stdout: "5\n" });
        const broken = await execute(name, BROKEN[name]);
        expect(broken.body).not.toHaveProperty("compile");
        expect(broken.body.run).toMatchObject({ code: name === "bash" ? 2 : 255, status: "RE" });
        expect(broken.body.run.stderr).toContain("syntax error");
      }
    },
  );
});

describe("Judge0", () => {
  const submit = (language_id: number, source_code: string, rest: object = {}) =>
    call("/submissions?wait=true", { language_id, source_code, ...rest });

  itWith("cpp")("compiles under each id of the language, and says what it really is", async () => {
    const { body: rows } = await call("/languages");
    expect(rows).toContainEqual({ id: 54, name: expect.stringMatching(/^C\+\+ \(\d+\.\d+\.\d+\)$/) });
    expect((await call("/languages/54")).body).toMatchObject({ compile_cmd: "g++ solution.cpp", is_archived: false });
    for (const id of [52, 54]) {
      const { body } = await submit(id, SUM.cpp, { stdin: "2 3", expected_output: "5" });
      expect(body).toMatchObject({ status: { id: 3 }, stdout: "5\n", compile_output: null });
    }
  });

  itWith("cpp")("answers status 6 and the compiler's words, and warnings of what compiles", async () => {
    const { body } = await submit(54, BROKEN.cpp);
    expect(body).toMatchObject({ status: { id: 6, description: "Compilation Error" } });
    expect(body).toMatchObject({ stdout: null, stderr: null, time: null, memory: null, message: null });
    expect(body.compile_output).toContain("undeclared");
    const warned = await submit(54, WARNS);
    expect(warned.body).toMatchObject({ status: { id: 3 }, stdout: "ok\n" });
    expect(warned.body.compile_output).toContain("beware");
  });

  itWith("bash", "perl")("runs interpreted languages, where a program that does not parse is NZEC", async () => {
    for (const [id, name] of [
      [46, "bash"],
      [85, "perl"],
    ] as const) {
      const right = await submit(id, SUM[name], { stdin: "2 3", expected_output: "5" });
      expect(right.body).toMatchObject({ status: { id: 3 }, compile_output: null });
      const broken = await submit(id, BROKEN[name]);
      expect(broken.body).toMatchObject({ status: { id: 11 }, compile_output: null });
      expect(broken.body.stderr).toContain("syntax error");
    }
  });

  itWith("typescript")("answers a type error with status 6", async () => {
    const right = await submit(74, "const n: number = 5;\nconsole.log(n);\n", { expected_output: "5" });
    expect(right.body).toMatchObject({ status: { id: 3 }, compile_output: null });
    const broken = await submit(101, 'const n: number = "five";\nconsole.log(n);\n');
    expect(broken.body).toMatchObject({ status: { id: 6 }, stdout: null, time: null });
    expect(broken.body.compile_output).toContain("not assignable");
  });

  it("refuses an id that stands for nothing here, by the field's name", async () => {
    const { status, body } = await submit(70, "print 1");
    expect([status, body]).toEqual([422, { language_id: ["language with id 70 doesn't exist"] }]);
  });
});

describe("SandboxFusion", () => {
  const runCode = (language: string, code: string, rest: object = {}) => call("/run_code", { language, code, ...rest });

  itWith("cpp")("answers the result of the compiler and that of the run", async () => {
    const { body } = await runCode("cpp", SUM.cpp, { stdin: "2 3", compile_timeout: 30 });
    expect(body).toMatchObject({ status: "Success", message: "" });
    expect(body.compile_result).toMatchObject({ status: "Finished", return_code: 0, stdout: "", stderr: "" });
    expect(body.run_result).toMatchObject({ status: "Finished", return_code: 0, stdout: "5\n" });
  });

  itWith("cpp")("answers a compile error and a compiler that takes too long as verl tells them apart", async () => {
    const broken = await runCode("cpp", BROKEN.cpp);
    expect(broken.body).toMatchObject({ status: "Failed", run_result: null });
    expect(broken.body.compile_result).toMatchObject({ status: "Finished", return_code: 1 });
    expect(broken.body.compile_result.stderr).toContain("undeclared");
    const slow = await runCode("cpp", `#include <regex>\n${SUM.cpp}// slow`, { compile_timeout: 0.02 });
    expect(slow.body).toMatchObject({ status: "Failed", run_result: null });
    expect(slow.body.compile_result).toMatchObject({ status: "TimeLimitExceeded", return_code: null });
  });

  itWith("bash", "perl")("runs interpreted languages without a compile result", async () => {
    for (const name of ["bash", "perl"] as const) {
      const { body } = await runCode(name, SUM[name], { stdin: "2 3" });
      expect(body).toMatchObject({ status: "Success", compile_result: null, run_result: { stdout: "5\n" } });
      const broken = await runCode(name, BROKEN[name]);
      expect(broken.body).toMatchObject({ status: "Failed", compile_result: null });
      expect(broken.body.run_result.return_code).not.toBe(0);
    }
  });

  it("says that a language is not installed in the only words that its clients do not try again", async () => {
    const { status, body } = await runCode("verilog", "module tb; endmodule");
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "SandboxError", message: "verilog is not installed here" });
    const unknown = await runCode("cobol", "");
    expect(unknown.status).toBe(422);
    expect(unknown.body.detail[0].loc).toEqual(["body", "language"]);
  });

  itWith("cpp")("grades a completion in the language that the request says, tag or none", async () => {
    const test = [{ input: { stdin: "2 3" }, output: { stdout: "5" } }];
    const config = { dataset_type: "CommonOJDataset", language: "cpp", provided_data: { test } };
    const submit = (code: string) =>
      call("/submit", { dataset: "x", id: 1, config, completion: `\`\`\`\n${code}\`\`\`` });
    const right = await submit(SUM.cpp);
    expect(right.body).toMatchObject({ accepted: true });
    expect(right.body.tests[0].exec_info).toMatchObject({ status: "Success", compile_result: { return_code: 0 } });
    const broken = await submit(BROKEN.cpp);
    expect(broken.body).toMatchObject({ accepted: false });
    expect(broken.body.tests[0].exec_info).toMatchObject({ compile_result: { return_code: 1 }, run_result: null });
  });

  itWith("perl")("grades ScaleBox's batches in other languages", async () => {
    const test_cases = { type: "stdin_stdout", input: ["2 3", "1 1"], output: ["5", "3"] };
    const config = { language: "perl", provided_data: { test_cases }, extra: { run_all_cases: true } };
    const { body } = await call("/common_evaluate_batch", { completion: `\`\`\`perl\n${SUM.perl}\`\`\``, config });
    expect(body.tests.map(({ passed }: { passed: boolean }) => passed)).toEqual([true, false]);
  });
});

describe("go-judge", () => {
  const run = (args: string[], copyIn: object = {}) =>
    call("/run", { cmd: [{ args, files: [{ content: "2 3" }, { name: "stdout", max: 1024 }], copyIn }] });

  itWith("bash", "perl")("runs scripts of every interpreter, from a file and from the command line", async () => {
    const script = await run(["/usr/bin/perl", "a.pl"], { "a.pl": { content: SUM.perl } });
    expect(script.body[0]).toMatchObject({ status: "Accepted", files: { stdout: "5\n" } });
    const inline = await run(["/bin/bash", "-c", SUM.bash]);
    expect(inline.body[0]).toMatchObject({ status: "Accepted", files: { stdout: "5\n" } });
    const broken = await run(["bash", "-c", BROKEN.bash]);
    expect(broken.body[0]).toMatchObject({ status: "Nonzero Exit Status" });
  });

  it("refuses other programs, by their place", async () => {
    const { status, body } = await run(["/bin/ls"]);
    expect(status).toBe(400);
    expect(body).toContain("cmd[0].args[0]");
  });
});

describe("the native routes", () => {
  const problem = { tests: { kind: "stdin", cases: [{ input: "2 3\n", output: "5\n" }] } };

  itWith("cpp", "perl")("grade a program in the language that a request says, by an alias too", async () => {
    const cpp = await call("/v1/grade", { problem, solution: SUM.cpp, language: "C++" });
    expect(cpp.body).toMatchObject({ verdict: "accepted", extraction: { language: "cpp" } });
    expect(cpp.body.runtime).toMatch(/^cpp \d/);
    const perl = await call("/v1/grade", { problem, completion: `\`\`\`\n${SUM.perl}\`\`\``, language: "perl" });
    expect(perl.body).toMatchObject({ verdict: "accepted", extraction: { language: "perl" } });
    const broken = await call("/v1/grade", { problem, solution: BROKEN.cpp, language: "cpp" });
    expect(broken.body).toMatchObject({ verdict: "compile_error", passed: false });
  });

  itWith("cpp")("run a program with its compiler's part in the answer", async () => {
    const { body } = await call("/v1/run", { language: "cpp", source: SUM.cpp, stdin: "2 3" });
    expect(body).toMatchObject({ ending: "finished", stdout: "5\n", compile: { ending: "finished", exit_code: 0 } });
    const broken = await call("/v1/run", { language: "cpp", source: BROKEN.cpp });
    expect(broken.body).toMatchObject({ ending: "compile_error", compile: { ending: "runtime_error", exit_code: 1 } });
    expect(broken.body.detail).toContain("undeclared");
  });

  it("refuse a language that nobody knows, by the field's name", async () => {
    for (const [path, rest] of [
      ["/v1/grade", { problem, solution: "x" }],
      ["/v1/run", { source: "x" }],
    ] as const) {
      const { status, body } = await call(path, { ...rest, language: "klingon" });
      expect([status, body.error.field]).toEqual([400, "language"]);
      expect(body.error.message).toContain("python");
    }
  });

  it.skipIf(isHere("swift"))(
    "a language that is known and not installed: refused where it is said, no code in a tag",
    async () => {
      const said = await call("/v1/grade", { problem, solution: "x", language: "swift" });
      expect([said.status, said.body.error]).toEqual([
        400,
        { kind: "bad_request", field: "language", message: "Swift is not installed here" },
      ]);
      const tagged = await call("/v1/grade", { problem, completion: "```swift\nprint(5)\n```" });
      expect(tagged.body).toMatchObject({ verdict: "no_code", extraction: { language: "swift" } });
    },
  );
});
