import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { InputError } from "../src/errors.js";
import { createGrader } from "../src/grading/grader.js";
import { writeFewShotPrompt } from "../src/grading/problems/bbh.js";
import { readProblems } from "../src/grading/problems/index.js";
import { readSamples } from "../src/grading/samples.js";
import { closed } from "./closed-sandbox.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const BBH = join(import.meta.dirname, "../fixtures/bbh");
const folder = useTemporaryFolder();

const options = { comparator: "strict", allTests: false, limits: {}, extraction: "auto" } as const;

describe("BIG-Bench Hard", () => {
  it("every fixture sample gets its verdict under the set's own policy", async () => {
    const set = await readProblems(BBH);
    expect(set.format).toBe("bbh");
    expect(set.problems.map(({ id }) => id)).toEqual([
      "BBH/coin_counting/0",
      "BBH/coin_counting/1",
      "BBH/word_order/0",
    ]);
    const grader = createGrader(closed, options);
    for await (const { sample, line } of readSamples(join(BBH, "samples.jsonl"))) {
      const problem = set.find(sample.taskId);
      if (problem === undefined) throw new Error(`line ${line} names an unknown problem`);
      const record = await grader.grade(problem, sample);
      expect(record.verdict, `line ${line}: ${JSON.stringify(record)}`).toBe(sample.row.expect);
      expect(record.equivalence?.policy).toBe("bbh");
    }
  });

  it("another policy goes before the set's own", async () => {
    const { problems } = await readProblems(BBH);
    const [question] = problems;
    if (question === undefined) throw new Error("no problems");
    const grader = createGrader(closed, { ...options, equivalence: "default" });
    const sample = { taskId: question.id, completion: "So the answer is 3.0", solution: null, row: {} };
    expect(await grader.grade(question, sample)).toMatchObject({ passed: true, equivalence: { policy: "default" } });
  });

  it("prompts have the demonstrations with reasoning, or with the answers alone", async () => {
    const { problems } = await readProblems(BBH);
    const [first, , withoutPrompts] = problems;
    if (first === undefined || withoutPrompts === undefined) throw new Error("too few problems");
    expect(writeFewShotPrompt(first, "direct")).toBe(
      "Count coins.\n\nQ: I have one coin and find one more. How many coins do I have?\nA: 2\n\n" +
        "Q: I have no coin.\nWhich of these is right?\nOptions:\n(A) I have a coin.\n(B) I have none.\nA: (B)\n\n" +
        `Q: ${first.prompt}\nA:`,
    );
    const reasoned = writeFewShotPrompt(first, "chainOfThought");
    expect(reasoned).toMatch(/^Count coins\.\n\nQ: /);
    expect(reasoned).toContain("One and one is two. So the answer is 2.");
    expect(reasoned.endsWith(`Q: ${first.prompt}\nA: Let's think step by step.`)).toBe(true);
    expect(writeFewShotPrompt(withoutPrompts, "direct")).toBe(withoutPrompts.prompt);
  });

  it("reads the folder of tasks, one task and a packed one", async () => {
    expect((await readProblems(join(BBH, "bbh"))).problems).toHaveLength(3);
    expect((await readProblems(join(BBH, "bbh/word_order.json"))).problems.map(({ id }) => id)).toEqual([
      "BBH/word_order/0",
    ]);
    const file = join(folder.path, "packed.json.gz");
    await writeFile(file, gzipSync(JSON.stringify({ canary: "", examples: [{ input: "1+1 =", target: "2" }] })));
    const { format, problems } = await readProblems(file);
    expect([format, problems[0]?.id, problems[0]?.prompt]).toEqual(["bbh", "BBH/packed/0", "1+1 ="]);
  });

  it("names the file and the field that cannot be read", async () => {
    const tasks = join(folder.path, "bbh");
    await mkdir(tasks);
    await writeFile(join(tasks, "a.json"), JSON.stringify({ examples: [{ input: "x", target: "y" }] }));
    await writeFile(join(tasks, "b.json"), JSON.stringify({ examples: [{ input: "x" }] }));
    await expect(readProblems(folder.path)).rejects.toThrow(InputError);
    await expect(readProblems(folder.path)).rejects.toThrow(/b\.json.*examples\.0\.target/s);
  });
});
