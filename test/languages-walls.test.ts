import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { RunResult, Sandbox } from "../src/sandbox/contract.js";
import { createSandbox, resolveLimits } from "../src/sandbox/index.js";

const LIMITS = resolveLimits({ cpuMs: 1000, wallMs: 2000, memoryKb: 128 << 10, outputBytes: 1 << 20 });

describe.each(["namespaces", "unprivileged"] as const)("programs that are commands, in the tier %s,", (isolation) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await createSandbox({ isolation, cells: 1 });
  });
  afterAll(() => sandbox.dispose());

  const run = (language: string, source: string): Promise<RunResult> =>
    sandbox.withProgram({ language, source }, (lease) => lease.run({ limits: LIMITS }));
  const runC = (body: string): Promise<RunResult> =>
    run("c", `#define _GNU_SOURCE\n${HEADERS}int main(void) {\n${body}\n}\n`);
  const expectHonest = async (): Promise<void> => {
    const { ending, stdout } = await run("bash", "ls -A | grep -v solution.sh; echo fine");
    expect([ending, String(stdout)]).toEqual(["finished", "fine\n"]);
  };

  it.each([
    ["forks", 'return printf("%d", fork()) > 0;', "-1"],
    ["executes", 'execl("/bin/echo", "echo", "made", NULL); printf("%d", errno);', "1"],
    ["makes a socket", 'printf("%d", socket(AF_INET, SOCK_STREAM, 0));', "-1"],
    ["signals its parent", 'printf("%d", kill(getppid(), 9));', "-1"],
    ["signals everybody", 'printf("%d", kill(-1, 9));', "-1"],
    ["reads the users", 'printf("%d", open("/etc/passwd", O_RDONLY));', "-1"],
    ["reads its warden", 'printf("%d", open("/proc/1/mem", O_RDONLY));', "-1"],
    ["leaves its group", 'printf("%d", setsid());', "-1"],
  ])("one that %s is refused", async (_what, body, answer) => {
    expect(String((await runC(body)).stdout)).toBe(answer);
    await expectHonest();
  });

  it.each([
    ["includes the users", '#include "/etc/passwd"\nint main(void) { return 0; }'],
    ["includes what has no end", '#include "/dev/zero"\nint main(void) { return 0; }'],
    ["is larger than may be kept", "char all[1 << 30] = {1};\nint main(void) { return all[5]; }"],
  ])("a compiler's input that %s does not compile", { timeout: 90_000 }, async (_what, source) => {
    const { ending, detail } = await run("c", source);
    expect(ending).toBe("compile_error");
    expect(detail).not.toContain("root:");
    await expectHonest();
  });

  it.each([
    [
      "a fork bomb",
      "f() { f | f & }; f; wait",
      ["time_limit", "runtime_error", "memory_limit", "finished", "output_limit"],
    ],
    ["what is left running", "sleep 100 & sleep 100 & echo started", ["finished"]],
    ["many that work", "for i in 1 2 3 4; do (while :; do :; done) & done; wait", ["time_limit"]],
    ["a sleeper", "sleep 100", ["time_limit"]],
    ["files", "mkdir -p a/b; echo x > a/b/c; chmod 0 a 2> /dev/null; echo x > .hidden", ["finished"]],
  ])("the shell's %s ends with its run", { timeout: 60_000 }, async (_what, source, endings) => {
    expect(endings).toContain((await run("bash", source)).ending);
    await expectHonest();
  });
});

const HEADERS = ["stdio", "stdlib", "unistd", "signal", "errno", "fcntl", "sys/socket"]
  .map((name) => `#include <${name}.h>\n`)
  .join("");
