import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { useBuiltCommand } from "./built-command.js";
import { readRows, toLines } from "./command-rows.js";
import { outputOf, usePython } from "./sandbox-runs.js";
import { useTemporaryFolder } from "./temporary-folder.js";

/** Python that lists the open descriptors. */
const LIST = `
import os
def is_open(fd):
    try: os.fstat(fd)
    except OSError: return False
    return True
descriptors = [fd for fd in range(1024) if is_open(fd)]
`;

describe("the descriptors a program has", () => {
  const python = usePython({ cells: 1 });

  it.each([4, 8, 16, 64, 1024])("are its three streams, with a limit of %d", async (openFiles) => {
    expect(outputOf(await python.run(`${LIST}print(descriptors)`, { limits: { openFiles } }))).toBe("[0, 1, 2]\n");
  });

  it.each([4, 8, 16, 64, 1024])("are one more in a judged run, with a limit of %d", async (openFiles) => {
    const source = `${LIST}\nimport sys\ndef f():\n    print("x")\n    return descriptors, sys.stdin.read()`;
    const result = await python.judge(source, `assert f() == ([0, 1, 2, 3], "")`, { limits: { openFiles } });
    expect(result).toMatchObject({ judge: { passed: 1, firstFailure: null }, stdout: Buffer.alloc(0) });
  });
});

describe("the descriptors of whoever starts the command", () => {
  const command = useBuiltCommand();
  const folder = useTemporaryFolder();

  it("reach no program", async () => {
    const problem = {
      problem_id: 1,
      question: "",
      input_output: JSON.stringify({ inputs: ["\n"], outputs: ["[0, 1, 2]\n"] }),
    };
    const out = join(folder.path, "results.jsonl");
    const args = [
      ...["--problems", await folder.write(toLines([problem]), "problems.jsonl"), "--out", out, "--open-files", "16"],
      ...[
        "--samples",
        await folder.write(toLines([{ task_id: "1", solution: `${LIST}print(descriptors)` }]), "samples.jsonl"),
      ],
    ];
    const { code, stderr } = await command.start(["grade", ...args], { openDescriptors: [7, 40, 200, 300] }).finished;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect((await readRows(out))[0]).toMatchObject({ verdict: "accepted" });
  });
});
